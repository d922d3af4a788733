/**
 * The only way into the log: one transaction over many commits. Reads the rows they are about
 * under lock, lets commit-plan.ts answer, and writes each table with one statement.
 */
import type { Transaction } from 'kysely'
import { updateSum } from './checksum.ts'
import {
  CommitPlan,
  type CommitState,
  isDecided,
  type LogRow,
  type RunState,
  within,
} from './commit-plan.ts'
import type { Commit, CommitResult } from './document-store.ts'
import type { Database, DocumentsTable } from './schema.ts'
import type { Sql, SqlDialect } from './sql-dialect.ts'

/** A statement takes at most 32,766 parameters; the widest row here has eleven. */
const ROWS_PER_STATEMENT = 500

export async function commit(sql: Sql, commits: readonly Commit[]): Promise<CommitResult[]> {
  if (commits.length === 0) return []
  return sql.db.transaction().execute(async (tx) => {
    const state = await readState(tx, sql.dialect, commits)
    const plan = new CommitPlan(state, sql.limits)
    const results = commits.map((one) => plan.take(one))
    await write(tx, plan, state.now)
    return results
  })
}

async function readState(
  tx: Transaction<Database>,
  dialect: SqlDialect,
  commits: readonly Commit[],
): Promise<CommitState> {
  const ids = unique(commits.map(({ document }) => document))
  // Locks are always taken in this order, documents by id and then runs: nobody waits in a circle.
  const rows = await tx
    .selectFrom('documents')
    .selectAll()
    .select(dialect.now.as('now'))
    .where('id', 'in', ids)
    .orderBy('id')
    .$if(dialect.rowLocks, (query) => query.forUpdate())
    .execute()
  const now = rows[0]?.now ?? 0
  const documents = new Map<string, DocumentsTable>()
  for (const { now: _, ...row } of rows) documents.set(row.id, row)
  return {
    now,
    documents,
    clients: await readClients(tx, ids, commits),
    decided: await readDecided(tx, ids, commits),
    runs: await readRuns(tx, dialect, commits),
  }
}

async function readClients(
  tx: Transaction<Database>,
  documents: string[],
  commits: readonly Commit[],
): Promise<Map<string, string>> {
  const claimed = unique(commits.flatMap(({ clients = [] }) => clients.map((one) => one.client)))
  if (claimed.length === 0) return new Map()
  const rows = await tx
    .selectFrom('document_clients')
    .selectAll()
    .where('document_id', 'in', documents)
    .where('client_id', 'in', claimed)
    .execute()
  return new Map(rows.map((row) => [within(row.document_id, row.client_id), row.owner]))
}

async function readDecided(
  tx: Transaction<Database>,
  documents: string[],
  commits: readonly Commit[],
): Promise<Set<string>> {
  const asked = unique(commits.flatMap(({ undecided = [] }) => undecided))
  if (asked.length === 0) return new Set()
  const rows = await tx
    .selectFrom('document_chunks')
    .select(['document_id', 'id', 'state'])
    .where('document_id', 'in', documents)
    .where('id', 'in', asked)
    .execute()
  return new Set(rows.filter(isDecided).map((row) => within(row.document_id, row.id)))
}

async function readRuns(
  tx: Transaction<Database>,
  dialect: SqlDialect,
  commits: readonly Commit[],
): Promise<Map<string, RunState>> {
  const ids = unique(commits.flatMap(({ run }) => (run ? [run.id] : [])))
  if (ids.length === 0) return new Map()
  const rows = await tx
    .selectFrom('runs')
    .select([
      'id',
      'document_id as document',
      'status',
      'fence',
      'lease_until as leaseUntil',
      'tokens',
      'failure',
      'usage',
      'progress',
      'ended_at as endedAt',
    ])
    .where('id', 'in', ids)
    .orderBy('id')
    .$if(dialect.rowLocks, (query) => query.forUpdate())
    .execute()
  return new Map(rows.map(({ id, ...run }) => [id, run]))
}

async function write(tx: Transaction<Database>, plan: CommitPlan, at: number): Promise<void> {
  await writeDocuments(tx, [...plan.documents.values()])
  await writeUpdates(tx, plan.updates, at)
  for (const rows of slices(plan.clients)) {
    await tx
      .insertInto('document_clients')
      .values(
        rows.map(({ document: document_id, client: client_id, owner }) => ({
          document_id,
          client_id,
          owner,
        })),
      )
      .execute()
  }
  for (const rows of slices(plan.events)) {
    await tx
      .insertInto('document_events')
      .values(rows.map(({ document: document_id, ...event }) => ({ document_id, ...event, at })))
      .execute()
  }
  for (const rows of slices(plan.answers)) {
    await tx
      .insertInto('decision_answers')
      .values(rows.map(({ document: document_id, ...answer }) => ({ document_id, ...answer, at })))
      .onConflict((conflict) => conflict.columns(['document_id', 'key']).doNothing())
      .execute()
  }
  await writeChunks(tx, plan, at)
  for (const [id, run] of plan.runs) {
    await tx
      .updateTable('runs')
      .set({
        status: run.status,
        fence: run.fence,
        lease_until: run.leaseUntil,
        tokens: run.tokens,
        failure: run.failure,
        usage: run.usage,
        progress: run.progress,
        ended_at: run.endedAt,
      })
      .where('id', '=', id)
      .execute()
  }
}

/** The rows exist and are locked; as an insert that conflicts they are one statement, not many. */
async function writeDocuments(tx: Transaction<Database>, all: DocumentsTable[]): Promise<void> {
  for (const rows of slices(all)) {
    await tx
      .insertInto('documents')
      .values(rows)
      .onConflict((conflict) =>
        conflict.column('id').doUpdateSet((is) => ({
          head: is.ref('excluded.head'),
          event_head: is.ref('excluded.event_head'),
          bytes: is.ref('excluded.bytes'),
          updated_at: is.ref('excluded.updated_at'),
        })),
      )
      .execute()
  }
}

async function writeUpdates(tx: Transaction<Database>, all: LogRow[], at: number): Promise<void> {
  for (const rows of slices(all)) {
    await tx
      .insertInto('document_updates')
      .values(
        rows.map(({ document: document_id, epoch, seq, actor, data }) => ({
          document_id,
          epoch,
          seq,
          actor,
          data,
          crc32: updateSum(data),
          at,
        })),
      )
      .execute()
  }
}

async function writeChunks(tx: Transaction<Database>, plan: CommitPlan, at: number): Promise<void> {
  for (const rows of slices([...plan.chunks.values()])) {
    await tx
      .insertInto('document_chunks')
      .values(
        rows.map(({ document, chunk }) => ({
          document_id: document,
          id: chunk.id,
          state: chunk.state,
          kind: chunk.kind,
          ins: JSON.stringify(chunk.ins),
          del: JSON.stringify(chunk.del),
          decided_by: chunk.decidedBy,
          decided_at: chunk.decidedAt,
          changed_at: at,
          original: jsonOf(chunk.original),
          stale: jsonOf(chunk.stale),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['document_id', 'id']).doUpdateSet((is) => ({
          state: is.ref('excluded.state'),
          kind: is.ref('excluded.kind'),
          ins: is.ref('excluded.ins'),
          del: is.ref('excluded.del'),
          decided_by: is.ref('excluded.decided_by'),
          decided_at: is.ref('excluded.decided_at'),
          changed_at: is.ref('excluded.changed_at'),
          original: is.ref('excluded.original'),
          stale: is.ref('excluded.stale'),
        })),
      )
      .execute()
  }
}

const jsonOf = (value: object | null): string | null =>
  value === null ? null : JSON.stringify(value)

function* slices<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) {
    yield rows.slice(at, at + ROWS_PER_STATEMENT)
  }
}

const unique = <T>(values: T[]): T[] => [...new Set(values)]
