/**
 * Claims: what one may have for itself for a while, though several instances could do it. A claim
 * that is not given back runs out by the database's clock, whatever has become of its holder.
 */
import type { Sql } from './sql-dialect.ts'

/** So long a claim that ran out is still in the table, at most until the next one is made. */
const KEPT_MS = 60_000

/** True where nobody else has it. Whoever has it already has it for longer now. */
export async function claim(
  { db, dialect }: Sql,
  name: string,
  holder: string,
  ms: number,
): Promise<boolean> {
  await db
    .deleteFrom('claims')
    .where((is) => is('until', '<', is(dialect.now, '-', KEPT_MS)))
    .execute()
  const mine = await db
    .insertInto('claims')
    .values((is) => ({ name, holder, until: is(dialect.now, '+', ms) }))
    .onConflict((conflict) =>
      conflict
        .column('name')
        .doUpdateSet((is) => ({ holder, until: is.ref('excluded.until') }))
        .where((is) =>
          is.or([is('claims.until', '<=', dialect.now), is('claims.holder', '=', holder)]),
        ),
    )
    .returning('name')
    .executeTakeFirst()
  return mine !== undefined
}

export async function unclaim({ db }: Sql, name: string, holder: string): Promise<void> {
  await db.deleteFrom('claims').where('name', '=', name).where('holder', '=', holder).execute()
}

/** Whether anybody has it at this moment. */
export async function isClaimed({ db, dialect }: Sql, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('claims')
    .select('name')
    .where('name', '=', name)
    .where((is) => is('until', '>', dialect.now))
    .executeTakeFirst()
  return row !== undefined
}
