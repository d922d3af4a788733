/**
 * A document's past, for whoever takes something back: an older snapshot and all that came after
 * it, as long as the log has them. What is deleted by now is still in there.
 */
import type { DocumentPast } from './document-store.ts'
import { readSnapshot, readWhole, snapshotSequences } from './loading.ts'
import { readTransaction, type Sql } from './sql-dialect.ts'

export async function loadPast(
  sql: Sql,
  id: string,
  epoch: number,
  before: number,
): Promise<DocumentPast | undefined> {
  return readTransaction(sql).execute(async (tx) => {
    const row = await tx
      .selectFrom('documents')
      .select(['id', 'epoch', 'head'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (row?.epoch !== epoch) return undefined
    const seq = (await snapshotSequences(tx, row)).find((one) => one < before)
    const updates = await readWhole(tx, row, seq ?? 0)
    if (seq === undefined) return updates && { snapshot: undefined, updates }
    const data = await readSnapshot(tx, row, seq)
    return data && updates && { snapshot: { seq, data }, updates }
  })
}
