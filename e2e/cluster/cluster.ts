/**
 * The cluster of docker-compose.yml without Docker: real Postgres, real Redis, real nginx with the
 * files that the containers mount, and Gloss processes. All of it is killed for real and gone at
 * the end.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { GlossProcess } from '../gloss-process.ts'
import { RedisProcess } from '../redis-process.ts'
import { deployed, makeSecrets } from './deploy.ts'
import { Nginx } from './nginx.ts'

const TRIES = 3

export interface ClusterOptions {
  env?: Record<string, string>
  /** Of the proxy; any free one when left out. */
  port?: number
}

interface Parts {
  folder: string
  redis: RedisProcess
  instances: readonly GlossProcess[]
  nginx: Nginx
}

export class Cluster {
  readonly instances: readonly GlossProcess[]
  readonly redis: RedisProcess
  readonly #nginx: Nginx
  readonly #folder: string

  private constructor({ folder, redis, instances, nginx }: Parts) {
    this.#folder = folder
    this.redis = redis
    this.instances = instances
    this.#nginx = nginx
  }

  /** On a fresh database of `postgres`, which others may use too and which stays. */
  static async start(postgres: PostgresCluster, options: ClusterOptions = {}): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), 'gloss-cluster-'))
    const opened: { close?(): Promise<void>; stop?(): Promise<void> }[] = []
    try {
      const secrets = makeSecrets(join(folder, 'secrets'))
      const redis = await RedisProcess.start(secrets)
      opened.push({ close: () => redis.kill() })
      const env = {
        ...options.env,
        DATABASE_URL: postgres.url(await postgres.createDatabase()),
        REDIS_URL: redis.url,
        SESSION_SECRET_FILE: secrets.sessionSecret,
      }
      // Both at once, as compose does it: one of them makes the tables.
      const tried = await Promise.allSettled([1, 2].map(() => started(env)))
      const instances = tried.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      opened.push(...instances)
      for (const one of tried) if (one.status === 'rejected') throw one.reason
      const addresses = instances.map(({ url }) => `127.0.0.1:${new URL(url).port}`)
      const port = options.port === undefined ? {} : { port: options.port }
      const nginx = await Nginx.start({ instances: addresses, ...port })
      return new Cluster({ folder, redis, instances, nginx })
    } catch (error) {
      for (const one of opened.reverse()) await (one.close?.() ?? one.stop?.())
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  get url(): string {
    return this.#nginx.url
  }
  get port(): number {
    return this.#nginx.port
  }

  /** Starts what was killed; resolves when the proxy finds it again. */
  async run(): Promise<void> {
    await Promise.all(this.instances.filter(({ pid }) => pid === 0).map((one) => one.run()))
    const end = Date.now() + 30_000
    while (!(await ready(this.url))) {
      if (Date.now() > end) throw new Error('the proxy does not find its instances again')
    }
  }

  /** Every instance at once, without a good-bye. */
  async kill(): Promise<void> {
    await Promise.all(this.instances.map((one) => one.kill()))
  }

  async stop(): Promise<void> {
    await this.#nginx.close()
    await Promise.all(this.instances.map((one) => one.stop()))
    await this.redis.kill()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

/** As compose does it: what gives up, because its database is slow to answer, is started again. */
async function started(env: Record<string, string>): Promise<GlossProcess> {
  for (let left = TRIES; ; left--) {
    try {
      return await GlossProcess.start({ env })
    } catch (error) {
      if (left === 1) throw error
    }
  }
}

/** A Postgres with the settings that the container has. */
export async function startPostgres(): Promise<PostgresCluster> {
  const postgres = await PostgresCluster.start()
  postgres.configure(readFileSync(deployed('postgresql.conf'), 'utf8'))
  await postgres.kill()
  await postgres.start()
  return postgres
}

const ready = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`).then(
    ({ ok }) => ok,
    () => false,
  )
