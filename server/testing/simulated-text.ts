/**
 * The simulated document: a text of tokens `<n>`, each written once and never again, so that one
 * look tells what was lost, doubled or brought back.
 */
import * as Y from 'yjs'

export const textOf = (doc: Y.Doc): Y.Text => doc.getText('root')

export interface Token {
  n: number
  at: number
  length: number
}

export function tokensOf(doc: Y.Doc): Token[] {
  return [
    ...textOf(doc)
      .toString()
      .matchAll(/<(\d+)>/g),
  ].map((match) => ({
    n: Number(match[1]),
    at: match.index,
    length: match[0].length,
  }))
}

export function insertToken(
  doc: Y.Doc,
  at: number,
  n: number,
  marks?: { provisional: true },
): void {
  textOf(doc).insert(at, `<${n}>`, marks)
}

/** Tokens that carry the mark of provisional text. */
export function provisionalTokens(doc: Y.Doc): Set<number> {
  const found = new Set<number>()
  let text = ''
  for (const op of textOf(doc).toDelta()) if (op.attributes?.provisional) text += op.insert
  for (const [, n] of text.matchAll(/<(\d+)>/g)) found.add(Number(n))
  return found
}

/** Nothing is provisional any more, not even what people typed in between and what looks it. */
export function clearMarks(doc: Y.Doc): void {
  let at = 0
  for (const op of textOf(doc).toDelta()) {
    const length = String(op.insert).length
    if (op.attributes?.provisional) textOf(doc).format(at, length, { provisional: null })
    at += length
  }
}

/** What a change comes to as one update; empty where it changes nothing. */
export function updateOf(doc: Y.Doc, change: () => void): Uint8Array | undefined {
  let update: Uint8Array | undefined
  const hear = (bytes: Uint8Array) => {
    update = update ? Y.mergeUpdates([update, bytes]) : bytes
  }
  doc.on('update', hear)
  doc.transact(change)
  doc.off('update', hear)
  return update
}

/** The log: rows in order, behind a snapshot that holds all up to `base`. It never fails. */
export class SimulatedLog {
  head = 0
  #rows: { seq: number; update: Uint8Array }[] = []
  #base = 0
  #snapshot: Uint8Array | undefined
  #nextClient = 1_000

  /** Appends in one transaction, and tells the first sequence. */
  append(updates: readonly Uint8Array[]): number {
    const first = this.head + 1
    for (const update of updates) this.#rows.push({ seq: ++this.head, update })
    return first
  }

  /** Undefined where the snapshot has swallowed some of them. */
  after(cursor: number): { seq: number; update: Uint8Array }[] | undefined {
    return cursor < this.#base ? undefined : this.#rows.filter((row) => row.seq > cursor)
  }

  load(): Y.Doc {
    return this.#upTo(this.head)
  }

  compact(upTo: number): void {
    if (upTo <= this.#base) return
    this.#snapshot = Y.encodeStateAsUpdate(this.#upTo(upTo))
    this.#rows = this.#rows.filter((row) => row.seq > upTo)
    this.#base = upTo
  }

  /** A document with a Yjs client id of its own, in order of asking. */
  newDoc(): Y.Doc {
    const doc = new Y.Doc()
    doc.clientID = this.#nextClient++
    return doc
  }

  #upTo(seq: number): Y.Doc {
    const doc = this.newDoc()
    if (this.#snapshot) Y.applyUpdate(doc, this.#snapshot)
    for (const row of this.#rows) if (row.seq <= seq) Y.applyUpdate(doc, row.update)
    return doc
  }
}
