/**
 * The truth: what is in the database, read past the product with SQL of our own, in one read
 * transaction. What the server says counts for nothing here.
 */
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { Client } from 'pg'
import * as Y from 'yjs'
import { docAsWritten } from '#shared/document/as-written.ts'
import { documentHash } from '#shared/document/hash.ts'

export interface TrueDocument {
  id: string
  owner: string
  head: number
  eventHead: number
  /** The log's rows without their bytes. */
  rows: { seq: number; actor: string; at: number }[]
  snapshots: number[]
  events: { n: number; type: string; run: string; data: string }[]
  runs: TrueRun[]
  chunks: TrueChunk[]
  doc: Y.Doc
  /** Wrong sums, gaps, and snapshots that say something else than the log. */
  damage: string[]
}

export interface TrueRun {
  id: string
  status: string
  client: number
  endedAt: number | null
}

export interface TrueChunk {
  id: string
  state: 'writing' | 'open' | 'accepted' | 'rejected'
  ins: { client: number; from: number; to: number }[]
}

type Row = Record<string, unknown>
type Ask = (sql: string) => Promise<Row[]> | Row[]

/** Throws where the database cannot be read now. */
export async function readTruth(
  database: { sqlite: string } | { postgres: string },
  ids: readonly string[],
): Promise<Map<string, TrueDocument>> {
  const found = new Map<string, TrueDocument>()
  await inOneRead(database, async (ask) => {
    for (const id of ids) found.set(id, await readDocument(ask, id))
  })
  return found
}

async function inOneRead(
  database: { sqlite: string } | { postgres: string },
  read: (ask: Ask) => Promise<void>,
): Promise<void> {
  if ('sqlite' in database) {
    const file = new DatabaseSync(database.sqlite, { readOnly: true, timeout: 5_000 })
    try {
      file.exec('begin')
      await read((sql) => file.prepare(sql).all())
    } finally {
      file.close()
    }
    return
  }
  const client = new Client({
    connectionString: database.postgres,
    connectionTimeoutMillis: 2_000,
    query_timeout: 10_000,
  })
  client.on('error', () => undefined) // the query that waits is told too
  await client.connect()
  try {
    await client.query('begin isolation level repeatable read read only')
    await read(async (sql) => (await client.query<Row>(sql)).rows)
  } finally {
    await client.end()
  }
}

async function readDocument(ask: Ask, id: string): Promise<TrueDocument> {
  if (!/^[\w-]+$/.test(id)) throw new Error('not an id')
  const of = `where document_id = '${id}'`
  const [row] = await ask(`select * from documents where id = '${id}'`)
  if (!row) throw new Error(`document ${id} is not in the database`)
  const epoch = Number(row.epoch)
  const head = Number(row.head)
  const updates = (
    await ask(`select * from document_updates ${of} and epoch = ${epoch} order by seq`)
  ).map((it) => ({ ...it, data: new Uint8Array(it.data as Uint8Array) }) as Row)
  const snapshots = await ask(
    `select * from document_snapshots ${of} and epoch = ${epoch} order by seq`,
  )
  const { doc, damage } = rebuild(updates, snapshots, head)
  return {
    id,
    owner: String(row.owner),
    head,
    eventHead: Number(row.event_head),
    rows: updates.map(({ seq, actor, at }) => ({
      seq: Number(seq),
      actor: String(actor),
      at: Number(at),
    })),
    snapshots: snapshots.map(({ seq }) => Number(seq)),
    events: (await ask(`select * from document_events ${of} order by n`)).map((it) => ({
      n: Number(it.n),
      type: String(it.type),
      run: String(it.run),
      data: String(it.data),
    })),
    runs: (await ask(`select * from runs ${of} order by started_at`)).map((it) => ({
      id: String(it.id),
      status: String(it.status),
      client: Number(it.client_id),
      endedAt: it.ended_at === null ? null : Number(it.ended_at),
    })),
    chunks: (await ask(`select * from document_chunks ${of}`)).map((it) => ({
      id: String(it.id),
      state: String(it.state) as TrueChunk['state'],
      ins: JSON.parse(String(it.ins)) as TrueChunk['ins'],
    })),
    doc,
    damage,
  }
}

/** The whole log where it is there, else the newest snapshot and what follows. */
export function rebuild(
  updates: Row[],
  snapshots: Row[],
  head: number,
): { doc: Y.Doc; damage: string[] } {
  const damage: string[] = []
  const newest = snapshots.at(-1)
  const first = Number(updates[0]?.seq ?? head + 1)
  const base = first === 1 ? undefined : newest
  if (first > 1 && Number(base?.seq ?? 0) < first - 1) damage.push(`nothing before ${first}`)
  updates.forEach(({ seq, data, crc32: sum }, at) => {
    if (Number(seq) !== first + at) damage.push(`${seq} follows ${first + at - 1}`)
    if (crc32(data as Uint8Array) !== Number(sum)) damage.push(`wrong sum of ${seq}`)
  })
  if (first + updates.length - 1 !== head) damage.push(`the log ends before the head ${head}`)
  for (const { seq, data, sha256 } of snapshots) {
    const sum = createHash('sha256')
      .update(data as Uint8Array)
      .digest('hex')
    if (sum !== sha256) damage.push(`wrong sum of snapshot ${seq}`)
  }
  const doc = docAsWritten()
  if (base) Y.applyUpdate(doc, new Uint8Array(base.data as Uint8Array))
  for (const { data } of updates) Y.applyUpdate(doc, data as Uint8Array)
  if (damage.length > 0) return { doc, damage }
  for (const { seq, data } of snapshots) {
    const later = updates.filter((row) => Number(row.seq) > Number(seq))
    // Of an older one the rows after it may be trimmed away.
    if (Number(seq) < first - 1 || Number(seq) + later.length !== head) continue
    const copy = docAsWritten()
    Y.applyUpdate(copy, new Uint8Array(data as Uint8Array))
    for (const row of later) Y.applyUpdate(copy, row.data as Uint8Array)
    if (difference(doc, copy)) damage.push(`snapshot ${seq}: ${difference(doc, copy)}`)
    copy.destroy()
  }
  return { doc, damage }
}

/** In what two documents differ; empty where they are the same. */
export function difference(a: Y.Doc, b: Y.Doc): string {
  const [one, other] = [Y.snapshot(a), Y.snapshot(b)]
  if (documentHash(a) !== documentHash(b)) return 'another text'
  const [left, right] = [one, other].map(({ sv }) => new Map([...sv].sort()))
  if (JSON.stringify([...left!]) !== JSON.stringify([...right!])) return 'another state vector'
  return Y.equalSnapshots(one, other) ? '' : 'another delete set'
}
