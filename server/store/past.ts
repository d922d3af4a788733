/**
 * A document's past, for whoever takes something back: an older snapshot and all that came after
 * it, as long as the log has them. What is deleted by now is still in there.
 */
import { snapshotSum, updateSum } from './checksum.ts'
import type { DocumentPast } from './document-store.ts'
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
      .select(['epoch', 'head'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (row?.epoch !== epoch) return undefined
    const snapshot = await tx
      .selectFrom('document_snapshots')
      .select(['seq', 'data', 'sha256'])
      .where('document_id', '=', id)
      .where('epoch', '=', epoch)
      .where('seq', '<', before)
      .orderBy('seq', 'desc')
      .limit(1)
      .executeTakeFirst()
    const from = snapshot?.seq ?? 0
    const rows = await tx
      .selectFrom('document_updates')
      .select(['seq', 'actor', 'data', 'crc32'])
      .where('document_id', '=', id)
      .where('epoch', '=', epoch)
      .where('seq', '>', from)
      .orderBy('seq')
      .execute()
    const intact =
      rows.length === row.head - from &&
      rows.every(({ seq, data, crc32 }, n) => seq === from + 1 + n && updateSum(data) === crc32)
    if (!intact || (snapshot && snapshotSum(snapshot.data) !== snapshot.sha256)) return undefined
    return {
      snapshot: snapshot && { seq: snapshot.seq, data: snapshot.data },
      updates: rows.map(({ seq, actor, data }) => ({ seq, actor, data })),
    }
  })
}
