/** PlayEnd lets a run write so far, ends it in one way, and decides what it left. */
import { randomBytes } from 'node:crypto'
import { type ModelEndpoint, ModelError, type ModelPart } from '#server/ai/endpoint.ts'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { Runs } from '#server/ai/runs.ts'
import { MemoryBus, MemoryHub } from '#server/bus/memory.ts'
import { silent } from '#server/log.ts'
import { Metrics } from '#server/metrics.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import type { Room } from '#server/rooms/room.ts'
import { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentStore, UserRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import type { TriedPlace } from './places.ts'

export const END_NAMES = {
  stop: 'Somebody stops it',
  crash: 'The server’s process is killed',
  cut: 'The connection to the model breaks',
  rejection: 'All of it is rejected while it writes',
  restart: 'The server is restarted',
} as const
export type End = keyof typeof END_NAMES

/** From this part of an answer on, much of it must be there. */
const LATE = 0.8
const BY = { id: 'ben', name: 'Ben' }

/** Says a part of an answer, and the rest, an abort or a break only when it is told to. */
class HeldModel implements ModelEndpoint {
  readonly name = 'held'
  readonly builtIn = false
  readonly contextTokens = 100_000
  readonly #answer: string
  readonly #until: number
  readonly #said = Promise.withResolvers<void>()
  readonly #over = Promise.withResolvers<'broken' | 'finished'>()

  constructor(answer: string, share: number) {
    this.#answer = answer
    this.#until = Math.ceil(answer.length * share)
  }

  /** All of it is said. */
  get said(): Promise<void> {
    return this.#said.promise
  }

  breakOff(): void {
    this.#over.resolve('broken')
  }

  /** Says the rest, too. */
  finish(): void {
    this.#over.resolve('finished')
  }

  async *stream(_request: unknown, { signal }: { signal: AbortSignal }): AsyncGenerator<ModelPart> {
    for (let at = 0; at < this.#until; at += 3) {
      const text = this.#answer.slice(at, Math.min(at + 3, this.#until))
      yield { type: 'text' as const, text }
    }
    this.#said.resolve()
    const aborted = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true })
      if (signal.aborted) resolve()
    })
    const how = await Promise.race([this.#over.promise, aborted])
    if (how === 'finished') {
      yield { type: 'text' as const, text: this.#answer.slice(this.#until) }
      yield { type: 'end' as const, finish: 'stop' as const, usage: undefined }
      return
    }
    throw new ModelError(signal.aborted ? 'cancelled' : 'reset', 'it ended')
  }

  async close(): Promise<void> {
    this.breakOff()
  }
}

/** The store as one process has it: once that is killed, nothing it asks for happens. */
class Process {
  readonly store: DocumentStore
  readonly rooms: RoomRegistry
  readonly runs: Runs
  #isKilled = false

  constructor(store: DocumentStore, hub: MemoryHub, endpoint: ModelEndpoint, leaseMs: number) {
    this.store = new Proxy(store, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key, target)
        if (typeof value !== 'function') return value
        return (...given: unknown[]) =>
          this.#isKilled ? new Promise(() => undefined) : Reflect.apply(value, target, given)
      },
    })
    const name = randomBytes(6).toString('hex')
    const limits = { ...LIMITS, drainMs: 10, leaseMs, sweepMs: 3_600_000, runsPerWorkspace: 1_000 }
    const shared = { store: this.store, log: silent, metrics: new Metrics(), limits }
    this.rooms = new RoomRegistry({ ...shared, bus: new MemoryBus(name, hub) })
    this.runs = new Runs({ ...shared, rooms: this.rooms, endpoint, instance: name })
  }

  kill(): void {
    this.#isKilled = true
    // Of a process that is gone nothing ticks on.
    void this.close()
  }

  async close(): Promise<void> {
    await this.runs.close()
    await this.rooms.close()
  }
}

export interface Ended {
  before: string
  /** The views when it had ended. */
  without: string
  said: string
  /** The document after all of it was rejected, and after all of it was accepted. */
  rejected: string
  accepted: string
  /** That in plain text. */
  words: string
}

let world: Promise<World> | undefined

export async function playEnd(place: TriedPlace, end: End, share: number): Promise<Ended> {
  world ??= World.open()
  const { store } = await world
  const hub = new MemoryHub()
  const model = new HeldModel(place.answer, share)
  const id = randomBytes(9).toString('base64url')
  const user = await documentOf(store, id, place.markdown)
  const leaseMs = end === 'crash' ? 1_500 : LIMITS.leaseMs
  let at = new Process(store, hub, model, leaseMs)
  const room = (await at.rooms.hold(id)).room
  const before = await textOf(room)
  const run = await at.runs.start((await store.getDocument(id))!, user, {
    command: place.command,
    instruction: 'as it should be',
    target: place.target(room),
    key: id,
  })
  await model.said
  await comeFar(room, place, share)

  if (end === 'stop') await at.runs.stop(id, run.id, BY)
  else if (end === 'cut') model.breakOff()
  else if (end === 'rejection') {
    await rejectAll(room, run.id)
    model.finish()
  } else {
    if (end === 'crash') at.kill()
    else await at.close()
    at = new Process(store, hub, model, leaseMs)
    if (end === 'crash') await sweep(at, id, run.id)
  }
  await eventually(async () => {
    const row = await store.getRun(run.id)
    if (row?.status === 'streaming' || row?.status === 'queued') throw new Error('it still writes')
  })
  const now = (await at.rooms.hold(id)).room
  await now.drain()
  const [without, said] = [await textOf(now), await textOf(now, 'accepted')]
  const chunks = now.reading.suggestions().flatMap((one) => one.chunks)
  const decide = (decision: 'reject' | 'reopen' | 'accept') =>
    chunks.length > 0
      ? now.decide({ suggestion: run.id, chunks: chunks.map(({ n }) => n), decision, by: BY })
      : undefined
  await decide('reject')
  const rejected = await textOf(now)
  await decide('reopen')
  await decide('accept')
  const accepted = await textOf(now)
  const words = await textOf(now, 'without', 'text')
  await at.close()
  return { before, without, said, rejected, accepted, words }
}

/** Late in the answer much must have been written; early there may be nothing. */
async function comeFar(room: Room, place: TriedPlace, share: number): Promise<void> {
  if (share < LATE) return room.drain()
  await eventually(async () => {
    const text = await textOf(room, 'accepted', 'text')
    if (!place.hasCome(text)) throw new Error(`${place.name}: ${text}`)
  })
}

/** What a process does with runs whose lease has run out; here with this one, and no other cell's. */
async function sweep({ store, rooms }: Process, document: string, id: string): Promise<void> {
  await eventually(async () => {
    const expired = (await store.expiredRuns()).find((run) => run.id === id)
    if (!expired) throw new Error('its lease has not run out')
    const { room } = await rooms.hold(document)
    const failed = { kind: 'failed', failure: 'interrupted', continuable: true } as const
    await room.interruptRun(expired, { ...failed, message: 'The server stopped.' })
  })
}

async function rejectAll(room: Room, suggestion: string): Promise<void> {
  await eventually(() =>
    room.decide({ suggestion, decision: 'reject', by: BY }).then(() => undefined),
  )
}

const textOf = (
  room: Room,
  view: 'without' | 'accepted' = 'without',
  format: 'markdown' | 'text' = 'markdown',
): Promise<string> => room.reading.content(format, view)

async function documentOf(store: DocumentStore, id: string, markdown: string): Promise<UserRow> {
  const stream = new MarkdownStream(new Set())
  const { update, client } = firstContent([...stream.push(markdown), ...stream.end()])
  const user = await store.createUser({ id: `ada-${id}`, name: 'Ada', color: '#222222' })
  await store.createDocument({ id, owner: user.id, title: 'Plan', first: update, client })
  return user
}
