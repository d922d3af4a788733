/**
 * The connections to Postgres, as Kysely wants them: few, checked when they are made, and gone as
 * soon as one is doubtful. Every wait has an end. Knows no tables.
 */
import type { PostgresCursor, PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely'
import { DatabaseError, Pool, type PoolClient } from 'pg'
import type { Log } from '#server/log.ts'
import { GlossError } from '#shared/errors.ts'
import { columnTypes } from './postgres-dialect.ts'
import { checkServer } from './postgres-server.ts'

/** Commits go one after another and loads are short: more would only wait for the same disk. */
const CONNECTIONS = 10
const CONNECT_MS = 4_000
const IDLE_MS = 60_000

/** Each ends before the next, so that the most exact error is the one that is told. */
const LIMITS_OF_WAITING = {
  /** An instance that is frozen within a transaction does not keep its locks longer. */
  idle_in_transaction_session_timeout: 4_000,
  lock_timeout: 6_000,
  statement_timeout: 8_000,
  /** By this side's clock, for a server or a network that has gone silent. */
  query_timeout: 9_000,
}

export class PostgresConnections implements PostgresPool {
  readonly #pool: Pool

  /** `patient` ones wait as long as it takes: for migrations. */
  constructor(deps: { url: string; log: Log; patient?: boolean }) {
    const { url, log, patient = false } = deps
    this.#pool = new Pool({
      connectionString: url,
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_MS,
      idleTimeoutMillis: IDLE_MS,
      keepAlive: true,
      types: columnTypes,
      fallback_application_name: 'gloss',
      // The row locks of a commit are made for it, whatever the role has been given.
      options: '-c default_transaction_isolation=read\\ committed',
      onConnect: checkServer,
      ...(patient ? {} : LIMITS_OF_WAITING),
    })
    // A lost connection is an event of the client and of the pool: unheard, it ends the process.
    this.#pool.on('connect', (client) => client.on('error', () => undefined))
    this.#pool.on('error', ({ message }) => {
      log.warn({ reason: message }, 'a connection to the database was lost')
    })
  }

  async connect(): Promise<PostgresPoolClient> {
    return new Connection(await this.#pool.connect())
  }

  end(): Promise<void> {
    return this.#pool.end()
  }
}

/** A client on loan. It is given back only if nobody has to wonder in which state it is. */
class Connection implements PostgresPoolClient {
  readonly #client: PoolClient
  #lost: unknown

  constructor(client: PoolClient) {
    this.#client = client
  }

  query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  query<R>(
    text: string | PostgresCursor<R>,
    parameters: readonly unknown[] = [],
  ): Promise<PostgresQueryResult<R>> | PostgresCursor<R> {
    if (typeof text !== 'string') throw new Error('the store reads without cursors')
    return this.#query<R>(text, parameters)
  }

  async #query<R>(text: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    // The server rolls back what it loses sight of. To fail at that would hide the first error.
    if (text === 'rollback' && this.#lost) return NOTHING
    try {
      const result = await this.#client.query(text, [...parameters])
      // Postgres answers the commit of a failed transaction with ROLLBACK, and no error.
      if (text === 'commit' && result.command !== 'COMMIT') throw new Error('it was rolled back')
      return result as unknown as PostgresQueryResult<R>
    } catch (error) {
      const answered = error instanceof DatabaseError && error.severity !== 'FATAL'
      if (!answered) this.#lost = error
      if (text !== 'commit' || answered) throw error
      throw new GlossError('unavailable', 'The outcome of a commit is unknown.', error)
    }
  }

  release(): void {
    this.#client.release(this.#lost !== undefined)
  }
}

const NOTHING: PostgresQueryResult<never> = { command: 'SELECT', rowCount: 0, rows: [] }
