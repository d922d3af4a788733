/**
 * `node:sqlite` as Kysely wants it: a Kysely dialect over one connection that keeps its prepared
 * statements, and the SqlDialect of SQLite. Runs in the store's worker; knows no tables.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { type SqliteDatabase, SqliteDialect, type SqliteStatement, sql } from 'kysely'
import { GlossError } from '#shared/errors.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** Group commits insert as many rows as there are: each number of rows is a statement of its own. */
const KEPT_STATEMENTS = 256

/** Result codes, https://sqlite.org/rescode.html */
const SQLITE_FULL = 13
const SQLITE_IOERR_SHMSIZE = 4874
const SQLITE_CONSTRAINT_FOREIGNKEY = 787

export const sqliteDialect: SqlDialect = {
  now: sql<number>`cast(round(unixepoch('subsec') * 1000) as integer)`,
  bytes: 'blob',
  rowLocks: false,
  isUndone: () => false,
  failure(error) {
    switch (resultCode(error)) {
      case SQLITE_FULL:
      case SQLITE_IOERR_SHMSIZE:
        return new GlossError('storage-full', 'The disk is full.', error)
      case SQLITE_CONSTRAINT_FOREIGNKEY:
        return new GlossError('not-found', 'There is no such document.', error)
      default:
        return new GlossError('unavailable', 'The database failed.', error)
    }
  },
}

/** Owns the connection: closed when Kysely is destroyed. */
export function nodeSqlite(database: DatabaseSync): SqliteDialect {
  return new SqliteDialect({ database: new Connection(database) })
}

class Connection implements SqliteDatabase {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, Statement>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  prepare(text: string): SqliteStatement {
    // A full disk ends a transaction by itself. Kysely then rolls back what is gone, and that
    // must not hide the first error.
    if (text === 'rollback' && !this.#database.isTransaction) return NOTHING

    const statement = this.#statements.get(text) ?? new Statement(this.#database.prepare(text))
    this.#statements.delete(text)
    this.#statements.set(text, statement)
    if (this.#statements.size > KEPT_STATEMENTS) {
      const [oldest] = this.#statements.keys()
      if (oldest !== undefined) this.#statements.delete(oldest)
    }
    return statement
  }

  close(): void {
    this.#statements.clear()
    this.#database.close()
  }
}

class Statement implements SqliteStatement {
  readonly reader: boolean
  readonly #statement: StatementSync

  constructor(statement: StatementSync) {
    this.#statement = statement
    this.reader = statement.columns().length > 0
  }

  all(parameters: readonly unknown[]): unknown[] {
    return this.#statement.all(...values(parameters))
  }

  run(parameters: readonly unknown[]) {
    return this.#statement.run(...values(parameters))
  }

  iterate(parameters: readonly unknown[]): IterableIterator<unknown> {
    return this.#statement.iterate(...values(parameters))
  }
}

const NOTHING: SqliteStatement = {
  reader: false,
  all: () => [],
  run: () => ({ changes: 0, lastInsertRowid: 0 }),
  iterate: () => [].values(),
}

/** Kysely types its parameters as unknown; node:sqlite throws at any that it cannot bind. */
const values = (parameters: readonly unknown[]) => parameters as readonly SQLInputValue[]

function resultCode(error: unknown): number | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return typeof code === 'number' ? code : undefined
}
