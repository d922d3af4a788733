/** C: connections that do nothing: what one costs to open and to keep. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from '#e2e/bench/histogram.ts'
import { inTurns } from '#e2e/bench/in-turns.ts'
import { Participant } from '#e2e/bench/participant.ts'
import type { ServerName } from '#e2e/bench/servers/server.ts'
import { openWindow, residentBytes } from '#e2e/bench/usage.ts'
import { type Metrics, MIB, rounded, type Scenario, type Trial } from './scenario.ts'

const IN_A_ROOM = 10
const AT_ONCE = 100

export const idle = (
  name: string,
  connections: number,
  rounds: number,
  servers: readonly ServerName[],
): Scenario => ({
  name,
  does: `${connections} connections in rooms of ${IN_A_ROOM}, synced and idle`,
  servers,
  rounds,
  columns: [
    { key: 'connect', title: 'connect all ms', ratio: true },
    { key: 'cpu', title: 'CPU ms / connect', ratio: true },
    { key: 'sync', title: 'sync p99 ms', ratio: true },
    { key: 'kb', title: 'KB / conn', ratio: true },
    { key: 'rss', title: 'RSS MB' },
    { key: 'idle', title: 'idle CPU %' },
    { key: 'connected', title: 'connected' },
    { key: 'alive', title: 'alive' },
    { key: 'other', title: 'other CPU %' },
  ],
  run: (trial) => run(trial, connections),
})

async function run({ start, quick }: Trial, connections: number): Promise<Metrics> {
  const server = await start()
  const count = quick ? connections / 10 : connections
  const names = await server.rooms(count / IN_A_ROOM + 1)
  const places = await Promise.all(
    Array.from({ length: count }, (_, n) =>
      server.place(names[Math.floor(n / IN_A_ROOM)] ?? '', n),
    ),
  )
  // The first one pays for what the server does but once.
  const first = await Participant.join({ place: await server.place(names.at(-1) ?? '', 0) })
  await sleep(500)
  const before = residentBytes(server.pid)
  const sync = new Histogram()
  const people: Participant[] = []
  let refused = 0

  const connecting = openWindow(server.pid)
  await inTurns(places, AT_ONCE, async (place) => {
    const begin = performance.now()
    try {
      people.push(await Participant.join({ place }))
      sync.add(performance.now() - begin)
    } catch {
      refused++
    }
  })
  const connected = connecting()
  await sleep(1_000)
  const rss = residentBytes(server.pid)
  const resting = openWindow(server.pid)
  await sleep(quick ? 500 : 2_000)
  const rest = resting()
  const alive = await countAlive(people)
  for (const participant of [first, ...people]) participant.leave()
  return {
    connect: rounded(connected.ms),
    cpu: rounded(connected.serverMs / count),
    sync: rounded(sync.quantile(0.99)),
    kb: rounded((rss - before) / 1024 / count),
    rss: rounded(rss / MIB),
    idle: rounded((100 * rest.serverMs) / rest.ms),
    connected: count - refused,
    alive,
    other: rounded(connected.otherPercent),
  }
}

/** How many answer a ping. */
async function countAlive(people: readonly Participant[]): Promise<number> {
  const open = people.filter(({ closed }) => closed === 0).map(({ socket }) => socket)
  const before = open.map(({ pongs }) => pongs)
  for (const socket of open) socket.ping()
  const answered = () => open.filter(({ pongs }, n) => pongs > (before[n] ?? 0)).length
  const end = performance.now() + 5_000
  while (answered() < open.length && performance.now() < end) await sleep(20)
  return answered()
}
