/**
 * What was answered to a decision, under the key that it was asked with: whoever asks again, here
 * or on another instance, is told the same. A first answer comes in with its commit (commit.ts).
 */
import type { KeptAnswer } from './document-store.ts'
import type { Sql } from './sql-dialect.ts'

export async function answerTo(
  { db }: Sql,
  document: string,
  key: string,
): Promise<KeptAnswer | undefined> {
  return db
    .selectFrom('decision_answers')
    .select(['key', 'asked', 'data'])
    .where('document_id', '=', document)
    .where('key', '=', key)
    .executeTakeFirst()
}

export async function trimAnswers({ db, dialect }: Sql, olderThanMs: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('decision_answers')
    .where((is) => is('at', '<=', is(dialect.now, '-', olderThanMs)))
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
