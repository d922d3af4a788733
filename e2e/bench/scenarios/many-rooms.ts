/** B: many rooms of two, one of whom types. */

import { setTimeout as sleep } from 'node:timers/promises'
import { Crowd } from '#e2e/bench/crowd.ts'
import { Histogram } from '#e2e/bench/histogram.ts'
import { inTurns } from '#e2e/bench/in-turns.ts'
import { openWindow, residentBytes } from '#e2e/bench/usage.ts'
import { EVERYBODY, type Metrics, MIB, rounded, type Scenario, type Trial } from './scenario.ts'

const ROOMS = 500
/** Edits a second in each room. */
const RATE = 2

export const manyRooms: Scenario = {
  name: 'B',
  does: `${ROOMS} rooms of two, one of them types ${RATE} characters a second`,
  servers: EVERYBODY,
  rounds: 3,
  columns: [
    { key: 'p50', title: 'p50 ms', ratio: true },
    { key: 'p99', title: 'p99 ms', ratio: true },
    { key: 'cpu', title: 'CPU ms / 1,000 delivered', ratio: true },
    { key: 'delivered', title: 'delivered/s' },
    { key: 'connect', title: 'connect all ms', ratio: true },
    { key: 'rss', title: 'RSS MB' },
    { key: 'room', title: 'KB / room (2 clients)', ratio: true },
    { key: 'gaps', title: 'gaps' },
    { key: 'other', title: 'other CPU %' },
  ],
  run,
}

async function run({ start, quick }: Trial): Promise<Metrics> {
  const server = await start()
  const count = quick ? 50 : ROOMS
  const names = await server.rooms(count + 1)
  // The first room pays for what the server does but once.
  const first = await gather(names.pop() ?? '', count)
  await sleep(300)
  const before = residentBytes(server.pid)
  const begin = performance.now()
  const crowds: Crowd[] = []
  await inTurns([...names.keys()], 25, async (n) => {
    crowds[n] = await gather(names[n] ?? '', n)
  })
  const connect = performance.now() - begin
  await type(crowds, quick ? 500 : 1_500)
  for (const crowd of crowds) crowd.reset()

  const close = openWindow(server.pid)
  await type(crowds, quick ? 1_000 : 4_000)
  const delivered = sum(crowds.map((crowd) => crowd.delivered))
  const window = close()
  const rss = residentBytes(server.pid)
  const gaps = sum(await Promise.all(crowds.map((crowd) => crowd.settle(3_000))))
  const latency = new Histogram()
  for (const crowd of crowds) latency.addAll(crowd.latency)
  for (const crowd of [first, ...crowds]) crowd.leave()
  return {
    p50: rounded(latency.quantile(0.5)),
    p99: rounded(latency.quantile(0.99)),
    cpu: rounded((window.serverMs * 1000) / delivered),
    delivered: rounded((delivered * 1000) / window.ms),
    connect: rounded(connect),
    rss: rounded(rss / MIB),
    room: rounded((rss - before) / 1024 / count),
    gaps,
    other: rounded(window.otherPercent),
  }

  function gather(room: string, n: number): Promise<Crowd> {
    return Crowd.gather({
      size: 2,
      typists: 1,
      firstClient: 0x4000_0000 + n * 104_729,
      place: (who) => server.place(room, n * 2 + who),
    })
  }
}

/** Every room's typist in turn, evenly over each period. */
async function type(crowds: readonly Crowd[], ms: number): Promise<void> {
  const begin = performance.now()
  const step = 1000 / (crowds.length * RATE)
  for (let n = 0; n * step < ms; n++) {
    const wait = begin + n * step - performance.now()
    if (wait > 0.3) await sleep(wait)
    crowds[n % crowds.length]?.type(0)
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0)
