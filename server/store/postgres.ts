/**
 * The store on Postgres: for several instances on one database, or for people who have one. The
 * port is SqlStore's; here is how it is opened.
 */
import { Kysely, PostgresDialect } from 'kysely'
import type { Log } from '#server/log.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { DocumentStore } from './document-store.ts'
import { migrate } from './migrations.ts'
import { PostgresConnections } from './postgres-connections.ts'
import { postgresDialect } from './postgres-dialect.ts'
import type { Database } from './schema.ts'
import { SqlStore } from './sql-store.ts'

interface PostgresOptions {
  /** `postgres://user:password@host:port/database`, with what `pg` takes after a `?`. */
  url: string
  log: Log
  limits?: Pick<Limits, 'documentBytes'>
}

export const PostgresStore = {
  /**
   * Makes the tables when missing. Throws `unavailable`, with one line that says why, when the
   * database cannot be reached, was written by a newer Gloss, or can lose what it says is saved.
   */
  async open({ url, log, limits }: PostgresOptions): Promise<DocumentStore> {
    await prepare(url, log)
    const store = await SqlStore.open({
      connection: new PostgresDialect({ pool: new PostgresConnections({ url, log }) }),
      dialect: postgresDialect,
      log,
      ...(limits && { limits }),
    })
    log.info({}, 'the store on Postgres is open')
    return store
  },
}

/** A migration may take long, and wait for the one that another instance has begun. */
async function prepare(url: string, log: Log): Promise<void> {
  const pool = new PostgresConnections({ url, log, patient: true })
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) })
  try {
    await migrate(db, postgresDialect)
  } catch (error) {
    throw error instanceof GlossError ? error : postgresDialect.failure(error)
  } finally {
    await db.destroy()
  }
}
