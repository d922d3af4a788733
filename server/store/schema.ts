/**
 * The tables as Kysely sees them: one row type each, the same in SQLite and Postgres. Column names
 * are the database's; the lists at the end read rows under the port's names. migrations.ts makes
 * the tables. Times are milliseconds by the database's clock.
 */
import type { LinkRole, RunStatus } from '#shared/protocol/api.ts'
import type { StoredChunk } from './document-store.ts'

export interface Database {
  documents: DocumentsTable
  document_updates: DocumentUpdatesTable
  document_snapshots: DocumentSnapshotsTable
  document_clients: DocumentClientsTable
  document_chunks: DocumentChunksTable
  document_events: DocumentEventsTable
  document_visits: DocumentVisitsTable
  decision_answers: DecisionAnswersTable
  deletions: DeletionsTable
  runs: RunsTable
  run_stops: RunStopsTable
  users: UsersTable
  claims: ClaimsTable
  probes: ProbesTable
}

export interface DocumentsTable {
  id: string
  owner: string
  title: string
  /** The title as the search compares it: folded here, since databases fold differently. */
  title_folded: string
  link_role: LinkRole
  state: 'active' | 'deleted'
  epoch: number
  head: number
  event_head: number
  /** Sequence of the newest snapshot, 0 where there is none. */
  snapshot_seq: number
  /** Newest snapshot and the log after it. */
  bytes: number
  created_at: number
  updated_at: number
}

interface DocumentUpdatesTable {
  document_id: string
  epoch: number
  seq: number
  actor: string
  data: Uint8Array
  /** Of `data`; checked whenever the row is read. */
  crc32: number
  at: number
}

interface DocumentSnapshotsTable {
  document_id: string
  epoch: number
  seq: number
  data: Uint8Array
  /** Of `data`, in hex; checked whenever the row is read. */
  sha256: string
  at: number
}

interface DocumentClientsTable {
  document_id: string
  client_id: number
  owner: string
}

interface DocumentChunksTable {
  document_id: string
  id: string
  state: StoredChunk['state']
  kind: StoredChunk['kind']
  /** JSON of item ranges: always read and replaced as a whole. */
  ins: string
  del: string
  decided_by: string | null
  decided_at: number | null
  changed_at: number
  /** JSON of the chunk's original and staleness; null where it has none. */
  original: string | null
  stale: string | null
}

interface DocumentEventsTable {
  document_id: string
  n: number
  run: string
  type: string
  data: string
  at: number
}

interface DocumentVisitsTable {
  document_id: string
  user_id: string
  at: number
}

/** What was answered to a decision over HTTP. */
interface DecisionAnswersTable {
  document_id: string
  key: string
  asked: string
  data: string
  at: number
}

/** Since when a document is deleted; 0 once it is being taken away for good. */
interface DeletionsTable {
  document_id: string
  at: number
}

interface RunsTable {
  id: string
  document_id: string
  requester: string
  requester_name: string
  command: string
  title: string
  instruction: string
  target: string
  key: string
  model: string
  status: RunStatus
  fence: number
  owner_instance: string
  lease_until: number
  client_id: number
  tokens: number
  usage: string | null
  failure: string | null
  /** Null in rows of before: it is the run's own id. */
  suggestion: string | null
  progress: string | null
  started_at: number
  ended_at: number | null
}

/** Somebody wants a run to stop; its own instance will. */
interface RunStopsTable {
  run_id: string
  user_id: string
  user_name: string
}

interface UsersTable {
  id: string
  name: string
  color: string
  created_at: number
}

/** What one has for itself for a while: one of several instances, or one of several requests. */
interface ClaimsTable {
  name: string
  holder: string
  until: number
}

/** One row that `probe` writes to learn whether the database takes writes. */
interface ProbesTable {
  id: number
  at: number
}

/** Columns of `documents` under the names of DocumentRow. */
export const DOCUMENT_ROW = [
  'id',
  'owner',
  'title',
  'link_role as linkRole',
  'state',
  'epoch',
  'head',
  'event_head as eventHead',
  'bytes',
  'created_at as createdAt',
  'updated_at as updatedAt',
] as const

/** Columns of `runs` under the names of RunRow. */
export const RUN_ROW = [
  'id',
  'document_id as document',
  'requester',
  'requester_name as requesterName',
  'command',
  'title',
  'instruction',
  'target',
  'key',
  'model',
  'status',
  'fence',
  'owner_instance as instance',
  'lease_until as leaseUntil',
  'client_id as client',
  'tokens',
  'usage',
  'failure',
  'suggestion',
  'progress',
  'started_at as startedAt',
  'ended_at as endedAt',
] as const

/** Columns of `users` under the names of UserRow. */
export const USER_ROW = ['id', 'name', 'color', 'created_at as createdAt'] as const
