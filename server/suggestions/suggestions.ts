/**
 * The provisional text of one document: notices what people do to it, keeps its flags true, settles
 * and reopens chunks. It says what it would have the database know (`takeChanges`) and what the
 * room has to do next; it knows no store, no socket and no clock but for how long undo works.
 */

import type * as Y from 'yjs'
import {
  body,
  chunkNumber,
  decisionKey,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import { Adoption, bringsFlags } from './adoption.ts'
import { ChunkBook, isUndecided } from './chunk-book.ts'
import { DecisionKeys } from './decision-keys.ts'
import { elementsUnder, flagOf, isGone, runsOf, setFlag, textsUnder, typesIn } from './items.ts'
import { Reopening } from './reopening.ts'
import type { Restorer } from './restorer.ts'
import { type Heir, settleChunks } from './settle.ts'
import type { CompleteChunk, Decision, ItemRange, OpenDecision, StoredChunk } from './types.ts'

const REOPEN_MS = 10 * 60_000

export interface ListedSuggestion {
  suggestion: string
  chunks: {
    id: string
    n: number
    state: StoredChunk['state']
    inserted: string
    deleted: string
  }[]
}

export interface SuggestionsOptions {
  /** How long a decision can be taken back. Ten minutes unless said otherwise. */
  reopenMs?: number
}

/** A settled decision that can still be taken back. */
interface Settled {
  reopening: Reopening
  timer: NodeJS.Timeout
  /** The winner's key has been seen; without one there is nothing to take back. */
  keyed: boolean
}

export class Suggestions {
  readonly doc: Y.Doc
  /** The chunks; for the pens of runs (RunText). */
  readonly book: ChunkBook
  /** Pens that stand somewhere: each may inherit the block it stands in. */
  readonly pens = new Set<Heir>()
  readonly #adoption: Adoption
  readonly #keys: DecisionKeys
  readonly #reopenMs: number
  readonly #settled = new Map<StoredChunk, Settled>()
  readonly #touchedTexts = new Set<Y.XmlText>()
  readonly #touchedElements = new Set<Y.XmlElement>()
  readonly #notice = (transaction: Y.Transaction) => {
    if (transaction.local) return
    // Plain typing in a document without suggestions: nothing to adopt, and no flag to repair.
    if (!this.book.hasChunks && !bringsFlags(transaction)) return
    const { texts, elements } = this.#adoption.notice(transaction)
    this.#touch(texts, elements)
  }

  constructor(doc: Y.Doc, { reopenMs = REOPEN_MS }: SuggestionsOptions = {}) {
    this.doc = doc
    this.#reopenMs = reopenMs
    this.book = new ChunkBook(doc)
    this.#adoption = new Adoption(this.book)
    this.#keys = new DecisionKeys(doc)
    doc.on('afterTransaction', this.#notice)
  }

  /** Takes over rows of the database: after the content was applied, before any write. */
  restore(chunks: readonly StoredChunk[]): void {
    this.book.restore(chunks)
    // Whoever was here before may have left flags unrepaired; this once, all of them are looked at.
    const root = body(this.doc)
    this.#touch(
      [...textsUnder(root)].filter((text) => [...runsOf(text)].some((run) => run.flag !== null)),
      elementsUnder(root),
    )
  }

  /** Takes over rows that another instance may have written, and looks again at what they own. */
  refresh(chunks: readonly StoredChunk[]): void {
    for (const chunk of this.book.restore(chunks)) {
      // Decided or reopened elsewhere: what is remembered of it here is of a decision before.
      this.#forget(chunk)
      const { ins, del } = chunk
      const { texts, elements } = typesIn(this.doc, [...ins, ...del])
      this.#touch(texts, elements)
    }
  }

  /** Whole rows of the chunks that changed since the last call, to be committed with the updates. */
  takeChanges(): StoredChunk[] {
    return this.book.takeChanges()
  }

  /** `repair` would have something to look at. */
  get dirty(): boolean {
    return this.#touchedTexts.size > 0 || this.#touchedElements.size > 0
  }

  /** Makes the flags in the texts touched since the last time show who owns what. */
  repair(origin: unknown): void {
    if (!this.dirty) return
    this.doc.transact(() => {
      for (const text of this.#touchedTexts) if (!isGone(text)) this.#repairText(text)
      for (const element of this.#touchedElements) {
        if (!isGone(element) && element._item)
          setFlag(element, this.book.wantedElementFlag(element))
      }
    }, origin)
    this.#touchedTexts.clear()
    this.#touchedElements.clear()
  }

  /** What people have decided and `settle` has not done yet, first come first; complete chunks only. */
  openDecisions(): OpenDecision[] {
    const open = new Map<string, OpenDecision>()
    for (const { chunk, user, decision } of this.#keys.unjudged()) {
      if (!decision || open.has(chunk) || this.book.get(chunk)?.state !== 'open') continue
      open.set(chunk, { chunk, user, decision })
    }
    return [...open.values()]
  }

  /** Keys that came too late or name no chunk: to be deleted from the map by the room. */
  lateKeys(): string[] {
    const late: string[] = []
    for (const { key, chunk: id, user, decision } of this.#keys.unjudged()) {
      const chunk = this.book.get(id)
      if (!chunk) {
        // Another instance may be writing it just now; else it is long settled, or never was.
        const elsewhere = suggestionMap(this.doc).get(suggestionOf(id))?.status === 'streaming'
        if (!elsewhere) late.push(key)
      } else if (!decision || (!isUndecided(chunk) && chunk.decidedBy !== user)) {
        late.push(key)
      }
    }
    return late
  }

  /** Decided chunks whose winner took the key back (or changed it), and that can still be reopened. */
  withdrawn(): string[] {
    const withdrawn: string[] = []
    for (const [chunk, settled] of this.#settled) {
      if (isUndecided(chunk)) continue
      const key = decisionKey(chunk.id, chunk.decidedBy ?? '')
      if (this.#keys.has(key)) settled.keyed = true
      if (settled.keyed && this.#keys.decision(key) !== chunk.state) withdrawn.push(chunk.id)
    }
    return withdrawn
  }

  /** Settles undecided chunks in one transaction; others are left as they are. */
  settle(chunks: readonly string[], decision: Decision, user: string, origin: unknown): void {
    const undecided = [...new Set(chunks)]
      .map((id) => this.book.get(id))
      .filter((chunk) => chunk !== undefined && isUndecided(chunk)) as StoredChunk[]
    if (undecided.length === 0) return
    const heirOf: Heir = (element) => {
      for (const pen of this.pens) {
        const heir = pen(element)
        if (heir) return heir
      }
      return undefined
    }
    const reopening = new Reopening(this.doc, origin, () =>
      settleChunks(this.book, undecided, decision, user, heirOf),
    )
    let left = undecided.length
    const letGo = () => {
      if (--left === 0) reopening.close()
    }
    for (const chunk of undecided) {
      this.#adoption.forget(chunk)
      const key = decisionKey(chunk.id, user)
      this.#keys.judge(key)
      const timer = setTimeout(() => {
        this.#settled.delete(chunk)
        letGo()
      }, this.#reopenMs)
      timer.unref()
      this.#settled.set(chunk, { reopening, timer, keyed: this.#keys.has(key) })
    }
  }

  /**
   * Decided chunks that can still be taken back, though not from what is remembered here, with the
   * items that their decision can have deleted.
   */
  forgotten(ids: readonly string[]): { chunk: string; ranges: readonly ItemRange[] }[] {
    const since = Date.now() - this.#reopenMs
    return ids.flatMap((id) => {
      const chunk = this.book.get(id)
      if (!chunk || isUndecided(chunk) || this.#settled.has(chunk)) return []
      if (chunk.decidedBy === null || (chunk.decidedAt ?? 0) < since) return []
      return [{ chunk: id, ranges: [...chunk[takenBy(chunk)]] }]
    })
  }

  /**
   * Brings a settled chunk back as an open one, out of `recalled` where it is not remembered here;
   * false where that is not possible any more.
   */
  reopen(id: string, origin: unknown, recalled?: Restorer): boolean {
    const chunk = this.book.get(id)
    const restorer = chunk && (this.#settled.get(chunk)?.reopening ?? recalled)
    if (!chunk || !restorer || isUndecided(chunk)) return false
    this.#forget(chunk)
    this.doc.transact(() => {
      const op = takenBy(chunk)
      const { client, from, to } = restorer.restore(chunk[op])
      this.book.reopen(chunk)
      if (to > from) this.book.own(op, chunk, client, from, to)
      const { texts, elements } = typesIn(this.doc, [...chunk.ins, ...chunk.del])
      this.#touch(texts, elements)
      this.repair(origin)
    }, origin)
    return true
  }

  /** Completes what a run that is no more left under way; for runs whose RunText is gone. */
  complete(suggestion: string): CompleteChunk[] {
    return this.book
      .of(suggestion)
      .filter((chunk) => chunk.state === 'writing')
      .map((chunk) => this.book.complete(chunk))
  }

  /** Undecided chunks of which something is left, by suggestion. */
  list(): ListedSuggestion[] {
    const suggestions = new Map<string, ListedSuggestion>()
    for (const chunk of this.book.undecided()) {
      if (this.book.isEmpty(chunk)) continue
      const { id, state } = chunk
      const suggestion = suggestionOf(id)
      const listed = suggestions.get(suggestion) ?? { suggestion, chunks: [] }
      suggestions.set(suggestion, listed)
      const inserted = this.book.textOf(chunk, 'ins')
      const deleted = this.book.textOf(chunk, 'del')
      listed.chunks.push({ id, n: chunkNumber(id), state, inserted, deleted })
    }
    for (const { chunks } of suggestions.values()) chunks.sort((a, b) => a.n - b.n)
    return [...suggestions.values()]
  }

  /** Stops listening; idempotent. The document is the room's to destroy. */
  destroy(): void {
    this.doc.off('afterTransaction', this.#notice)
    this.#keys.close()
    for (const { timer } of this.#settled.values()) clearTimeout(timer)
    this.#settled.clear()
  }

  #forget(chunk: StoredChunk): void {
    clearTimeout(this.#settled.get(chunk)?.timer)
    this.#settled.delete(chunk)
  }

  #touch(texts: Iterable<Y.XmlText>, elements: Iterable<Y.XmlElement>): void {
    for (const text of texts) this.#touchedTexts.add(text)
    for (const element of elements) {
      if (flagOf(element) !== null || this.book.wantedElementFlag(element) !== null) {
        this.#touchedElements.add(element)
      }
    }
  }

  #repairText(text: Y.XmlText): void {
    const formats: { index: number; length: number; flag: string | null }[] = []
    for (const segment of this.book.ownership.segments(text)) {
      const { index, length, flag } = segment
      const wanted = this.book.wantedFlag(flag, segment)
      if (wanted === flag) continue
      const last = formats.at(-1)
      if (last && last.flag === wanted && last.index + last.length === index) last.length += length
      else formats.push({ index, length, flag: wanted })
    }
    for (const { index, length, flag } of formats) text.format(index, length, { s_sg: flag })
  }
}

/** What a decision takes away. */
const takenBy = ({ state }: StoredChunk): 'ins' | 'del' => (state === 'rejected' ? 'ins' : 'del')
