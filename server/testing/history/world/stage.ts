/**
 * Stage is the server side of a history: one SQLite database in memory, one bus, instances with
 * rooms and runs of the product, and a model whose words the script hands out.
 */
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { Runs } from '#server/ai/runs.ts'
import { MemoryBus, MemoryHub } from '#server/bus/memory.ts'
import type { Log } from '#server/log.ts'
import { Metrics } from '#server/metrics.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import type { Room } from '#server/rooms/room.ts'
import { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import { nodeSqlite, sqliteDialect } from '#server/store/node-sqlite.ts'
import type { Database } from '#server/store/schema.ts'
import type { Sql } from '#server/store/sql-dialect.ts'
import { SqlStore } from '#server/store/sql-store.ts'
import { transplant, transplantUsers } from '#server/store/transplant.ts'
import { NAMES } from '#server/testing/history/script.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { clock } from './determinism.ts'
import { ScriptedModel } from './scripted-model.ts'

export const DOCUMENT = 'document'
/** Links of the histories lead to these; a model may repeat them. */
const HOSTS = new Set(['a.example', 'b.example'])

export interface Instance {
  rooms: RoomRegistry
  runs: Runs
}

export class Stage {
  readonly store: DocumentStore
  readonly hub = new MemoryHub()
  readonly model = new ScriptedModel()
  /** What the server found worth a warning or an error. */
  readonly complaints: string[] = []
  readonly #database: DatabaseSync
  readonly #releases: (() => void)[] = []
  readonly #instances = new Map<string, Instance>()

  static async open(markdown: string): Promise<Stage> {
    const stage = await Stage.#empty()
    const stream = new MarkdownStream(HOSTS)
    const { update, client } = firstContent([...stream.push(markdown), ...stream.end()])
    const { store } = stage
    for (const name of NAMES) await store.createUser({ id: name, name, color: '#222222' })
    await store.createDocument({
      id: DOCUMENT,
      owner: NAMES[0],
      title: 'Plan',
      first: update,
      client,
    })
    await store.changeDocument(DOCUMENT, { linkRole: 'edit' })
    return stage
  }

  static async #empty(): Promise<Stage> {
    const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true })
    const complaints: string[] = []
    const log = logInto(complaints)
    const store = await SqlStore.open({
      connection: nodeSqlite(database),
      dialect: sqliteDialect,
      log,
    })
    return new Stage(database, store, complaints)
  }

  private constructor(database: DatabaseSync, store: DocumentStore, complaints: string[]) {
    this.#database = database
    this.store = store
    this.complaints = complaints
  }

  /** Another stage with this one's document as it is committed, and nobody there. */
  async fork(): Promise<Stage> {
    const fork = await Stage.#empty()
    const [from, to] = [this.#sql, fork.#sql]
    await transplantUsers(from, to)
    await transplant(from, to, DOCUMENT)
    return fork
  }

  instance(name = 'one'): Instance {
    const known = this.#instances.get(name)
    if (known) return known
    const { store, hub, model } = this
    const log = logInto(this.complaints)
    const metrics = new Metrics()
    const shared = { store, log, metrics, limits: { ...LIMITS, drainMs: 100 } }
    const rooms = new RoomRegistry({ ...shared, bus: new MemoryBus(name, hub) })
    const runs = new Runs({ ...shared, rooms, endpoint: model, instance: name })
    const instance = { rooms, runs }
    this.#instances.set(name, instance)
    return instance
  }

  async room(name = 'one'): Promise<Room> {
    const { rooms } = this.instance(name)
    const room = rooms.peek(DOCUMENT)
    if (room) return room
    const hold = await patiently(rooms.hold(DOCUMENT))
    this.#releases.push(hold.release)
    return hold.room
  }

  /** Nobody holds a room any more, and time passes: all rooms are dropped. */
  async dropRooms(): Promise<void> {
    for (const release of this.#releases.splice(0)) release()
    await clock.advance(LIMITS.roomIdleMs + 1_000)
  }

  /** Every instance stops, as for an update of the product, and starts again when it is asked. */
  async restart(): Promise<void> {
    const all = [...this.#instances.values()]
    this.#instances.clear()
    this.#releases.length = 0
    await patiently(
      Promise.all(
        all.map(async ({ rooms, runs }) => {
          await runs.close()
          await rooms.close()
        }),
      ),
    )
  }

  async close(): Promise<void> {
    this.model.finishAll()
    await this.restart()
    await this.store.close()
  }

  get #sql(): Sql {
    const db = new Kysely<Database>({ dialect: nodeSqlite(this.#database) })
    return { db, dialect: sqliteDialect, log: logInto(this.complaints), limits: LIMITS }
  }
}

/** Lets time pass until it is there: what takes so long that nobody would wait is an error. */
export async function patiently<T>(promise: Promise<T>): Promise<T> {
  let over = false
  const done = promise.finally(() => {
    over = true
  })
  done.catch(() => undefined)
  for (let turn = 0; turn < 400 && !over; turn++) await clock.advance(turn < 4 ? 0 : 50)
  for (let turn = 0; turn < 2_000 && !over; turn++) {
    await clock.breathe()
    await clock.advance(1)
  }
  if (!over) throw new Error('it never comes to an end')
  return done
}

function logInto(complaints: string[]): Log {
  const complain = (facts: object, sentence: string) => {
    if (EXPECTED.has(sentence)) return
    const error: unknown = 'error' in facts ? facts.error : undefined
    const why = error instanceof Error ? `: ${error.message}` : ''
    complaints.push(`${sentence}${why}`)
  }
  return { debug: () => undefined, info: () => undefined, warn: complain, error: complain }
}

/** What the script itself brings about. */
const EXPECTED: ReadonlySet<string> = new Set(['a model did not answer well'])
