/**
 * The world of a test: one database, one bus medium, instances on them, and people in rooms. A
 * person has a document of their own and speaks real frames; only the sockets are left out.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bus } from '#server/bus/bus.ts'
import { MemoryBus, MemoryHub } from '#server/bus/memory.ts'
import { silent } from '#server/log.ts'
import { Metrics } from '#server/metrics.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import type { Peer } from '#server/rooms/peer.ts'
import type { Room } from '#server/rooms/room.ts'
import { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { Commit, CommitResult, DocumentStore, RunRow } from '#server/store/document-store.ts'
import { SqliteStore } from '#server/store/sqlite.ts'
import type { LinkRole } from '#shared/protocol/api.ts'
import { type ClientFrame, decodeFrame, type Frame } from '#shared/protocol/frame.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'
import { Person } from './person.ts'

/** The commits of all instances pass here: a test may hold them, or have them fail. */
export class CommitGate {
  /** Called before a transaction; what it throws is the transaction's outcome. */
  before: (commits: readonly Commit[]) => void | Promise<void> = () => undefined
  /** Called when a transaction is done; what it throws hides that it was. */
  after: (commits: readonly Commit[]) => void | Promise<void> = () => undefined
  readonly done: Commit[] = []
  #held: PromiseWithResolvers<void> | undefined

  /** From now on nothing is committed, as on a disk that does not answer. */
  hold(): void {
    this.#held ??= Promise.withResolvers<void>()
  }

  release(): void {
    this.#held?.resolve()
    this.#held = undefined
  }

  async pass(
    commits: readonly Commit[],
    commit: () => Promise<CommitResult[]>,
  ): Promise<CommitResult[]> {
    await this.#held?.promise
    await this.before(commits)
    const results = await commit()
    this.done.push(...commits)
    await this.after(commits)
    return results
  }
}

export interface Wire {
  readonly peer: Peer
  readonly frames: Frame[]
  closed: { code: number; reason: string } | undefined
  send(frame: ClientFrame): void
}

export interface WorldOptions {
  limits?: Partial<Limits>
  linkRole?: LinkRole
  /** A bus for each instance, closed by the test; on the world's own hub unless said otherwise. */
  bus?: (instance: string) => Bus
}

export class World {
  readonly gate = new CommitGate()
  readonly hub = new MemoryHub()
  readonly store: DocumentStore
  readonly limits: Limits
  readonly document = randomBytes(9).toString('base64url')
  readonly #instances = new Map<string, { rooms: RoomRegistry; metrics: Metrics }>()
  readonly #bus: (instance: string) => Bus
  #people = 0

  static async open({ limits, linkRole = 'edit', bus }: WorldOptions = {}): Promise<World> {
    const store = await sharedStore()
    const world = new World(store, { ...LIMITS, ...limits }, bus)
    const { update, client } = firstContent([])
    await store.createDocument({
      id: world.document,
      owner: 'owner',
      title: 'Plan',
      first: update,
      client,
    })
    await store.changeDocument(world.document, { linkRole })
    return world
  }

  private constructor(store: DocumentStore, limits: Limits, bus: WorldOptions['bus']) {
    this.#bus = bus ?? ((instance) => new MemoryBus(instance, this.hub))
    this.store = gated(store, this.gate)
    this.limits = limits
  }

  /** The rooms of an instance, started when it is first named. */
  instance(name = 'one'): { rooms: RoomRegistry; metrics: Metrics } {
    const known = this.#instances.get(name)
    if (known) return known
    const metrics = new Metrics()
    const rooms = new RoomRegistry({
      store: this.store,
      bus: this.#bus(name),
      log: silent,
      metrics,
      limits: this.limits,
    })
    this.#instances.set(name, { rooms, metrics })
    return { rooms, metrics }
  }

  /** The room of the document, held until the world ends. */
  async room(instance = 'one'): Promise<Room> {
    return (await this.instance(instance).rooms.hold(this.document)).room
  }

  /** Somebody new, connected and in sync. */
  async person(
    name: string,
    { instance = 'one', canWrite = true, id = name } = {},
  ): Promise<Person> {
    this.#people++
    if (!(await this.store.getUser(id))) {
      await this.store.createUser({ id, name, color: '#222222' })
    }
    const person = new Person({ id, name, color: '#222222' }, canWrite, `${name}-${this.#people}`)
    person.connect(await this.room(instance))
    await person.synced()
    return person
  }

  /** A connection that says only what the test has it say. */
  async wire(user: string, { instance = 'one', canWrite = true } = {}): Promise<Wire> {
    const room = await this.room(instance)
    const frames: Frame[] = []
    const peer: Peer = {
      id: `wire-${this.#people++}`,
      user: { id: user, name: user, color: '#222222' },
      canWrite,
      send: (frame) => frames.push(decodeFrame(frame)),
      close: (code, reason) => {
        wire.closed ??= { code, reason }
        room.leave(peer)
      },
    }
    const wire: Wire = {
      frames,
      peer,
      closed: undefined,
      send: (frame) => room.receive(peer, frame),
    }
    room.join(peer)
    return wire
  }

  /** A run's row, as the co-pilot creates it before it asks for a pen. */
  async run(set: { id?: string; requester?: string; instance?: string } = {}): Promise<RunRow> {
    const id = set.id ?? randomBytes(9).toString('base64url')
    const { run } = await this.store.createRun({
      id,
      document: this.document,
      requester: set.requester ?? 'ada',
      requesterName: 'Ada',
      command: 'continue',
      title: 'Continue',
      instruction: '',
      target: '{"document":true}',
      key: id,
      model: 'test',
      status: 'streaming',
      instance: set.instance ?? 'one',
      client: randomInt(1, 2 ** 32),
      suggestion: null,
      progress: null,
      leaseMs: 15_000,
    })
    return run
  }

  /** Every process gone at once and started again: only the database remembers. */
  async restart(): Promise<void> {
    const instances = [...this.#instances.values()]
    this.#instances.clear()
    await Promise.all(instances.map(({ rooms }) => rooms.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gate.release()
    await this.restart()
  }
}

let opened: Promise<SqliteStore> | undefined

/** One database a test file: worlds differ by their document. It goes with the process. */
function sharedStore(): Promise<SqliteStore> {
  opened ??= (async () => {
    const folder = await mkdtemp(join(tmpdir(), 'gloss-world-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    const path = join(folder, 'gloss.sqlite')
    return SqliteStore.open({ path, log: silent, ballastBytes: 0 })
  })()
  return opened
}

function gated(store: DocumentStore, gate: CommitGate): DocumentStore {
  return new Proxy(store, {
    get(target, key) {
      if (key === 'commit') {
        return (commits: readonly Commit[]) => gate.pass(commits, () => target.commit(commits))
      }
      const value: unknown = Reflect.get(target, key, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
