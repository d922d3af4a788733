/**
 * What of a document's history may go. Rows: what two newer snapshots have made needless, once it
 * is old. Snapshots: they double as version history, so they are thinned, not deleted: all of the
 * last hour stay, then the last of each hour, after a day the last of each day.
 */
import type { Kysely } from 'kysely'
import { readSnapshot, snapshotSequences } from './loading.ts'
import type { Database } from './schema.ts'
import type { Sql } from './sql-dialect.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

export async function trimLog(
  { db, dialect }: Sql,
  id: string,
  olderThanMs: number,
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('documents')
      .select(['id', 'epoch', 'head'])
      .where('id', '=', id)
      .$if(dialect.rowLocks, (query) => query.forUpdate())
      .executeTakeFirst()
    if (!row) return 0

    // Only snapshots that can be read back make anything needless.
    const valid: number[] = []
    for (const seq of await snapshotSequences(tx, row)) {
      if (await readSnapshot(tx, row, seq)) valid.push(seq)
      if (valid.length === 2) break
    }
    const needless = valid[1]
    if (needless === undefined) return 0
    await thinSnapshots(tx, row, needless)

    // A clock set back must not tear a hole: nothing goes that has something younger before it.
    const { young } = await tx
      .selectFrom('document_updates')
      .select((is) => is.fn.min<number | null>('seq').as('young'))
      .where('document_id', '=', id)
      .where('epoch', '=', row.epoch)
      .where((is) => is('at', '>', is(dialect.now, '-', olderThanMs)))
      .executeTakeFirstOrThrow()
    const { numDeletedRows } = await tx
      .deleteFrom('document_updates')
      .where('document_id', '=', id)
      .where('epoch', '=', row.epoch)
      .where('seq', '<=', needless)
      .where('seq', '<', young ?? needless + 1)
      .executeTakeFirstOrThrow()
    return Number(numDeletedRows)
  })
}

/** Those before `before`, of this epoch: what a restore has put aside stays as it was. */
async function thinSnapshots(
  tx: Kysely<Database>,
  { id, epoch }: { id: string; epoch: number },
  before: number,
): Promise<void> {
  const older = await tx
    .selectFrom('document_snapshots')
    .select(['seq', 'at'])
    .where('document_id', '=', id)
    .where('epoch', '=', epoch)
    .where('seq', '<=', before)
    .orderBy('seq')
    .execute()
  const going = thinned(older)
  if (going.length === 0) return
  await tx
    .deleteFrom('document_snapshots')
    .where('document_id', '=', id)
    .where('epoch', '=', epoch)
    .where('seq', 'in', going)
    .execute()
}

/**
 * Which of a document's snapshots, oldest first, need not be kept (their sequences). Ages are
 * counted from the last one, so that no clock but the database's is asked; the last one stays.
 */
export function thinned(snapshots: readonly { seq: number; at: number }[]): number[] {
  const last = snapshots.at(-1)
  if (!last) return []
  return snapshots.flatMap(({ seq, at }, n) => {
    const next = snapshots[n + 1]
    const age = last.at - at
    if (!next || age <= HOUR_MS) return []
    const span = age <= DAY_MS ? HOUR_MS : DAY_MS
    return Math.floor(next.at / span) === Math.floor(at / span) ? [seq] : []
  })
}
