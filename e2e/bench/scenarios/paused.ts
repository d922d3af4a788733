/** G: one of ten stops reading while a stream of large edits goes to the others. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Crowd } from '#e2e/bench/crowd.ts'
import { openWindow, residentBytes } from '#e2e/bench/usage.ts'
import { EVERYBODY, type Metrics, MIB, rounded, type Scenario, type Trial } from './scenario.ts'

const SIZE = 10
const PAUSED = SIZE - 1
const PASTED = 'A kilobyte of text, as somebody pastes it. '.repeat(24).slice(0, 1_000)
/** 2.6 MB a second to each reader. */
const RATE = 2_600
const SECONDS = 15
const CATCH_UP_MS = 10_000

export const paused: Scenario = {
  name: 'G',
  does: `one reader of ${SIZE} pauses while ${SECONDS * RATE} edits of a kilobyte go to the others`,
  servers: EVERYBODY,
  rounds: 1,
  columns: [
    { key: 'before', title: 'p99 before ms', ratio: true },
    { key: 'p50', title: 'p50 ms', ratio: true },
    { key: 'p99', title: 'p99 ms', ratio: true },
    { key: 'growth', title: 'RSS growth MB' },
    { key: 'mb', title: 'stream MB' },
    { key: 'kicked', title: 'kicked' },
    { key: 'catchUp', title: 'catch-up ms' },
    { key: 'cpu', title: 'CPU s', ratio: true },
    { key: 'missing', title: 'not delivered' },
    { key: 'other', title: 'other CPU %' },
  ],
  run,
}

async function run({ start, quick }: Trial): Promise<Metrics> {
  const server = await start()
  const [room = ''] = await server.rooms(1)
  const crowd = await Crowd.gather({
    size: SIZE,
    typists: 1,
    text: PASTED,
    place: (n) => server.place(room, n),
  })
  await crowd.pace(100, 1_000)
  await crowd.settle(2_000)
  crowd.reset()
  await crowd.pace(100, 1_000)
  await crowd.settle(2_000)
  const before = crowd.latency.quantile(0.99)
  crowd.reset()

  const reader = () => crowd.participants[PAUSED]
  crowd.setAside(PAUSED)
  reader()?.socket.pause()
  const rss = residentBytes(server.pid)
  let peak = rss
  const watch = setInterval(() => {
    peak = Math.max(peak, residentBytes(server.pid))
  }, 250)
  const window = openWindow(server.pid)
  await crowd.pace(RATE, quick ? 1_500 : SECONDS * 1_000)
  const { serverMs, otherPercent } = window()
  const { sent } = crowd
  const missing = await crowd.settle(CATCH_UP_MS)
  clearInterval(watch)

  const begin = performance.now()
  reader()?.socket.resume()
  // What the server has sent before it closed comes first; a page connects again by itself.
  while (!crowd.hasAll(PAUSED) && !reader()?.closed && performance.now() - begin < CATCH_UP_MS) {
    await sleep(1)
  }
  const kicked = (reader()?.closed ?? 0) !== 0
  if (kicked && !crowd.hasAll(PAUSED)) await crowd.rejoin(PAUSED)
  while (!crowd.hasAll(PAUSED) && performance.now() - begin < CATCH_UP_MS) await sleep(1)
  const catchUp = crowd.hasAll(PAUSED) ? performance.now() - begin : null
  const metrics = {
    before: rounded(before),
    p50: rounded(crowd.latency.quantile(0.5)),
    p99: rounded(crowd.latency.quantile(0.99)),
    growth: rounded((peak - rss) / MIB),
    mb: rounded((sent * PASTED.length) / 1e6),
    kicked,
    catchUp: catchUp === null ? null : rounded(catchUp),
    cpu: rounded(serverMs / 1000),
    missing,
    other: rounded(otherPercent),
  }
  crowd.leave()
  return metrics
}
