/**
 * A world to break: real Gloss processes on a real database, a front that takes turns among them,
 * people who type, readers of the lane, a scripted model. It keeps the ledger; what the ledger
 * means is for invariants.ts.
 */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { GlossProcess } from '#e2e/gloss-process.ts'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import { api, type Guest, Refused, signIn } from '#e2e/node-client.ts'
import type { RedisProcess } from '#e2e/redis-process.ts'
import type { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { Random } from '#server/testing/random.ts'
import type { RunInfo, SuggestionInfo } from '#shared/protocol/api.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { Instance, type Wires } from './instance.ts'
import { LaneFollower } from './lane-follower.ts'
import { FaultProxy } from './proxy.ts'
import { readTruth, type TrueDocument } from './truth.ts'
import { Typist } from './typist.ts'
import { modelText } from './words.ts'

const INSIDE = fileURLToPath(new URL('./inside.ts', import.meta.url))

/** Short times, so that what takes a minute in life takes seconds here. */
const QUICK: Partial<Limits> = {
  leaseMs: 3_000,
  sweepMs: 500,
  roomIdleMs: 1_000,
  syncStep1PerMinute: 6_000,
  socketsPerUser: 200,
  runsPerWorkspace: 100,
}

export interface WorldOptions {
  seed: number
  /** The embedded database when left out. */
  postgres?: PostgresCluster
  redis?: RedisProcess
  instances?: number
  documents?: number
  people?: number
  /** Whether each document's lane has a reader: it keeps the room open. */
  lanes?: boolean
  /** Sentences of a run, and milliseconds between its tokens. */
  sentences?: number
  tokenMs?: number
  limits?: Partial<Limits>
  env?: Record<string, string>
  /** For the embedded database: a disk of its own. */
  dataDir?: string
  /** Stands between an instance and Postgres instead of a fault proxy's own port. */
  databasePort?: (instance: number) => number
}

/** A document with its people and the readers of its lane. */
export interface Place {
  id: string
  owner: Guest
  people: Typist[]
  /** Who has left for good; what they wrote counts. */
  gone: Typist[]
  lanes: LaneFollower[]
}

export class World implements AsyncDisposable {
  readonly random: Random
  readonly instances: Instance[] = []
  readonly places: Place[] = []
  readonly guests = new Map<string, Guest>()
  readonly sentences: number
  front!: FaultProxy
  model!: ModelServer
  readonly #options: WorldOptions
  #database: { sqlite: string } | { postgres: string } = { sqlite: '' }
  #asked = 0

  static async open(options: WorldOptions): Promise<World> {
    const world = new World(options)
    try {
      await world.#build()
      return world
    } catch (error) {
      await world[Symbol.asyncDispose]()
      throw error
    }
  }

  private constructor(options: WorldOptions) {
    this.#options = options
    this.random = new Random(options.seed)
    this.sentences = options.sentences ?? 60
  }

  get people(): Typist[] {
    return this.places.flatMap((place) => place.people)
  }
  get lanes(): LaneFollower[] {
    return this.places.flatMap((place) => place.lanes)
  }
  /** Instances that nobody has stopped. */
  get up(): Instance[] {
    return this.instances.filter(({ isUp }) => isUp)
  }

  /** A document of a new guest, who lets everybody write in it. */
  async addPlace(people: number): Promise<Place> {
    const owner = await this.addGuest()
    const url = this.front.url
    const { id } = (await api(url, owner, 'POST', '/api/documents', {
      title: 'Under fire',
      markdown: 'Begin here with a first line. \n\nAnd a second one that stays. ',
    })) as { id: string }
    await api(url, owner, 'PATCH', `/api/documents/${id}`, { linkRole: 'edit' })
    const place: Place = { id, owner, people: [], gone: [], lanes: [] }
    this.places.push(place)
    for (let n = 0; n < people; n++) await this.addPerson(place, this.front.url)
    if (this.#options.lanes ?? true) place.lanes.push(this.follow(place))
    return place
  }

  /** Somebody who types in this document, by this way. */
  async addPerson(place: Place, url: string): Promise<Typist> {
    const guest = await this.addGuest()
    const random = new Random(this.random.below(2 ** 31))
    const person = this.guests.size
    const typist = new Typist({ person, url, guest, document: place.id, random })
    place.people.push(typist)
    return typist
  }

  async addGuest(): Promise<Guest> {
    const guest = await signIn(this.front.url)
    this.guests.set(guest.id, guest)
    return guest
  }

  /** A reader of this document's lane, at whichever instance has its turn, or always at one. */
  follow({ id, owner }: Place, url = () => this.front.url): LaneFollower {
    return new LaneFollower(url, owner, id)
  }

  /** Everybody types for so long, each about so often a second; runs and decisions go on. */
  async work(ms: number, { rate = 5, decides = false } = {}): Promise<void> {
    const end = performance.now() + ms
    const pause = 1000 / (rate * Math.max(1, this.people.length))
    while (performance.now() < end) {
      this.random.pick(this.people).step()
      if (decides && this.random.chance(0.01)) {
        this.decide(this.random.pick(this.places)).catch(() => undefined) // refused: it counts not
      }
      await sleep(pause * 2 * this.random.next())
    }
  }

  /** Asks for one run in each document; how many were taken. */
  async startRuns(): Promise<number> {
    const asks = this.places.map((place) =>
      this.ask(place).then(
        () => 1,
        () => 0,
      ),
    )
    return (await Promise.all(asks)).reduce((sum: number, one) => sum + one, 0)
  }

  async ask(place: Place, url = this.front.url): Promise<RunInfo> {
    const { run } = (await api(url, place.owner, 'POST', `/api/documents/${place.id}/runs`, {
      command: 'continue',
      target: { document: true },
      key: `ask-${++this.#asked}`,
    })) as { run: RunInfo }
    return run
  }

  async suggestions({ id, owner }: Place): Promise<SuggestionInfo[]> {
    const path = `/api/documents/${id}/suggestions`
    const found = (await api(this.front.url, owner, 'GET', path)) as {
      suggestions: SuggestionInfo[]
    }
    return found.suggestions
  }

  /** Accepts or rejects one suggestion of this document, as chance has it. */
  async decide(place: Place): Promise<void> {
    const found = await this.suggestions(place)
    if (found.length === 0) return
    const { id } = this.random.pick(found)
    const decision = this.random.chance(0.5) ? 'accept' : 'reject'
    await this.decideOn(place, id, decision)
  }

  /** The status of the answer; somebody else may have been first. */
  async decideOn(
    { id, owner }: Place,
    suggestion: string,
    decision: 'accept' | 'reject',
    url = this.front.url,
    chunks?: number[],
  ): Promise<number> {
    const path = `/api/documents/${id}/suggestions/${suggestion}/decision`
    const key = `decision-${++this.#asked}`
    try {
      await api(url, owner, 'POST', path, { decision, key, ...(chunks && { chunks }) })
      return 200
    } catch (error) {
      if (error instanceof Refused) return error.status
      throw error
    }
  }

  /** What the database holds of each document; throws while it cannot be asked. */
  truth(): Promise<Map<string, TrueDocument>> {
    return readTruth(
      this.#database,
      this.places.map(({ id }) => id),
    )
  }

  /** Where the truth is, for whoever damages it. */
  get database(): { sqlite: string } | { postgres: string } {
    return this.#database
  }

  /** Everybody leaves. */
  async leave(): Promise<void> {
    for (const { client } of this.people) client.close()
    await Promise.all(this.lanes.map((lane) => lane.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave()
    for (const { gloss, wires } of this.instances) {
      gloss.signal('SIGCONT')
      await gloss.stop()
      await wires.database?.close()
      await wires.bus?.close()
    }
    await this.front?.close()
    await this.model?.close()
  }

  async #build(): Promise<void> {
    const { postgres, instances = 1, documents = 2, people = 3, seed, tokenMs = 8 } = this.#options
    this.model = await startModelServer()
    this.model.setDefault({ text: modelText(this.sentences), delay: tokenMs })
    const name = await postgres?.createDatabase()
    if (postgres && name) this.#database = { postgres: postgres.url(name) }
    for (let n = 0; n < instances; n++) await this.#addInstance(n, name)
    this.front = await FaultProxy.open({ targets: this.#ports, seed })
    for (let n = 0; n < documents; n++) await this.addPlace(people)
  }

  get #ports(): number[] {
    return this.instances.map(({ gloss }) => gloss.port)
  }

  async #addInstance(n: number, name: string | undefined): Promise<void> {
    const { postgres, redis, seed, limits, env, dataDir, databasePort } = this.#options
    const wireTo = (port: number) => FaultProxy.open({ targets: [port], seed: seed + n })
    const wires: Wires = {
      database: postgres && (await wireTo(databasePort?.(n) ?? postgres.port)),
      bus: redis && (await wireTo(redis.port)),
    }
    const gloss = await GlossProcess.start({
      ...(dataDir && { dataDir }),
      env: {
        GLOSS_MODEL_URL: this.model.url,
        GLOSS_MODEL: 'scripted',
        LOG_LEVEL: 'info',
        GLOSS_LIMITS: JSON.stringify({ ...QUICK, ...limits }),
        ...(postgres &&
          name && {
            DATABASE_URL: postgres.url(name, wires.database?.port),
            SESSION_SECRET: 'a secret of thirty-two bytes or more, for faults',
          }),
        ...(wires.bus && { REDIS_URL: `redis://127.0.0.1:${wires.bus.port}` }),
        ...env,
        FAULT_INSIDE: '1',
        NODE_OPTIONS: `--import ${INSIDE} ${env?.NODE_OPTIONS ?? ''}`,
      },
    })
    if (!postgres) this.#database = { sqlite: join(gloss.dataDir, 'gloss.sqlite') }
    this.instances.push(await Instance.of(gloss, wires))
  }
}
