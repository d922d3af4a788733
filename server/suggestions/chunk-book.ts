/**
 * The book of a document's chunks: their rows as the database has them, which of them changed, and
 * the index of what the undecided ones own. It writes nothing into the document.
 */

import { isDeepStrictEqual } from 'node:util'
import type * as Y from 'yjs'
import { compareTypes, itemsIn } from '#shared/document/item-order.ts'
import {
  chunkNumber,
  formatFlag,
  parseFlag,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import { flagOf, inRanges, runsOf, stringOf, typesIn } from './items.ts'
import { type Op, Ownership, type Segment } from './ownership.ts'
import { outside } from './ranges.ts'
import type {
  ChunkOriginal,
  ChunkStaleness,
  CompleteChunk,
  Decision,
  ItemId,
  StoredChunk,
} from './types.ts'

export class ChunkBook {
  readonly doc: Y.Doc
  readonly ownership: Ownership
  readonly #chunks = new Map<string, StoredChunk>()
  readonly #changed = new Set<StoredChunk>()

  constructor(doc: Y.Doc) {
    this.doc = doc
    this.ownership = new Ownership((a, b) => this.compare(a, b))
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

  /** Those in one state; accepted and rejected ones for a while only. */
  in(wanted: StoredChunk['state']): StoredChunk[] {
    return [...this.#chunks.values()].filter(({ state }) => state === wanted)
  }

  stale(): StoredChunk[] {
    return this.in('stale')
  }

  /** Of a stale chunk nothing is left that somebody could want. */
  isWithdrawn(chunk: StoredChunk): boolean {
    if (chunk.state !== 'stale' || chunk.ins.length === 0) return false
    const { texts, elements } = typesIn(this.doc, chunk.ins)
    return texts.size === 0 && elements.size === 0
  }

  /** Those that somebody decided since then. */
  decidedSince(at: number): StoredChunk[] {
    return [...this.#chunks.values()].filter(
      (chunk) => !isUndecided(chunk) && chunk.decidedBy !== null && (chunk.decidedAt ?? 0) >= at,
    )
  }

  /** Some chunk has both of these items. */
  readonly areKin = (...ids: readonly ItemId[]): boolean =>
    [...this.#chunks.values()].some(({ ins }) =>
      ids.every(({ client, clock }) => inRanges(ins, client, clock)),
    )

  /** Which chunk comes first: that of the older suggestion, on every instance the same. */
  compare(a: StoredChunk, b: StoredChunk): number {
    const [first, second] = [suggestionOf(a.id), suggestionOf(b.id)]
    if (first === second) return chunkNumber(a.id) - chunkNumber(b.id)
    const entries = suggestionMap(this.doc)
    const at = (suggestion: string) => entries.get(suggestion)?.createdAt ?? 0
    return at(first) - at(second) || (first < second ? -1 : 1)
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
      original: null,
      stale: null,
    }
    this.#chunks.set(id, chunk)
    this.#changed.add(chunk)
    return chunk
  }

  /**
   * Gives items to a chunk, if it is undecided. What another one proposes stays with that; a stale
   * chunk only remembers what it would strike.
   */
  own(op: Op, chunk: StoredChunk, client: number, from: number, to: number): void {
    if (!isUndecided(chunk)) return
    const isRemembered = op === 'del' && chunk.state === 'stale'
    const parts = isRemembered
      ? outside(chunk.del, { client, from, to })
      : this.ownership.add(op, chunk, client, from, to)
    for (const part of parts) {
      const last = chunk[op].at(-1)
      if (last && last.client === client && last.to === part.from) last.to = part.to
      else chunk[op].push({ client, from: part.from, to: part.to })
      this.#changed.add(chunk)
    }
  }

  /** It strikes nothing any more; what it would strike is remembered. */
  makeStale(chunk: StoredChunk, staleness: ChunkStaleness): void {
    this.ownership.remove(chunk, ['del'])
    Object.assign(chunk, { state: 'stale', stale: staleness })
    this.#changed.add(chunk)
  }

  /** It strikes again what it was made for. */
  makeFresh(chunk: StoredChunk, state: 'writing' | 'open'): void {
    Object.assign(chunk, { state, stale: null })
    this.#index(chunk)
    this.#changed.add(chunk)
  }

  /** What the edit was made for, or what is known of that, has changed. */
  setOriginal(chunk: StoredChunk, original: ChunkOriginal): void {
    chunk.original = original
    this.#changed.add(chunk)
  }

  /** Hands one element over to another chunk. */
  handOver(element: Y.XmlElement, heir: StoredChunk): void {
    const { client, clock } = element._item!.id
    for (const chunk of this.of(suggestionOf(heir.id))) {
      if (chunk !== heir && inRanges(chunk.ins, client, clock)) this.#disown(chunk, client, clock)
    }
    this.own('ins', heir, client, clock, clock + 1)
  }

  /** Takes an element back from the undecided chunk that has got it by `handOver`. */
  takeBack(element: Y.XmlElement): void {
    const { client, clock } = element._item!.id
    const heir = this.ownership.owner('ins', client, clock)
    if (heir) this.#disown(heir, client, clock)
  }

  #disown(chunk: StoredChunk, client: number, clock: number): void {
    this.ownership.remove(chunk)
    chunk.ins = chunk.ins.flatMap((range) =>
      outside([{ client, from: clock, to: clock + 1 }], range),
    )
    if (isUndecided(chunk)) this.#index(chunk)
    this.#changed.add(chunk)
  }

  complete(chunk: StoredChunk): CompleteChunk {
    const { id, kind } = chunk
    this.#changed.add(chunk)
    if (chunk.ins.length === 0 && chunk.del.length === 0) {
      Object.assign(chunk, { state: 'rejected', decidedAt: Date.now(), stale: null })
      return { id, text: '', kind: 'none', state: 'open' }
    }
    if (chunk.state === 'writing') chunk.state = 'open'
    const text = this.textOf(chunk, 'ins') || this.textOf(chunk, 'del')
    // Whoever has erased all of it may bring it back: then it waits for its decision as before.
    const state = chunk.state === 'stale' ? 'stale' : 'open'
    return { id, text, kind: this.isEmpty(chunk) ? 'none' : kind, state }
  }

  /** `user`: null where nobody decided it, and nobody can take that back. */
  decide(chunk: StoredChunk, decision: Decision, user: string | null): void {
    this.ownership.remove(chunk)
    // Whether it was stale is kept: it comes back as what it was.
    Object.assign(chunk, { state: decision, decidedBy: user, decidedAt: Date.now() })
    this.#changed.add(chunk)
  }

  reopen(chunk: StoredChunk): void {
    const state = chunk.stale ? 'stale' : 'open'
    Object.assign(chunk, { state, decidedBy: null, decidedAt: null })
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
    for (const text of [...texts].sort(compareTypes)) {
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
  wantedFlag(present: string | null, { ins, dels }: Pick<Segment, 'ins' | 'dels'>): string | null {
    if (dels[0]) return formatFlag({ op: 'del', chunk: dels[0].id })
    if (ins) return formatFlag({ op: 'ins', chunk: ins.id })
    return this.#isElsewhere(present) ? present : null
  }

  wantedElementFlag(element: Y.XmlElement): string | null {
    const { client, clock } = element._item!.id
    return this.wantedFlag(flagOf(element), {
      ins: this.ownership.owner('ins', client, clock),
      dels: this.ownership.owners('del', client, clock),
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
      if (row.stale && known.state !== 'stale') this.makeStale(known, row.stale)
      if (row.state === 'open' && known.state === 'writing') known.state = 'open'
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
    for (const op of chunk.state === 'stale' ? (['ins'] as const) : (['ins', 'del'] as const)) {
      for (const { client, from, to } of chunk[op]) {
        this.ownership.add(op, chunk, client, from, to)
      }
    }
  }
}

/** Nobody has said what is to become of it. */
export const isUndecided = ({ state }: StoredChunk): boolean =>
  state === 'writing' || state === 'open' || state === 'stale'

const copy = (chunk: StoredChunk): StoredChunk => structuredClone(chunk)
