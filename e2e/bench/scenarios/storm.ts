/** E: everybody drops, writes on, and comes back at once with what was not sent. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from '#e2e/bench/histogram.ts'
import { inTurns } from '#e2e/bench/in-turns.ts'
import { Participant } from '#e2e/bench/participant.ts'
import type { BenchServer } from '#e2e/bench/servers/server.ts'
import { Typist } from '#e2e/bench/typist.ts'
import { openWindow } from '#e2e/bench/usage.ts'
import { Cursor, stateVector } from '#e2e/bench/wire/bytes.ts'
import { readClocks } from '#e2e/bench/wire/update-clocks.ts'
import { KEEPERS, type Metrics, rounded, type Scenario, type Trial } from './scenario.ts'

const ROOMS = 50
const IN_A_ROOM = 10
const BEFORE = 'Two hundred characters or so of a text that was there before. '.repeat(3)
const UNSENT = 'not sent yet'
const PATIENCE_MS = 15_000

export const storm = (name: string, restart: boolean, rounds: number): Scenario => ({
  name,
  does: `${ROOMS * IN_A_ROOM} clients of ${ROOMS} rooms drop${restart ? ', the server restarts,' : ''} and all come back at once with unsent edits`,
  servers: restart ? KEEPERS : ['yws', ...KEEPERS],
  rounds,
  columns: [
    { key: 'converged', title: 'converged ms' },
    { key: 'sync', title: 'sync p99 ms' },
    { key: 'cpu', title: 'server CPU s' },
    { key: 'frames', title: 'frames' },
    { key: 'equal', title: `rooms equal of ${ROOMS}` },
    { key: 'missing', title: 'clients missing edits' },
    { key: 'retries', title: 'refused and retried' },
    { key: 'other', title: 'other CPU %' },
  ],
  run: (trial) => run(trial, restart),
})

async function run({ start, quick }: Trial, restart: boolean): Promise<Metrics> {
  const server = await start()
  const names = await server.rooms(quick ? 5 : ROOMS)
  const people = names.flatMap((room, r) =>
    Array.from({ length: IN_A_ROOM }, (_, n) => new Person(room, r * IN_A_ROOM + n)),
  )
  for (const person of people) {
    person.others = people.filter(({ room }) => room === person.room)
  }
  await inTurns(people, 25, (person) => person.enter(server))
  for (const person of people) person.begin()
  await converge(people)
  for (const person of people) person.drop()
  await sleep(500)
  if (restart) {
    await server.terminate()
    await server.restart()
  }

  const sync = new Histogram()
  const window = openWindow(server.pid)
  await Promise.all(people.map((person) => person.comeBack(server, sync)))
  await converge(people)
  const { ms, serverMs, otherPercent } = window()
  const frames = people.reduce((sum, person) => sum + person.frames, 0)
  const equal = await countEqual(server, names, people)
  for (const person of people) person.drop()
  return {
    converged: rounded(ms),
    sync: rounded(sync.quantile(0.99)),
    cpu: rounded(serverMs / 1000),
    frames,
    equal,
    missing: people.filter((person) => !person.hasAll).length,
    retries: people.reduce((sum, { retries }) => sum + retries, 0),
    other: rounded(otherPercent),
  }
}

class Person {
  readonly room: string
  others: readonly Person[] = []
  retries = 0
  readonly typist: Typist
  readonly #n: number
  readonly #clocks = new Map<number, number>()
  readonly #cursor = new Cursor()
  #participant: Participant | undefined

  constructor(room: string, n: number) {
    this.room = room
    this.#n = n
    this.typist = new Typist(0x4000_0000 + n * 104_729)
  }

  get frames(): number {
    return this.#participant?.socket.frames ?? 0
  }

  get hasAll(): boolean {
    return this.others.every(({ typist }) => this.#has(typist))
  }

  async enter(server: BenchServer, has?: Uint8Array, brings?: Uint8Array): Promise<void> {
    this.#participant = await Participant.join({
      place: await server.place(this.room, this.#n),
      ...(has && { has }),
      ...(brings && { brings }),
      onUpdate: (update) => readClocks(update, this.#note, this.#cursor),
    })
  }

  begin(): void {
    this.#participant?.sendAll([this.typist.begin(), this.typist.type(BEFORE)])
  }

  drop(): void {
    this.#participant?.leave()
  }

  /** As a provider does: what it has, what it brings, and again after a moment where refused. */
  async comeBack(server: BenchServer, sync: Histogram): Promise<void> {
    const has = stateVector([...this.#clocks, [this.typist.client, this.typist.clock]])
    const unsent = this.typist.type(UNSENT)
    const begin = performance.now()
    for (;;) {
      try {
        await this.enter(server, has, unsent)
        sync.add(performance.now() - begin)
        return
      } catch (error) {
        if (performance.now() - begin > PATIENCE_MS) throw error
        this.retries++
        await sleep(100 + Math.random() * 400)
      }
    }
  }

  #has({ client, clock }: Typist): boolean {
    return client === this.typist.client || (this.#clocks.get(client) ?? 0) >= clock
  }

  readonly #note = (client: number, end: number): void => {
    if (end > (this.#clocks.get(client) ?? 0)) this.#clocks.set(client, end)
  }
}

async function converge(people: readonly Person[]): Promise<void> {
  const end = performance.now() + PATIENCE_MS
  let left = [...people]
  while (left.length > 0 && performance.now() < end) {
    left = left.filter((person) => !person.hasAll)
    if (left.length > 0) await sleep(2)
  }
}

/** In how many rooms somebody who comes now finds every edit. */
async function countEqual(
  server: BenchServer,
  names: readonly string[],
  people: readonly Person[],
): Promise<number> {
  let equal = 0
  for (const [n, room] of names.entries()) {
    const found = new Map<number, number>()
    const late = await Participant.join({
      place: await server.place(room, people.length + n),
      onUpdate: (update) => readClocks(update, (client, end) => found.set(client, end)),
    })
    late.leave()
    const inRoom = people.filter((person) => person.room === room)
    if (inRoom.every(({ typist: { client, clock } }) => found.get(client) === clock)) equal++
  }
  return equal
}
