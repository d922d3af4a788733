/** A and S: one room, five who type, everybody gets everything. */
import { Crowd } from '#e2e/bench/crowd.ts'
import { openWindow, residentBytes } from '#e2e/bench/usage.ts'
import { EVERYBODY, type Metrics, MIB, rounded, type Scenario, type Trial } from './scenario.ts'

const TYPISTS = 5
/** Ten keys a second each: a fast typist. */
const RATE = TYPISTS * 10
const IN_FLIGHT = 64
const SETTLE_MS = 5_000

export const paced = (size: number, rounds: number): Scenario => ({
  name: `A${size}`,
  does: `${size} in a room, ${TYPISTS} type 10 characters a second each`,
  servers: EVERYBODY,
  rounds,
  columns: [
    { key: 'p50', title: 'p50 ms', ratio: true },
    { key: 'p99', title: 'p99 ms', ratio: true },
    { key: 'cpu', title: 'CPU ms / 1,000 delivered', ratio: true },
    { key: 'delivered', title: 'delivered/s', ratio: true },
    { key: 'rss', title: 'RSS MB' },
    { key: 'gaps', title: 'gaps' },
    { key: 'other', title: 'other CPU %' },
  ],
  run: (trial) => measure(trial, size, 'paced'),
})

export const saturated = (size: number, rounds: number): Scenario => ({
  name: `S${size}`,
  does: `${size} in a room, ${TYPISTS} type as fast as it goes, ${IN_FLIGHT} edits under way`,
  servers: EVERYBODY,
  rounds,
  columns: [
    { key: 'delivered', title: 'delivered/s', ratio: true },
    { key: 'cpu', title: 'CPU ms / 1,000 delivered', ratio: true },
    { key: 'p99', title: 'p99 ms', ratio: true },
    { key: 'frames', title: 'frames/edit' },
    { key: 'serverCpu', title: 'server CPU %' },
    { key: 'generatorCpu', title: 'generator CPU %' },
    { key: 'rss', title: 'RSS MB' },
    { key: 'gaps', title: 'gaps' },
    { key: 'other', title: 'other CPU %' },
  ],
  run: (trial) => measure(trial, size, 'saturated'),
})

async function measure(
  { start, quick }: Trial,
  size: number,
  mode: 'paced' | 'saturated',
): Promise<Metrics> {
  const server = await start()
  const [room = ''] = await server.rooms(1)
  const crowd = await Crowd.gather({
    size,
    typists: TYPISTS,
    place: (n) => server.place(room, n),
  })
  const [warmMs, ms] = quick ? [300, 700] : mode === 'paced' ? [1_500, 3_000] : [1_000, 2_500]
  if (mode === 'paced') {
    await crowd.pace(RATE * 10, warmMs)
    await crowd.settle(SETTLE_MS)
    await crowd.pace(RATE, 200)
  } else {
    await crowd.saturate(IN_FLIGHT, warmMs)
  }
  await crowd.settle(SETTLE_MS)
  crowd.reset()

  const close = openWindow(server.pid)
  if (mode === 'paced') await crowd.pace(RATE, ms)
  else await crowd.saturate(IN_FLIGHT, ms)
  const { delivered } = crowd
  const window = close()
  const rss = residentBytes(server.pid)
  const gaps = await crowd.settle(SETTLE_MS)
  crowd.leave()
  return {
    p50: rounded(crowd.latency.quantile(0.5)),
    p99: rounded(crowd.latency.quantile(0.99)),
    cpu: rounded((window.serverMs * 1000) / delivered),
    delivered: rounded((delivered * 1000) / window.ms),
    frames: rounded(crowd.frames / (crowd.sent * size)),
    serverCpu: rounded((100 * window.serverMs) / window.ms),
    generatorCpu: rounded((100 * window.generatorMs) / window.ms),
    rss: rounded(rss / MIB),
    gaps,
    other: rounded(window.otherPercent),
  }
}
