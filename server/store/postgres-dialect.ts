/**
 * The SqlDialect of Postgres: its clock, its locks, its integers and bytes as the store wants them,
 * and what its errors mean to the product. Knows no tables and no connections.
 */
import { sql } from 'kysely'
import { DatabaseError, types } from 'pg'
import { GlossError } from '#shared/errors.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SERIALIZATION_FAILURE = '40001'
const DEADLOCK_DETECTED = '40P01'

/** What an administrator can act on gets a sentence of its own. */
const REASONS: Record<string, string> = {
  '28000': 'The database does not let this user in: check DATABASE_URL.',
  '28P01': 'The database does not let this user in: check DATABASE_URL.',
  '3D000': 'The database that DATABASE_URL names does not exist.',
  '42501': 'The database user lacks a right: it has to own its database.',
  '53300': 'The database has no connection left for Gloss.',
  '55P03': 'The database waited too long for a lock.',
  '57014': 'The database took too long.',
  '57P01': 'The database is stopping.',
  '57P03': 'The database is starting or stopping.',
}

export const postgresDialect: SqlDialect = {
  // The same for a whole statement, as in SQLite: a row made now was changed at the same now.
  now: sql<number>`(extract(epoch from statement_timestamp()) * 1000)::bigint`,
  bytes: 'bytea',
  rowLocks: true,
  isUndone(error) {
    const state = sqlState(error)
    return state === SERIALIZATION_FAILURE || state === DEADLOCK_DETECTED
  },
  failure(error) {
    const state = sqlState(error)
    switch (state) {
      case undefined:
        return new GlossError('unavailable', 'The database cannot be reached.', error)
      case '53100':
        return new GlossError('storage-full', 'The disk of the database is full.', error)
      case '23503':
        return new GlossError('not-found', 'There is no such document.', error)
      case '22021':
        return new GlossError('bad-request', 'Postgres keeps no text with a NUL in it.', error)
      default:
        return new GlossError(
          'unavailable',
          REASONS[state] ?? `The database failed (SQLSTATE ${state}).`,
          error,
        )
    }
  },
}

/** Undefined where the error is not Postgres's answer, but that there was none. */
function sqlState(error: unknown): string | undefined {
  return error instanceof DatabaseError ? error.code : undefined
}

/** Numbers and Uint8Arrays, where `pg` would give strings and Buffers. */
export const columnTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    switch (oid) {
      case types.builtins.INT8:
        return Number
      case types.builtins.BYTEA:
        return bytesOf
      default:
        return types.getTypeParser(oid, format as 'text')
    }
  }) as typeof types.getTypeParser,
}

/** Memory of their own: a Buffer would hold on to the slab that it was cut from. */
function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length - 2) / 2)
  Buffer.from(bytes.buffer).write(text.slice(2), 'hex')
  return bytes
}
