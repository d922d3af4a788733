/**
 * Runs and their leases, and the events that tell of them. What a run writes goes through
 * commit.ts, behind its fence.
 */

import { GlossError } from '#shared/errors.ts'
import type { RunStatus } from '#shared/protocol/api.ts'
import type { DocumentStore, EventRow, RunRow } from './document-store.ts'
import { RUN_ROW } from './schema.ts'
import type { Sql } from './sql-dialect.ts'

export const LIVE: readonly RunStatus[] = ['queued', 'streaming']
const RECENT_MS = 24 * 3600 * 1000

export async function createRun(
  { db, dialect }: Sql,
  run: Parameters<DocumentStore['createRun']>[0],
): Promise<{ created: boolean; run: RunRow }> {
  return db.transaction().execute(async (tx) => {
    const document = await tx
      .selectFrom('documents')
      .select('state')
      .where('id', '=', run.document)
      .$if(dialect.rowLocks, (query) => query.forUpdate())
      .executeTakeFirst()
    if (!document) throw new GlossError('not-found', `There is no document ${run.document}.`)
    if (document.state === 'deleted') {
      throw new GlossError('gone', `The document ${run.document} is deleted.`)
    }

    const existing = await tx
      .selectFrom('runs')
      .select(RUN_ROW)
      .where('document_id', '=', run.document)
      .where('key', '=', run.key)
      .executeTakeFirst()
    if (existing) return { created: false, run: existing }

    const made = await tx
      .insertInto('runs')
      .values((is) => ({
        id: run.id,
        document_id: run.document,
        requester: run.requester,
        requester_name: run.requesterName,
        command: run.command,
        title: run.title,
        instruction: run.instruction,
        target: run.target,
        key: run.key,
        model: run.model,
        status: run.status,
        fence: 1,
        owner_instance: run.instance,
        lease_until: is(dialect.now, '+', run.leaseMs),
        client_id: run.client,
        tokens: 0,
        usage: null,
        failure: null,
        suggestion: run.suggestion,
        progress: run.progress,
        started_at: dialect.now,
        ended_at: null,
      }))
      .onConflict((conflict) => conflict.column('id').doNothing())
      .returning(RUN_ROW)
      .executeTakeFirst()
    if (!made) throw new GlossError('conflict', `There is a run ${run.id} already.`)
    return { created: true, run: made }
  })
}

export async function getRun({ db }: Sql, id: string): Promise<RunRow | undefined> {
  return db.selectFrom('runs').select(RUN_ROW).where('id', '=', id).executeTakeFirst()
}

export async function listRuns({ db, dialect }: Sql, document: string): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .select(RUN_ROW)
    .where('document_id', '=', document)
    .where((is) =>
      is.or([is('status', 'in', LIVE), is('ended_at', '>', is(dialect.now, '-', RECENT_MS))]),
    )
    .orderBy('started_at')
    .orderBy('id')
    .execute()
}

export async function countLiveRuns({ db }: Sql): Promise<number> {
  const { count } = await db
    .selectFrom('runs')
    .select((is) => is.fn.countAll<number>().as('count'))
    .where('status', 'in', LIVE)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function renewLease(
  { db, dialect }: Sql,
  id: string,
  fence: number,
  leaseMs: number,
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('runs')
    .set((is) => ({ lease_until: is(dialect.now, '+', leaseMs) }))
    .where('id', '=', id)
    .where('fence', '=', fence)
    .where('status', 'in', LIVE)
    .executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}

export async function expiredRuns({ db, dialect }: Sql): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .select(RUN_ROW)
    .where('status', 'in', LIVE)
    .where('lease_until', '<', dialect.now)
    .orderBy('started_at')
    .orderBy('id')
    .execute()
}

/** The first who asked is remembered. A run that is not live, or not there, takes no notice. */
export async function askStop(
  { db }: Sql,
  run: string,
  by: { id: string; name: string },
): Promise<void> {
  await db
    .insertInto('run_stops')
    .columns(['run_id', 'user_id', 'user_name'])
    .expression((is) =>
      is
        .selectFrom('runs')
        .select((of) => ['id', of.val(by.id).as('user_id'), of.val(by.name).as('user_name')])
        .where('id', '=', run)
        .where('status', 'in', LIVE),
    )
    .onConflict((conflict) => conflict.column('run_id').doNothing())
    .execute()
}

export async function askedToStop(
  { db }: Sql,
  instance: string,
): Promise<{ run: string; by: { id: string; name: string } }[]> {
  const rows = await db
    .selectFrom('run_stops')
    .innerJoin('runs', 'runs.id', 'run_stops.run_id')
    .select(['runs.id as run', 'user_id', 'user_name'])
    .where('status', 'in', LIVE)
    .where('owner_instance', '=', instance)
    .execute()
  return rows.map(({ run, user_id: id, user_name: name }) => ({ run, by: { id, name } }))
}

export async function eventsAfter(
  { db }: Sql,
  document: string,
  n: number,
  limit: number,
): Promise<EventRow[]> {
  return db
    .selectFrom('document_events')
    .select(['n', 'type', 'run', 'data', 'at'])
    .where('document_id', '=', document)
    .where('n', '>', n)
    .orderBy('n')
    .limit(limit)
    .execute()
}

export async function firstEvent({ db }: Sql, document: string): Promise<number> {
  const row = await db
    .selectFrom('documents')
    .select((is) => [
      'event_head',
      is
        .selectFrom('document_events')
        .select((of) => of.fn.min('n').as('n'))
        .whereRef('document_events.document_id', '=', 'documents.id')
        .as('first'),
    ])
    .where('id', '=', document)
    .executeTakeFirst()
  if (!row) throw new GlossError('not-found', `There is no document ${document}.`)
  return row.first ?? row.event_head + 1
}

export async function trimEvents({ db, dialect }: Sql, olderThanMs: number): Promise<number> {
  const { numDeletedRows } = await db
    .deleteFrom('document_events')
    .where((is) => is('at', '<=', is(dialect.now, '-', olderThanMs)))
    // A clock set back must not tear a hole: only what has nothing younger before it goes.
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('document_events as earlier')
            .select('earlier.n')
            .whereRef('earlier.document_id', '=', 'document_events.document_id')
            .whereRef('earlier.n', '<', 'document_events.n')
            .where((of) => of('earlier.at', '>', of(dialect.now, '-', olderThanMs))),
        ),
      ),
    )
    .executeTakeFirstOrThrow()
  return Number(numDeletedRows)
}
