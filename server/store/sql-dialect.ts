/**
 * Where SQL databases differ, as far as the store minds: the rest of it is written once, in Kysely.
 * Each adapter supplies one SqlDialect. Integers must come back as numbers and bytes as Uint8Array.
 */
import type { Kysely, RawBuilder } from 'kysely'
import type { Log } from '#server/log.ts'
import type { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Database } from './schema.ts'

export interface SqlDialect {
  /** Milliseconds since 1970 by the database's own clock. */
  readonly now: RawBuilder<number>
  /** The column type for bytes. */
  readonly bytes: 'blob' | 'bytea'
  /** Whether rows are locked by `for update`. Otherwise a transaction has the database alone. */
  readonly rowLocks: boolean
  /** Whether the database undid all of it because of others, and it may go well if done again. */
  isUndone(error: unknown): boolean
  /** What an error of the driver means to the product. */
  failure(error: unknown): GlossError
}

/** What every statement of the store needs. */
export interface Sql {
  readonly db: Kysely<Database>
  readonly dialect: SqlDialect
  readonly log: Log
  readonly limits: Pick<Limits, 'documentBytes'>
}

/** A transaction that sees one state of the database from its first query to its last. */
export const readTransaction = ({ db }: Sql) =>
  db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
