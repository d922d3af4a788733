/** F: somebody types, the server is killed, the writer never comes back: what does the next find? */
import { setTimeout as sleep } from 'node:timers/promises'
import { Participant } from '#e2e/bench/participant.ts'
import { Typist } from '#e2e/bench/typist.ts'
import { readClocks } from '#e2e/bench/wire/update-clocks.ts'
import { KEEPERS, type Metrics, rounded, type Scenario, type Trial } from './scenario.ts'

const STEP_MS = 5
/** What a store may take to be read, long after the first answer. */
const LOOK_MS = 1_500

export const kill = (name: string, seconds: number, rounds: number): Scenario => ({
  name,
  does: `kill -9 after ${seconds} s of typing, an edit every ${STEP_MS} ms; only a new client looks`,
  servers: KEEPERS,
  rounds,
  columns: [
    { key: 'sent', title: 'sent' },
    { key: 'seen', title: 'seen by others' },
    { key: 'acked', title: 'acked' },
    { key: 'recovered', title: 'recovered' },
    { key: 'lost', title: 'acked (or seen) and lost' },
    { key: 'percent', title: 'lost %' },
    { key: 'ms', title: 'ms of typing lost' },
  ],
  run: (trial) => run(trial, seconds),
})

async function run({ start, quick }: Trial, seconds: number): Promise<Metrics> {
  const server = await start()
  const [room = ''] = await server.rooms(1)
  const typist = new Typist(0x4000_0001)
  let seen = 0
  const watcher = await Participant.join({
    place: await server.place(room, 0),
    onUpdate: (update) =>
      readClocks(update, (client, end) => {
        if (client === typist.client) seen = Math.max(seen, end)
      }),
  })
  const writer = await Participant.join({ place: await server.place(room, 1) })
  writer.send(typist.begin())
  const base = typist.clock
  await sleep(100)
  // Each server counts from what it has heard so far; what comes from here on are the edits.
  const ackedBefore = writer.acked
  const end = performance.now() + (quick ? 1_000 : seconds * 1_000)
  while (performance.now() < end) {
    await sleep(STEP_MS)
    writer.send(typist.type('x'))
  }
  const acked = writer.acked - ackedBefore
  await server.kill()
  watcher.leave()
  writer.leave()
  await server.restart()

  let recovered = 0
  const late = await Participant.join({
    place: await server.place(room, 2),
    onUpdate: (update) =>
      readClocks(update, (client, end) => {
        if (client === typist.client) recovered = Math.max(recovered, end - base)
      }),
  })
  await sleep(LOOK_MS)
  late.leave()
  const promised = acked > 0 ? acked : seen - base
  const lost = Math.max(0, promised - Math.max(0, recovered))
  return {
    sent: typist.clock - base,
    seen: seen - base,
    acked: acked > 0 ? acked : null,
    recovered: Math.max(0, recovered),
    lost,
    percent: rounded((100 * lost) / promised),
    ms: rounded(lost * STEP_MS),
  }
}
