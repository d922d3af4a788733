/** Moves whole documents from one database into another: rows as they are, and all of them. */
import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'
import type { Sql } from './sql-dialect.ts'

/** Everything that hangs on a document, in the order in which it may be written. */
const OF_DOCUMENT = [
  'document_updates',
  'document_snapshots',
  'document_clients',
  'document_chunks',
  'document_events',
  'document_visits',
  'decision_answers',
  'deletions',
  'runs',
] as const
const ROWS_PER_STATEMENT = 500

/** Writes the document as it is in `from`; what `to` had under its id is gone. One transaction. */
export async function transplant(from: Sql, to: Sql, id: string): Promise<void> {
  const document = await from.db
    .selectFrom('documents')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  // A backup is read as it was made: one of an older Gloss lacks the tables that came since.
  const there = new Set((await from.db.introspection.getTables()).map(({ name }) => name))
  const parts = await Promise.all(
    OF_DOCUMENT.filter((table) => there.has(table)).map(async (table) => ({
      table,
      rows: await rowsOf(from.db, table, id),
    })),
  )
  await to.db.transaction().execute(async (tx) => {
    for (const table of OF_DOCUMENT) {
      await tx.deleteFrom(table).where('document_id', '=', id).execute()
    }
    await tx.deleteFrom('documents').where('id', '=', id).execute()
    await tx.insertInto('documents').values(document).execute()
    for (const { table, rows } of parts) {
      for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
        await tx
          .insertInto(table)
          .values(rows.slice(at, at + ROWS_PER_STATEMENT))
          .execute()
      }
    }
  })
}

/** Adds the people of `from` that `to` does not know. */
export async function transplantUsers(from: Sql, to: Sql): Promise<void> {
  const users = await from.db.selectFrom('users').selectAll().execute()
  for (let at = 0; at < users.length; at += ROWS_PER_STATEMENT) {
    await to.db
      .insertInto('users')
      .values(users.slice(at, at + ROWS_PER_STATEMENT))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute()
  }
}

const rowsOf = (db: Kysely<Database>, table: (typeof OF_DOCUMENT)[number], id: string) =>
  db.selectFrom(table).selectAll().where('document_id', '=', id).execute()
