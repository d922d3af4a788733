/**
 * The short way to a document, for what opening a room mostly comes to: its row, its newest
 * snapshot and the log after it, all as they were written. The statements are prepared once. What
 * is not there or has not its sum is left to the long way (loading.ts), which knows what to do.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { snapshotSum } from './checksum.ts'
import type { DocumentRow, LoadedDocument } from './document-store.ts'
import { type ChunkRow, chunkOf, intactLog, type LogRow, RECENT_MS, UNDECIDED } from './loading.ts'
import { DOCUMENT_ROW } from './schema.ts'

/** Smaller ones are copied to the other thread faster than they are handed over. */
const LARGE_BYTES = 16 * 1024

interface SnapshotRow {
  seq: number
  data: Uint8Array
  sha256: string
}

export class SqliteLoads {
  readonly #database: DatabaseSync
  readonly #begin: StatementSync
  readonly #end: StatementSync
  readonly #document: StatementSync
  readonly #snapshot: StatementSync
  readonly #updates: StatementSync
  readonly #clients: StatementSync
  readonly #chunks: StatementSync

  constructor(database: DatabaseSync) {
    this.#database = database
    const prepare = (sql: string) => database.prepare(sql)
    this.#begin = prepare('begin')
    this.#end = prepare('commit')
    this.#document = prepare(`select ${DOCUMENT_ROW.join(', ')} from documents where id = ?`)
    this.#snapshot = prepare(
      `select seq, data, sha256 from document_snapshots
       where document_id = ? and epoch = ? and seq <= ? order by seq desc limit 1`,
    )
    this.#updates = prepare(
      `select seq, actor, data, crc32 from document_updates
       where document_id = ? and epoch = ? and seq > ? order by seq`,
    )
    this.#clients = prepare('select client_id, owner from document_clients where document_id = ?')
    this.#chunks = prepare(
      `select * from document_chunks
       where document_id = ? and (state in (${UNDECIDED.map((state) => `'${state}'`).join()})
         or changed_at > cast(round(unixepoch('subsec') * 1000) as integer) - ${RECENT_MS})
       order by id`,
    )
  }

  /** In one read transaction; undefined where it needs the long way. */
  take(id: string): LoadedDocument | undefined {
    if (this.#database.isTransaction) return undefined
    this.#begin.run()
    try {
      return this.#read(id)
    } finally {
      this.#end.run()
    }
  }

  #read(id: string): LoadedDocument | undefined {
    const row = this.#document.get(id) as unknown as DocumentRow | undefined
    if (!row) return undefined
    const { epoch, head } = row
    const found = this.#snapshot.get(id, epoch, head) as unknown as SnapshotRow | undefined
    if (found && snapshotSum(found.data) !== found.sha256) return undefined
    const after = found?.seq ?? 0
    const rows = this.#updates.all(id, epoch, after) as unknown as LogRow[]
    const updates = intactLog(rows, after, head)
    if (!updates || (!found && updates.length === 0)) return undefined
    const clients = this.#clients.all(id) as unknown as { client_id: number; owner: string }[]
    const chunks = this.#chunks.all(id) as unknown as ChunkRow[]
    return {
      row,
      snapshot: found && { seq: found.seq, data: found.data },
      updates,
      clients: new Map(clients.map(({ client_id, owner }) => [client_id, owner])),
      chunks: chunks.map(chunkOf),
    }
  }
}

/**
 * What goes to the other thread without a copy: the snapshot, and a long log, whose rows are laid
 * into one piece of memory first. Thousands of small pieces would leave holes in both threads.
 */
export function handedOver({ snapshot, updates }: LoadedDocument): ArrayBuffer[] {
  const over: ArrayBuffer[] = []
  if (snapshot && snapshot.data.length >= LARGE_BYTES) {
    over.push(snapshot.data.buffer as ArrayBuffer)
  }
  const size = updates.reduce((sum, { data }) => sum + data.length, 0)
  if (size < LARGE_BYTES) return over
  const whole = new Uint8Array(size)
  let at = 0
  for (const update of updates) {
    const from = at
    whole.set(update.data, from)
    at += update.data.length
    update.data = whole.subarray(from, at)
  }
  return [...over, whole.buffer]
}
