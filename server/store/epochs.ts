/**
 * A document's epoch says which history its log tells. Restoring an older state is another
 * history: with a new epoch, whoever still holds the old one is told so instead of merging it in.
 */
import type { Sql } from './sql-dialect.ts'

/** Epochs of all documents by id, deleted ones too. */
export async function epochs({ db }: Sql): Promise<Map<string, number>> {
  const rows = await db.selectFrom('documents').select(['id', 'epoch']).execute()
  return new Map(rows.map(({ id, epoch }) => [id, epoch]))
}

/**
 * Gives every document, or `only` one, an epoch above its own and not below `atLeast`, in one
 * transaction; their number. No server may be running.
 */
export async function raiseEpochs({ db }: Sql, atLeast: number, only?: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const documents = await tx
      .selectFrom('documents')
      .select(['id', 'epoch'])
      .$if(only !== undefined, (query) => query.where('id', '=', only ?? ''))
      .execute()
    for (const { id, epoch: old } of documents) {
      const epoch = Math.max(old + 1, atLeast)
      // Rows of earlier epochs, which nobody reads, keep theirs.
      for (const table of ['document_updates', 'document_snapshots'] as const) {
        await tx
          .updateTable(table)
          .set({ epoch })
          .where('document_id', '=', id)
          .where('epoch', '=', old)
          .execute()
      }
      await tx.updateTable('documents').set({ epoch }).where('id', '=', id).execute()
    }
    return documents.length
  })
}
