/**
 * A database without a server: opened by a person's command, for as long as it runs. Whoever
 * writes to the embedded one must hold its lock (sqlite-files.ts), as a server would.
 */
import { rename } from 'node:fs/promises'
import { backup, DatabaseSync } from 'node:sqlite'
import { type Dialect, Kysely, PostgresDialect } from 'kysely'
import type { Log } from '#server/log.ts'
import { GlossError } from '#shared/errors.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { migrate, refuseNewer } from './migrations.ts'
import { nodeSqlite, sqliteDialect } from './node-sqlite.ts'
import { PostgresConnections } from './postgres-connections.ts'
import { postgresDialect } from './postgres-dialect.ts'
import type { Database } from './schema.ts'
import type { Sql, SqlDialect } from './sql-dialect.ts'
import { openDatabase, syncFile } from './sqlite-files.ts'

/** One step: the copy is of one moment, and no writer of another process makes it begin anew. */
const ALL_PAGES = 2 ** 31 - 1

export interface Offline {
  readonly sql: Sql
  close(): Promise<void>
}

/** To read and to write, brought to this version's tables. Throws where a newer Gloss wrote it. */
export function openOffline(path: string, log: Log): Promise<Offline> {
  return migrated(over(nodeSqlite(openDatabase(path)), sqliteDialect, log))
}

/** The same of a Postgres, which must not be in use. */
export function openOfflinePostgres(url: string, log: Log): Promise<Offline> {
  const pool = new PostgresConnections({ url, log, patient: true })
  return migrated(over(new PostgresDialect({ pool }), postgresDialect, log))
}

/** To read only, also while a server writes. Throws `unavailable` where it is no database of ours. */
export async function readOffline(path: string, log: Log): Promise<Offline> {
  const database = (() => {
    try {
      return new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    } catch (error) {
      throw new GlossError('unavailable', `${path} cannot be opened as a database.`, error)
    }
  })()
  const offline = over(nodeSqlite(database), sqliteDialect, log)
  try {
    await refuseNewer(offline.sql.db, sqliteDialect)
    return offline
  } catch (error) {
    await offline.close()
    throw error instanceof GlossError ? error : sqliteDialect.failure(error)
  }
}

/**
 * Copies the database as it is at one moment, also while a server writes to it, into one file that
 * needs no WAL beside it. Durable once this resolves.
 */
export async function copyDatabase(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 })
  const partial = `${to}.partial`
  try {
    await backup(source, partial, { rate: ALL_PAGES })
  } finally {
    source.close()
  }
  const copy = new DatabaseSync(partial)
  try {
    copy.exec('PRAGMA journal_mode = DELETE')
  } finally {
    copy.close()
  }
  syncFile(partial)
  await rename(partial, to)
}

/** What SQLite itself finds wrong with a file, in its words; empty where it finds nothing. */
export function faultsOf(path: string): string[] {
  try {
    const database = new DatabaseSync(path, { readOnly: true })
    try {
      const found = database.prepare('PRAGMA integrity_check').all()
      const strangers = database.prepare('PRAGMA foreign_key_check').all()
      return [
        ...found.map((row) => String(Object.values(row)[0])).filter((fault) => fault !== 'ok'),
        ...strangers.map(({ table }) => `a row of ${String(table)} belongs to nothing`),
      ]
    } finally {
      database.close()
    }
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}

async function migrated(offline: Offline): Promise<Offline> {
  const { db, dialect } = offline.sql
  try {
    await migrate(db, dialect)
    return offline
  } catch (error) {
    await offline.close()
    throw error instanceof GlossError ? error : dialect.failure(error)
  }
}

function over(connection: Dialect, dialect: SqlDialect, log: Log): Offline {
  const db = new Kysely<Database>({ dialect: connection })
  return { sql: { db, dialect, log, limits: LIMITS }, close: () => db.destroy() }
}
