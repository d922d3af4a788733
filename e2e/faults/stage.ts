/** What a scenario plays on: its chance, its evidence, and servers that are put away after it. */
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RedisProcess } from '#e2e/redis-process.ts'
import { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { Random } from '#server/testing/random.ts'
import { judge, look, watch } from './ending.ts'
import { Evidence } from './evidence.ts'
import { World, type WorldOptions } from './world.ts'

export interface Scenario {
  /** Of `research/reliability.md` §8.2. */
  id: string
  /** What it does, as the table says it. */
  fault: string
  expected: string
  play(stage: Stage): Promise<void>
}

export interface StageOptions {
  seed: number
  rounds: number
  servers: Servers
}

/** Thrown where this machine cannot do it; said loudly, never a pass. */
export class Impossible extends Error {}

/** The database of a world. */
export type Kind = 'sqlite' | 'postgres' | 'cluster'

export class Stage implements AsyncDisposable {
  readonly seed: number
  /** How often a scenario does what it does at random moments. */
  readonly rounds: number
  readonly random: Random
  readonly evidence = new Evidence()
  readonly #name: string
  readonly #servers: Servers
  #logs = 0
  readonly #open: AsyncDisposable[] = []

  constructor(name: string, { seed, rounds, servers }: StageOptions) {
    this.#name = name
    this.seed = seed
    this.rounds = rounds
    this.random = new Random(seed)
    this.#servers = servers
  }

  /** `cluster` is two instances on Postgres with a Redis of their own. */
  async world(kind: Kind, options: Partial<WorldOptions> = {}): Promise<World> {
    const seed = this.random.below(2 ** 31)
    const postgres = kind === 'sqlite' ? undefined : await this.#servers.postgres()
    const redis = kind === 'cluster' ? (options.redis ?? (await this.redis())) : undefined
    const world = await World.open({
      seed,
      ...(postgres && { postgres }),
      ...(redis && { redis, instances: 2 }),
      ...options,
    })
    this.#open.push(world)
    return world
  }

  postgres(): Promise<PostgresCluster> {
    return this.#servers.postgres()
  }

  async redis(): Promise<RedisProcess> {
    const redis = await RedisProcess.start()
    this.#open.push(redis)
    return redis
  }

  /** Plays with somebody looking all the while, then calms down and holds it to all invariants. */
  async under(world: World, act: () => Promise<void>, patienceMs?: number): Promise<void> {
    const eye = watch(world, this.evidence)
    try {
      await act()
      await eye[Symbol.asyncDispose]()
      await judge(world, this.evidence, patienceMs)
    } catch (error) {
      await eye[Symbol.asyncDispose]()
      this.#keepLogs(world)
      throw error
    }
    if (!this.evidence.holds) this.#keepLogs(world)
    await this.#close(world)
  }

  look(world: World): Promise<boolean> {
    return look(world, this.evidence)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.#open.splice(0).reverse()) await one[Symbol.asyncDispose]()
  }

  /** What the processes of a broken scenario said, for whoever looks for the cause. */
  #keepLogs(world: World): void {
    for (const { log } of world.instances) {
      const path = join(tmpdir(), `gloss-fault-${this.#name}-${this.seed}-${this.#logs++}.log`)
      writeFileSync(path, log)
      this.evidence.failures.push(`its log: ${path}`)
    }
  }

  async #close(world: World): Promise<void> {
    this.#open.splice(this.#open.indexOf(world), 1)
    await world[Symbol.asyncDispose]()
  }
}

/** The Postgres that all scenarios share, started when the first asks. */
export class Servers implements AsyncDisposable {
  #postgres: Promise<PostgresCluster> | undefined

  postgres(): Promise<PostgresCluster> {
    this.#postgres ??= PostgresCluster.start()
    return this.#postgres
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#postgres)?.[Symbol.asyncDispose]()
  }
}
