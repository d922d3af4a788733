/**
 * This instance's claim on a Postgres: alone, or together with others that share a bus. Two that
 * do not hear each other would both be right and far apart. The claim is an advisory lock, held by
 * a connection of its own: the database drops it when the process ends, however it ends.
 */
import { Client } from 'pg'
import type { Log } from '#server/log.ts'
import { GlossError } from '#shared/errors.ts'

/** Any number that is ours. */
const LOCK = 0x676c6f73
const RETRY_MS = 500
const CONNECT_MS = 5_000
const BEAT_MS = 5_000
/** So long the database may take to notice that an earlier process or connection is gone. */
const PATIENCE_MS = 6_000
const REGAIN_MS = 60_000
/** A connection that has gone silent is dropped by the server too, within half a minute. */
const KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

export interface PostgresClaimDeps {
  url: string
  /** With others, who share a bus; otherwise alone. */
  shared: boolean
  log: Log
  /** It was lost, and somebody else has it now: this instance must not go on. */
  lost(error: GlossError): void
}

export class PostgresClaim {
  readonly #deps: PostgresClaimDeps
  #client: Client | undefined
  #beat: NodeJS.Timeout | undefined
  #closed = false

  /** Throws `unavailable`, with one line that says what to do, where others do not let it in. */
  static async take(deps: PostgresClaimDeps): Promise<PostgresClaim> {
    const claim = new PostgresClaim(deps)
    const until = performance.now() + PATIENCE_MS
    for (;;) {
      if (await claim.#try()) return claim
      if (performance.now() > until) throw taken(deps.shared)
      await pause(RETRY_MS)
    }
  }

  private constructor(deps: PostgresClaimDeps) {
    this.#deps = deps
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    const client = this.#client
    this.#drop()
    await client?.end().catch(() => undefined) // what is broken needs no end
  }

  /** False where somebody else has it; throws where the database cannot be asked. */
  async #try(): Promise<boolean> {
    const client = new Client({
      connectionString: this.#deps.url,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: BEAT_MS,
      keepAlive: true,
      fallback_application_name: 'gloss claim',
      options: KEEPALIVE,
    })
    client.on('error', () => this.#regain(client))
    client.on('end', () => this.#regain(client))
    try {
      await client.connect()
      const suffix = this.#deps.shared ? '_shared' : ''
      const { rows } = await client.query(`select pg_try_advisory_lock${suffix}($1) as got`, [LOCK])
      if (rows[0]?.got !== true || this.#closed) {
        await client.end()
        return this.#closed
      }
    } catch (error) {
      client.end().catch(() => undefined)
      throw new GlossError('unavailable', 'The database cannot be reached.', error)
    }
    this.#client = client
    this.#beat = setInterval(() => {
      client.query('select 1').catch(() => this.#regain(client))
    }, BEAT_MS)
    this.#beat.unref()
    return true
  }

  #drop(): void {
    clearInterval(this.#beat)
    this.#client = undefined
  }

  /** The connection is gone, and the claim with it: it is made again as soon as that is possible. */
  #regain(client: Client): void {
    if (this.#client !== client || this.#closed) return
    this.#drop()
    client.end().catch(() => undefined)
    this.#deps.log.warn({}, 'the claim on the database is to be made again')
    this.#again().catch((error: unknown) => {
      this.#deps.log.error({ error }, 'the claim on the database failed')
    })
  }

  async #again(): Promise<void> {
    let refusedSince: number | undefined
    while (!this.#closed) {
      const got = await this.#try().catch(() => undefined)
      if (got) return
      // While the database is away nobody else has it either.
      if (got === undefined) refusedSince = undefined
      else refusedSince ??= performance.now()
      if (refusedSince !== undefined && performance.now() - refusedSince > REGAIN_MS) {
        this.#deps.lost(taken(this.#deps.shared))
        return
      }
      await pause(RETRY_MS)
    }
  }
}

const taken = (shared: boolean): GlossError =>
  new GlossError(
    'unavailable',
    shared
      ? 'A Gloss without REDIS_URL is using this database: give it the same REDIS_URL, or stop it.'
      : 'Another Gloss is using this database: several need the same REDIS_URL.',
  )

const pause = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref()
  })
