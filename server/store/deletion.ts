/**
 * Deleting for good. A deleted document stays whole for a while and can be restored; when its time
 * is over it is taken away piece by piece, and from the first piece on there is no way back.
 */
import type { Transaction } from 'kysely'
import type { DocumentRow, DocumentStore } from './document-store.ts'
import { type Database, DOCUMENT_ROW } from './schema.ts'
import type { Sql } from './sql-dialect.ts'

/** What hangs on a document, and what tells its rows apart there. */
const PARTS = [
  { table: 'document_updates', key: 'seq' },
  { table: 'document_snapshots', key: 'seq' },
  { table: 'document_events', key: 'n' },
  { table: 'document_chunks', key: 'id' },
  { table: 'document_clients', key: 'client_id' },
  { table: 'document_visits', key: 'user_id' },
  { table: 'decision_answers', key: 'key' },
  { table: 'runs', key: 'id' },
] as const
/** A snapshot is as large as its document. */
const SNAPSHOTS_AT_ONCE = 2
/** Of a document that is half gone: deleted before all that can be restored. */
const PAST = 0

export async function restoreDocument(
  { db, dialect }: Sql,
  id: string,
  withinMs: number,
): Promise<DocumentRow | undefined> {
  return db.transaction().execute(async (tx) => {
    const back = await tx
      .deleteFrom('deletions')
      .where('document_id', '=', id)
      .where('at', '>', PAST)
      .where((is) => is('at', '>', is(dialect.now, '-', withinMs)))
      .returning('document_id')
      .executeTakeFirst()
    if (!back) return undefined
    return tx
      .updateTable('documents')
      .set({ state: 'active' })
      .where('id', '=', id)
      .returning(DOCUMENT_ROW)
      .executeTakeFirst()
  })
}

export async function deletedDocuments(
  { db, dialect }: Sql,
  { owner, withinMs, limit }: Parameters<DocumentStore['deletedDocuments']>[0],
): ReturnType<DocumentStore['deletedDocuments']> {
  return db
    .selectFrom('documents')
    .innerJoin('deletions', 'deletions.document_id', 'documents.id')
    .select([...DOCUMENT_ROW, 'deletions.at as deletedAt'])
    .where('owner', '=', owner)
    .where('deletions.at', '>', PAST)
    .where((is) => is('deletions.at', '>', is(dialect.now, '-', withinMs)))
    .orderBy('deletions.at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
}

export async function purgeDeleted(
  { db, dialect }: Sql,
  olderThanMs: number,
  limit: number,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const over = await tx
      .selectFrom('deletions')
      .select('document_id')
      .where((is) => is('at', '<=', is(dialect.now, '-', olderThanMs)))
      .orderBy('at')
      .orderBy('document_id')
      .limit(1)
      .$if(dialect.rowLocks, (query) => query.forUpdate())
      .executeTakeFirst()
    if (!over) return 0
    const { document_id: id } = over
    await tx.updateTable('deletions').set({ at: PAST }).where('document_id', '=', id).execute()
    const gone = await takePart(tx, id, limit)
    if (gone > 0) return gone
    await tx.deleteFrom('deletions').where('document_id', '=', id).execute()
    await tx.deleteFrom('documents').where('id', '=', id).execute()
    return 1
  })
}

/** Rows of the first table that has any. */
async function takePart(tx: Transaction<Database>, id: string, limit: number): Promise<number> {
  await tx
    .deleteFrom('run_stops')
    .where('run_id', 'in', (of) => of.selectFrom('runs').select('id').where('document_id', '=', id))
    .execute()
  for (const { table, key } of PARTS) {
    const most = table === 'document_snapshots' ? Math.min(limit, SNAPSHOTS_AT_ONCE) : limit
    const { numDeletedRows } = await tx
      .deleteFrom(table)
      .where('document_id', '=', id)
      .where(key as 'document_id', 'in', (of) =>
        of
          .selectFrom(table)
          .select(key as 'document_id')
          .where('document_id', '=', id)
          .orderBy(key as 'document_id')
          .limit(most),
      )
      .executeTakeFirstOrThrow()
    if (numDeletedRows > 0n) return Number(numDeletedRows)
  }
  return 0
}
