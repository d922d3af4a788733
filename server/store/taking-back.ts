/**
 * For how long a document takes back, after a restore, what people's pages have of it. Kept as a
 * claim, so that it ends by the database's clock, on every instance, whatever becomes of them.
 */
import { claim, isClaimed, unclaim } from './claims.ts'
import type { Sql } from './sql-dialect.ts'

export const TAKE_BACK_MS = 7 * 24 * 3600 * 1000
const HOLDER = 'restore'

const nameOf = (document: string): string => `take back ${document}`

/** These documents take back from now on. */
export async function takeBack(sql: Sql, documents: readonly string[]): Promise<void> {
  for (const id of documents) await claim(sql, nameOf(id), HOLDER, TAKE_BACK_MS)
}

/** No document takes anything back any more. */
export async function endTakingBack(sql: Sql): Promise<void> {
  const { db } = sql
  const rows = await db.selectFrom('claims').select('name').where('holder', '=', HOLDER).execute()
  for (const { name } of rows) await unclaim(sql, name, HOLDER)
}

export const takesBack = (sql: Sql, document: string): Promise<boolean> =>
  isClaimed(sql, nameOf(document))
