/**
 * Reading a document back: newest valid snapshot and the log after it. Whatever is returned was
 * read whole and has its sums; where that is impossible these throw, and never return less.
 */
import { type Kysely, sql as raw } from 'kysely'
import { z } from 'zod'
import { GlossError } from '#shared/errors.ts'
import { snapshotSum, updateSum } from './checksum.ts'
import type { DocumentMargin, LoadedDocument, LoggedUpdate, StoredChunk } from './document-store.ts'
import { type Database, DOCUMENT_ROW } from './schema.ts'
import { readTransaction, type Sql } from './sql-dialect.ts'

const IDS_PER_STATEMENT = 1000
/** How long a decided chunk is still loaded: decisions can be reopened for ten minutes. */
export const RECENT_MS = 24 * 3600 * 1000
/** Chunks in these states are always loaded. */
export const UNDECIDED = ['writing', 'open', 'stale'] as const

const ItemRanges = z.array(z.object({ client: z.number(), from: z.number(), to: z.number() }))
const itemId = z.object({ client: z.number(), clock: z.number() })
const neighbour = z.union([itemId, z.literal('edge')]).nullable()
const Original = z.object({
  spans: ItemRanges,
  text: z.string(),
  block: z.string().nullable(),
  proposal: z.string(),
  struck: z.array(z.string()).nullable(),
  before: neighbour,
  behind: neighbour,
  after: z.array(itemId.extend({ character: z.string() })),
})
const Staleness = z.object({
  kind: z.enum(['changed', 'accepted']),
  by: z.string().nullable(),
  instead: ItemRanges,
  early: z.boolean(),
})

interface Place {
  id: string
  epoch: number
  head: number
}

export async function load(sql: Sql, id: string): Promise<LoadedDocument | undefined> {
  return readTransaction(sql).execute(async (tx) => {
    const row = await tx
      .selectFrom('documents')
      .select(DOCUMENT_ROW)
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) return undefined

    const content = await loadContent(tx, sql, row)
    return { row, ...content, ...(await readMargin(tx, sql, id)) }
  })
}

export async function loadMargin(sql: Sql, id: string): Promise<DocumentMargin> {
  return readTransaction(sql).execute((tx) => readMargin(tx, sql, id))
}

async function readMargin(tx: Kysely<Database>, sql: Sql, id: string): Promise<DocumentMargin> {
  const clients = await tx
    .selectFrom('document_clients')
    .select(['client_id', 'owner'])
    .where('document_id', '=', id)
    .execute()
  return {
    clients: new Map(clients.map(({ client_id, owner }) => [client_id, owner])),
    chunks: await loadChunks(tx, sql, id),
  }
}

async function loadContent(
  db: Kysely<Database>,
  { log }: Sql,
  row: Place,
): Promise<Pick<LoadedDocument, 'snapshot' | 'updates'>> {
  for (const seq of await snapshotSequences(db, row)) {
    const data = await readSnapshot(db, row, seq)
    const updates = data && (await readWhole(db, row, seq))
    if (data && updates) return { snapshot: { seq, data }, updates }
    log.error({ document: row.id, seq }, 'a snapshot or the log after it is damaged')
  }
  const updates = await readWhole(db, row, 0)
  if (updates && updates.length > 0) return { snapshot: undefined, updates }
  throw new GlossError('unavailable', `The log of document ${row.id} is damaged.`)
}

/** The sequences of a document's snapshots, newest first. */
export async function snapshotSequences(db: Kysely<Database>, { id, epoch, head }: Place) {
  const rows = await db
    .selectFrom('document_snapshots')
    .select('seq')
    .where('document_id', '=', id)
    .where('epoch', '=', epoch)
    .where('seq', '<=', head)
    .orderBy('seq', 'desc')
    .execute()
  return rows.map(({ seq }) => seq)
}

/** Undefined where the bytes are not those that were written. */
export async function readSnapshot(db: Kysely<Database>, { id, epoch }: Place, seq: number) {
  const { data, sha256 } = await db
    .selectFrom('document_snapshots')
    .select(['data', 'sha256'])
    .where('document_id', '=', id)
    .where('epoch', '=', epoch)
    .where('seq', '=', seq)
    .executeTakeFirstOrThrow()
  return snapshotSum(data) === sha256 ? data : undefined
}

/** All updates after `after` up to the head; undefined unless every one is there and intact. */
export async function readWhole(
  db: Kysely<Database>,
  { id, epoch, head }: Place,
  after: number,
): Promise<LoggedUpdate[] | undefined> {
  const rows = await db
    .selectFrom('document_updates')
    .select(['seq', 'actor', 'data', 'crc32'])
    .where('document_id', '=', id)
    .where('epoch', '=', epoch)
    .where('seq', '>', after)
    .orderBy('seq')
    .execute()
  return intactLog(rows, after, head)
}

export type LogRow = Pick<Database['document_updates'], 'seq' | 'actor' | 'data' | 'crc32'>

/** Undefined unless these are all the rows from `after` to `head`, as they were written. */
export function intactLog(
  rows: readonly LogRow[],
  after: number,
  head: number,
): LoggedUpdate[] | undefined {
  if (rows.length !== head - after) return undefined
  const intact = rows.every(
    ({ seq, data, crc32 }, at) => seq === after + 1 + at && updateSum(data) === crc32,
  )
  return intact ? rows.map(({ seq, actor, data }) => ({ seq, actor, data })) : undefined
}

async function loadChunks(
  db: Kysely<Database>,
  { dialect }: Sql,
  id: string,
): Promise<StoredChunk[]> {
  const rows = await db
    .selectFrom('document_chunks')
    .selectAll()
    .where('document_id', '=', id)
    .where((is) =>
      is.or([
        is('state', 'in', [...UNDECIDED]),
        is('changed_at', '>', is(dialect.now, '-', RECENT_MS)),
      ]),
    )
    .orderBy('id')
    .execute()
  return rows.map(chunkOf)
}

export type ChunkRow = Database['document_chunks']

export const chunkOf = (row: ChunkRow): StoredChunk => ({
  id: row.id,
  state: row.state,
  kind: row.kind,
  ins: ItemRanges.parse(JSON.parse(row.ins)),
  del: ItemRanges.parse(JSON.parse(row.del)),
  decidedBy: row.decided_by,
  decidedAt: row.decided_at,
  original: row.original === null ? null : Original.parse(JSON.parse(row.original)),
  stale: row.stale === null ? null : Staleness.parse(JSON.parse(row.stale)),
})

export async function updatesAfter(
  sql: Sql,
  id: string,
  epoch: number,
  seq: number,
): Promise<LoggedUpdate[] | undefined> {
  return readTransaction(sql).execute(async (tx) => {
    const row = await tx
      .selectFrom('documents')
      .select(['id', 'epoch', 'head'])
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row || row.epoch !== epoch || seq > row.head) return undefined
    return readWhole(tx, row, seq)
  })
}

export async function heads(
  { db }: Sql,
  ids: readonly string[],
): Promise<Map<string, { epoch: number; head: number; eventHead: number }>> {
  const found = new Map<string, { epoch: number; head: number; eventHead: number }>()
  for (let at = 0; at < ids.length; at += IDS_PER_STATEMENT) {
    const rows = await db
      .selectFrom('documents')
      .select(['id', 'epoch', 'head', 'event_head as eventHead'])
      .where('id', 'in', ids.slice(at, at + IDS_PER_STATEMENT))
      .where('state', '=', 'active')
      .execute()
    for (const { id, ...head } of rows) found.set(id, head)
  }
  return found
}

export async function putSnapshot(
  { db, dialect }: Sql,
  id: string,
  epoch: number,
  seq: number,
  data: Uint8Array,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const row = await tx
      .selectFrom('documents')
      .select(['epoch', 'head', 'snapshot_seq'])
      .where('id', '=', id)
      .$if(dialect.rowLocks, (query) => query.forUpdate())
      .executeTakeFirst()
    if (row?.epoch !== epoch || seq <= row.snapshot_seq || seq > row.head) return false

    await tx
      .insertInto('document_snapshots')
      .values({ document_id: id, epoch, seq, data, sha256: snapshotSum(data), at: dialect.now })
      .execute()
    const { after } = await tx
      .selectFrom('document_updates')
      .select(raw<number>`coalesce(sum(length(data)), 0)`.as('after'))
      .where('document_id', '=', id)
      .where('epoch', '=', epoch)
      .where('seq', '>', seq)
      .executeTakeFirstOrThrow()
    await tx
      .updateTable('documents')
      .set({ snapshot_seq: seq, bytes: data.byteLength + Number(after) })
      .where('id', '=', id)
      .execute()
    return true
  })
}
