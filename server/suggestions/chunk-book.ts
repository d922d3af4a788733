/**
 * The book of a document's chunks: their rows as the database has them, which of them changed, and
 * the index of what the undecided ones own. It writes nothing into the document.
 */

import { isDeepStrictEqual } from 'node:util'
import type * as Y from 'yjs'
import {
  chunkNumber,
  formatFlag,
  parseFlag,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import { flagOf, inRanges, itemsIn, runsOf, stringOf, typesIn } from './items.ts'
import { type Op, Ownership, type Segment } from './ownership.ts'
import type { CompleteChunk, Decision, StoredChunk } from './types.ts'

export class ChunkBook {
  readonly doc: Y.Doc
  readonly ownership = new Ownership()
  readonly #chunks = new Map<string, StoredChunk>()
  readonly #changed = new Set<StoredChunk>()

  constructor(doc: Y.Doc) {
    this.doc = doc
  }

  get(id: string): StoredChunk | undefined {
    return this.#chunks.get(id)
  }

  get hasChunks(): boolean {
    return this.#chunks.size > 0
  }

  /** A suggestion's chunks by number. */
  of(suggestion: string): StoredChunk[] {
    return [...this.#chunks.values()]
      .filter((chunk) => suggestionOf(chunk.id) === suggestion)
      .sort((a, b) => chunkNumber(a.id) - chunkNumber(b.id))
  }

  undecided(): StoredChunk[] {
    return [...this.#chunks.values()].filter(isUndecided)
  }

  /**
   * Takes over rows of the database; returns the chunks that were not known so. What was found
   * here and is not committed yet stays, unless the chunk has been decided meanwhile.
   */
  restore(rows: readonly StoredChunk[]): StoredChunk[] {
    return rows.flatMap((row) => {
      const known = this.#chunks.get(row.id)
      const chunk = known ? this.#renew(known, row) : copy(row)
      if (!chunk) return []
      this.#chunks.set(chunk.id, chunk)
      if (isUndecided(chunk)) this.#index(chunk)
      return [chunk]
    })
  }

  takeChanges(): StoredChunk[] {
    const rows = [...this.#changed].map(copy)
    this.#changed.clear()
    return rows
  }

  open(id: string, kind: StoredChunk['kind']): StoredChunk {
    const chunk: StoredChunk = {
      id,
      state: 'writing',
      kind,
      ins: [],
      del: [],
      decidedBy: null,
      decidedAt: null,
    }
    this.#chunks.set(id, chunk)
    this.#changed.add(chunk)
    return chunk
  }

  /** Gives items to a chunk, if it is undecided; what another one owns stays with that. */
  own(op: Op, chunk: StoredChunk, client: number, from: number, to: number): void {
    if (!isUndecided(chunk)) return
    for (const part of this.ownership.add(op, chunk, client, from, to)) {
      const last = chunk[op].at(-1)
      if (last && last.client === client && last.to === part.from) last.to = part.to
      else chunk[op].push({ client, ...part })
      this.#changed.add(chunk)
    }
  }

  /** Hands one element over to another chunk. */
  handOver(element: Y.XmlElement, heir: StoredChunk): void {
    const { client, clock } = element._item!.id
    for (const chunk of this.of(suggestionOf(heir.id))) {
      if (chunk === heir || !inRanges(chunk.ins, client, clock)) continue
      this.ownership.remove(chunk)
      chunk.ins = chunk.ins.flatMap((range) => without(range, client, clock))
      if (isUndecided(chunk)) this.#index(chunk)
      this.#changed.add(chunk)
    }
    this.own('ins', heir, client, clock, clock + 1)
  }

  complete(chunk: StoredChunk): CompleteChunk {
    const { id, kind } = chunk
    this.#changed.add(chunk)
    if (this.isEmpty(chunk)) {
      this.ownership.remove(chunk)
      Object.assign(chunk, { state: 'rejected', decidedAt: Date.now() })
      return { id, text: '', kind: 'none' }
    }
    chunk.state = 'open'
    return { id, text: this.textOf(chunk, 'ins') || this.textOf(chunk, 'del'), kind }
  }

  decide(chunk: StoredChunk, decision: Decision, user: string): void {
    this.ownership.remove(chunk)
    Object.assign(chunk, { state: decision, decidedBy: user, decidedAt: Date.now() })
    this.#changed.add(chunk)
  }

  reopen(chunk: StoredChunk): void {
    Object.assign(chunk, { state: 'open', decidedBy: null, decidedAt: null })
    this.#index(chunk)
    this.#changed.add(chunk)
  }

  /** No living character or element is left of it. */
  isEmpty(chunk: StoredChunk): boolean {
    const { texts, elements } = typesIn(this.doc, [...chunk.ins, ...chunk.del])
    return texts.size === 0 && elements.size === 0
  }

  textOf(chunk: StoredChunk, op: Op): string {
    const { texts } = typesIn(this.doc, chunk[op])
    let all = ''
    for (const text of texts) {
      for (const run of runsOf(text)) {
        for (let n = 0; n < run.length; n++) {
          if (inRanges(chunk[op], run.client, run.clock + n)) all += run.text[n]
        }
      }
    }
    return all
  }

  /** True while a character of the chunk lives, as the run wrote it or as a copy. */
  hasText(chunk: StoredChunk): boolean {
    for (const item of itemsIn(this.doc, chunk.ins)) if (stringOf(item)) return true
    return false
  }

  /** The flag that shows who owns these characters; `present` where that cannot be known here. */
  wantedFlag(present: string | null, owners: Pick<Segment, 'ins' | 'del'>): string | null {
    if (owners.del) return formatFlag({ op: 'del', chunk: owners.del.id })
    if (owners.ins) return formatFlag({ op: 'ins', chunk: owners.ins.id })
    return this.#isElsewhere(present) ? present : null
  }

  wantedElementFlag(element: Y.XmlElement): string | null {
    const { client, clock } = element._item!.id
    return this.wantedFlag(flagOf(element), {
      ins: this.ownership.owner('ins', client, clock),
      del: this.ownership.owner('del', client, clock),
    })
  }

  /** A chunk that another instance may be writing: this one has no row of it yet. */
  #isElsewhere(flag: string | null): boolean {
    const chunk = parseFlag(flag)?.chunk
    return (
      chunk !== undefined &&
      !this.#chunks.has(chunk) &&
      suggestionMap(this.doc).has(suggestionOf(chunk))
    )
  }

  /** The chunk stays the same object: pens, and decisions that can be taken back, hold on to it. */
  #renew(known: StoredChunk, row: StoredChunk): StoredChunk | undefined {
    if (isUndecided(known) && isUndecided(row) && this.#changed.has(known)) {
      if (row.state === 'open') known.state = 'open'
      for (const op of ['ins', 'del'] as const) {
        for (const { client, from, to } of row[op]) this.own(op, known, client, from, to)
      }
      return known
    }
    if (isDeepStrictEqual(known, row)) return undefined
    this.ownership.remove(known)
    this.#changed.delete(known)
    return Object.assign(known, copy(row))
  }

  #index(chunk: StoredChunk): void {
    for (const op of ['ins', 'del'] as const) {
      for (const { client, from, to } of chunk[op]) {
        this.ownership.add(op, chunk, client, from, to)
      }
    }
  }
}

export const isUndecided = (chunk: StoredChunk): boolean =>
  chunk.state === 'writing' || chunk.state === 'open'

const copy = (chunk: StoredChunk): StoredChunk => structuredClone(chunk)

function without(
  range: { client: number; from: number; to: number },
  client: number,
  clock: number,
) {
  if (range.client !== client || clock < range.from || clock >= range.to) return [range]
  return [
    { ...range, to: clock },
    { ...range, from: clock + 1 },
  ].filter(({ from, to }) => from < to)
}
