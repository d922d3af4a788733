/**
 * The compactor: keeps logs short. It counts what is written to each document, and when there is
 * enough reads the log, has it compacted in a thread of its own, keeps the snapshot and trims what
 * two newer ones have made needless. One document at a time, and where people are typing not
 * before they pause or the log is long; a failure costs nothing but length.
 */
import type { Log } from '#server/log.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import { CompactionThread } from './compaction-thread.ts'

/** Enough to be compacted once nobody types, and enough to be compacted while they do. */
const ROWS = { calm: 500, busy: 5_000 }
const BYTES = 1024 * 1024
/** While people type, a long log waits until it has grown by its snapshot, or by such rows. */
const ROW_BYTES = 200
/** So far apart are two compactions while people type, unless the log grows beyond all measure. */
const BUSY_APART_MS = 10_000
const VERY_LONG = { bytes: 8 * 1024 * 1024, snapshots: 2 }
const CALM_MS = 1_000
const LOOK_MS = 500
const KEEP_ROWS_MS = 24 * 3600 * 1000
/** Fewer rows than this are not worth a snapshot when a room falls idle. */
const WORTH_ROWS = 20
const NEVER = { size: 0, at: Number.NEGATIVE_INFINITY }

export interface CompactorDeps {
  store: Pick<DocumentStore, 'load' | 'putSnapshot' | 'trimLog'>
  log: Log
}

export class Compactor {
  readonly #deps: CompactorDeps
  readonly #written = new Map<string, { rows: number; bytes: number; at: number }>()
  /** When the last one was made, and how long it came out: the work that the next one will be. */
  readonly #made = new Map<string, { size: number; at: number }>()
  /** Long enough, and waiting for their writers to pause. */
  readonly #waiting = new Set<string>()
  readonly #queue = new Set<string>()
  readonly #thread = new CompactionThread()
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #closed = false

  constructor(deps: CompactorDeps) {
    this.#deps = deps
  }

  /** So much was added to a document's log. */
  written(document: string, rows: number, bytes: number): void {
    let total = this.#written.get(document)
    if (!total) {
      total = { rows: 0, bytes: 0, at: 0 }
      this.#written.set(document, total)
    }
    total.rows += rows
    total.bytes += bytes
    total.at = performance.now()
    const { size, at } = this.#made.get(document) ?? NEVER
    const soon = total.at - at < BUSY_APART_MS
    const isLong = soon
      ? total.bytes >= Math.max(VERY_LONG.bytes, size * VERY_LONG.snapshots)
      : total.bytes >= Math.max(BYTES, size) || total.rows >= Math.max(ROWS.busy, size / ROW_BYTES)
    if (isLong) this.compact(document)
    else if (total.rows >= ROWS.calm) this.#compactWhenCalm(document)
  }

  /** A document was loaded with so much after its snapshot, from before this instance counted. */
  found(document: string, rows: number, bytes: number): void {
    if (rows === 0) return
    const known = this.#written.get(document) ?? { rows: 0, bytes: 0 }
    this.written(document, Math.max(0, rows - known.rows), Math.max(0, bytes - known.bytes))
  }

  /** Nobody is in the document any more. */
  idle(document: string): void {
    if ((this.#written.get(document)?.rows ?? 0) >= WORTH_ROWS) this.compact(document)
    this.#made.delete(document)
  }

  /** Compacts it when its turn comes. */
  compact(document: string): void {
    if (this.#closed) return
    this.#written.delete(document)
    this.#waiting.delete(document)
    this.#queue.add(document)
    this.#running ??= this.#run()
  }

  /** Resolves when no compaction is under way or waits. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#queue.clear()
    await this.#thread.close()
    await this.settled()
  }

  #compactWhenCalm(document: string): void {
    this.#waiting.add(document)
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const calm = performance.now() - CALM_MS
      for (const one of [...this.#waiting]) {
        if ((this.#written.get(one)?.at ?? 0) <= calm) this.compact(one)
        else this.#compactWhenCalm(one)
      }
    }, LOOK_MS).unref()
  }

  async #run(): Promise<void> {
    await Promise.resolve()
    for (const document of this.#queue) {
      this.#queue.delete(document)
      try {
        await this.#compact(document)
      } catch (error) {
        if (!this.#closed) this.#deps.log.error({ document, error }, 'a log was not compacted')
      }
    }
    this.#running = undefined
  }

  async #compact(document: string): Promise<void> {
    const { store, log } = this.#deps
    const loaded = await store.load(document)
    if (!loaded || loaded.updates.length === 0 || this.#closed) return
    const { row, snapshot, updates } = loaded
    const data = await this.#thread.compact({
      snapshot: snapshot?.data,
      updates: updates.map(({ data }) => data),
    })
    this.#made.set(document, { size: data.length, at: performance.now() })
    const kept = await store.putSnapshot(document, row.epoch, row.head, data)
    const trimmed = await store.trimLog(document, KEEP_ROWS_MS)
    log.info({ document, head: row.head, kept, trimmed }, 'a log was compacted')
  }
}
