/**
 * Suggestions keeps the provisional text of one document: it notices what people do to it, keeps its
 * flags true, settles and reopens chunks, and tells which of them the text has left behind.
 * It says what the database should know (`takeChanges`, `takeNews`) and what the room has to do next;
 * it knows no store, no socket and no clock but for how long undo works.
 */

import { isDeepStrictEqual } from 'node:util'
import type * as Y from 'yjs'
import type { MovedRange } from '#shared/document/moves.ts'
import { body, suggestionMap } from '#shared/document/shape.ts'
import { Adoption, bringsFlags } from './adoption.ts'
import { ChunkBook, isUndecided } from './chunk-book.ts'
import type { ErasedItem } from './erased/erased.ts'
import { FlagRepair } from './flag-repair.ts'
import { elementsUnder, runsOf, textsUnder, typesIn } from './items.ts'
import type { MovedWords } from './late/carry-back.ts'
import { inherit, isOwned } from './late/inherit.ts'
import { listUndecided } from './list-undecided.ts'
import { ChunkNotes } from './meet/notes.ts'
import type { Change } from './meet/original.ts'
import { beatenBy, rivalsIn } from './meet/rivals.ts'
import { type StaleNews, Staleness } from './meet/staleness.ts'
import type { Forgotten } from './recall.ts'
import type { Restorer } from './restorer.ts'
import { type Heir, settleChunks } from './settle.ts'
import { Settlements } from './settlements.ts'
import type {
  ChunkStaleness,
  Decision,
  ItemRange,
  ListedSuggestion,
  OpenDecision,
  StoredChunk,
  SuggestionsOptions,
} from './types.ts'

/** So long a decision can be taken back. */
export const REOPEN_MS = 10 * 60_000
const MOST_UNCLAIMED = 1_000

export class Suggestions {
  readonly doc: Y.Doc
  /** The chunks; for the pens of runs (RunText). */
  readonly book: ChunkBook
  /** Pens that stand somewhere: each may inherit the block it stands in. */
  readonly pens = new Set<Heir>()
  /** Whose changes are being applied; null where that is not known. */
  actor: string | null = null
  readonly #adoption: Adoption
  #erased: ItemRange[] | undefined
  /** What the room wrote again of which no chunk is known; until rows are read. */
  readonly #unclaimed: MovedRange[] = []
  /** What suggestions say of themselves in the document. */
  readonly #entries: unknown
  readonly #flags: FlagRepair
  readonly #notes: ChunkNotes
  readonly #staleness: Staleness
  readonly #settlements: Settlements
  readonly #notice = (transaction: Y.Transaction) => {
    if (transaction.local) return
    // A run may have ended elsewhere: its notes may be written here from now on.
    if ([...transaction.changed.keys()].some((type) => type === this.#entries)) this.#notes.touch()
    if (this.actor !== null) this.#staleness.remember(transaction.changed.keys(), this.actor)
    // Plain typing in a document without suggestions: nothing to adopt, and no flag to repair.
    if (!this.book.hasChunks && !bringsFlags(transaction)) return
    const { texts, elements, strikers } = this.#adoption.notice(transaction)
    this.#flags.touch(texts, elements)
    this.#staleness.notice(texts, this.actor)
    this.#staleness.suspect(strikers, this.actor)
  }

  constructor(
    doc: Y.Doc,
    {
      reopenMs = REOPEN_MS,
      ownerOf = () => undefined,
      nameOf = () => '',
      writesHere = () => true,
    }: SuggestionsOptions = {},
  ) {
    this.doc = doc
    this.#entries = suggestionMap(doc)
    this.book = new ChunkBook(doc)
    this.#adoption = new Adoption(this.book)
    this.#flags = new FlagRepair(this.book)
    this.#notes = new ChunkNotes(this.book, { nameOf, writesHere })
    this.#staleness = new Staleness(this.book, ownerOf)
    this.#settlements = new Settlements({
      book: this.book,
      reopenMs,
      heirOf: (element) => {
        for (const pen of this.pens) {
          const heir = pen(element)
          if (heir) return heir
        }
        return undefined
      },
    })
    doc.on('afterTransaction', this.#notice)
  }

  /** Takes over rows of the database: after the content was applied, before any write. */
  restore(chunks: readonly StoredChunk[]): void {
    this.#staleness.suspect(this.book.restore(chunks))
    this.#askFor(this.book.undecided())
    // Whoever was here before may have left flags unrepaired; this once, all of them are looked at.
    const root = body(this.doc)
    this.#flags.touch(
      [...textsUnder(root)].filter((text) => [...runsOf(text)].some((run) => run.flag !== null)),
      elementsUnder(root),
    )
  }

  /**
   * What people erased of pending chunks before this began to look on, or before rows of another instance
   * were read; undefined where all is known.
   * Until `recall` has told, what undo brings back of it is not recognised: nothing is to be repaired.
   */
  get erased(): readonly ItemRange[] | undefined {
    return this.#erased
  }

  /** Learns what was erased before, and adopts what has been brought back of it meanwhile. */
  recall(erased: readonly ErasedItem[]): void {
    this.#erased = undefined
    this.#flags.touch(this.#adoption.recall(erased), [])
    this.#notes.touch()
    this.#staleness.suspect(this.book.undecided())
  }

  /**
   * Takes over rows that another instance may have written, and looks again at what they own. What
   * was erased here before they were read is not remembered: then `erased` is to be recalled again.
   */
  refresh(chunks: readonly StoredChunk[]): void {
    const renewed = this.book.restore(chunks)
    this.#askFor(renewed)
    for (const chunk of renewed) {
      // Decided or reopened elsewhere: what is remembered of it here is of a decision before.
      this.#settlements.forget(chunk)
      this.#touch(chunk)
      this.#staleness.suspect([chunk])
    }
    // One after the other: what was moved twice is owned in its second place once it is in its first.
    const unclaimed = this.#unclaimed.splice(0)
    for (const range of unclaimed) {
      if (isOwned(this.book, range)) this.inherit([range])
      else this.#unclaimed.push(range)
    }
  }

  /** Whole rows of the chunks that changed since the last call, to be committed with updates. */
  takeChanges(): StoredChunk[] {
    return this.book.takeChanges()
  }

  /** Chunks that became stale, or open again; those that are not `ready` are kept for the next time. */
  takeNews(isReady: (news: StaleNews) => boolean): StaleNews[] {
    return this.#staleness.takeNews(isReady)
  }

  /** `repair` would have something to look at. */
  get dirty(): boolean {
    return this.#flags.dirty || this.#notes.dirty
  }

  /** Makes the flags in the texts touched since the last time, and the notes, show what is true. */
  repair(origin: unknown): void {
    if (!this.dirty) return
    this.doc.transact(() => {
      this.#flags.repair()
      this.#notes.sync()
    }, origin)
  }

  /** Complete chunks whose state is not what the text says, with what it says; null: open again. */
  outdated(): ReadonlyMap<StoredChunk, ChunkStaleness | null> {
    return this.#staleness.outdated()
  }

  /** Makes those of these chunks stale, or open again, of which the text says so. */
  renew(chunks: readonly string[], origin: unknown): void {
    this.doc.transact(() => {
      for (const [chunk, staleness] of this.outdated()) {
        if (!chunks.includes(chunk.id)) continue
        if (staleness) this.expire(chunk, staleness)
        else this.refreshen(chunk, 'open')
      }
      this.repair(origin)
    }, origin)
  }

  /** The chunk is stale; `early` where it is not complete. Flags and notes are true after `repair`. */
  expire(chunk: StoredChunk, change: Change, { early = false } = {}): void {
    const known = chunk.state === 'stale' ? chunk.stale : null
    // Of the first change people are told; what others add to it they see in the text.
    const by = this.#staleness.authorOf(chunk, change)
    const staleness = { early, ...(known ?? { ...change, by }), instead: change.instead }
    if (isDeepStrictEqual(known, staleness)) return
    this.book.makeStale(chunk, staleness)
    this.#touch(chunk)
    if (!known) this.#staleness.tell(chunk, staleness)
  }

  /** The text is again what the chunk was made for. Flags and notes are true after `repair`. */
  refreshen(chunk: StoredChunk, state: 'writing' | 'open'): void {
    this.book.makeFresh(chunk, state)
    this.#touch(chunk)
    this.#staleness.tell(chunk, null)
  }

  /** The room wrote these again there: they stay whose they are. Flags are true after `repair`. */
  inherit(ranges: readonly MovedRange[]): void {
    const written = ranges.map((range) => {
      // Another instance may own them by rows that are not read here yet.
      if (!isOwned(this.book, range)) this.#unclaimed.push(range)
      return inherit(this.book, range)
    })
    this.#unclaimed.splice(0, Math.max(0, this.#unclaimed.length - MOST_UNCLAIMED))
    if (!this.book.hasChunks) return
    const { texts } = typesIn(this.doc, written)
    this.#flags.touch(texts, [])
    this.#staleness.notice(texts, this.actor)
  }

  /** An edit has struck something: other chunks may strike the same. */
  struck(): void {
    this.#notes.touch()
  }

  /** What people have decided and `settle` has not done yet, first come first; complete chunks only. */
  openDecisions(): OpenDecision[] {
    return this.#settlements.open()
  }

  /**
   * Keys that came too late, are for a chunk that is stale, or name no chunk: to be deleted from the
   * map by the room.
   */
  lateKeys(): string[] {
    return this.#settlements.lateKeys()
  }

  /** Decided chunks whose winner took the key back (or changed it), and that can still be reopened. */
  withdrawn(): string[] {
    return this.#settlements.withdrawn()
  }

  /**
   * Settles undecided chunks in one transaction, and tells which. An accepted one makes those stale
   * that were for the same words; a stale one cannot be accepted.
   */
  settle(chunks: readonly string[], decision: Decision, user: string, origin: unknown): string[] {
    const isAccepted = decision === 'accepted'
    const ready = [...new Set(chunks)]
      .flatMap((id) => this.book.get(id) ?? [])
      .filter((chunk) => isUndecided(chunk) && !(isAccepted && chunk.state === 'stale'))
    const beaten = isAccepted ? beatenBy(ready, rivalsIn(this.book)) : new Map()
    const settled = ready.filter((chunk) => !beaten.has(chunk))
    if (settled.length === 0) return []
    const ranges = settled.flatMap(({ ins, del }) => [...ins, ...del])
    const { texts } = typesIn(this.doc, ranges)
    const also = () => {
      for (const [loser, winner] of beaten) {
        this.expire(loser, { kind: 'accepted', by: user, instead: [...winner.ins] })
      }
      this.#notes.touch()
      this.#staleness.notice(texts, user)
      for (const [chunk, change] of isAccepted ? this.outdated() : []) {
        if (change) this.expire(chunk, { ...change, kind: 'accepted', by: user })
      }
      this.repair(origin)
    }
    this.#settlements.settle(settled, decision, { user, origin, also })
    for (const chunk of settled) this.#adoption.forget(chunk)
    return settled.map(({ id }) => id)
  }

  /** Undoes a chunk that its run will not finish; nobody decided that. In a transaction. */
  takeBack(chunk: StoredChunk): void {
    settleChunks(this.book, [chunk], 'rejected', null, () => undefined)
    this.#adoption.forget(chunk)
    this.#notes.touch()
  }

  /**
   * Decided chunks that can still be taken back, though not from what is remembered here, with the
   * items that their decision can have deleted.
   */
  forgotten(ids: readonly string[]): Forgotten[] {
    return this.#settlements.forgotten(ids)
  }

  /**
   * Brings a settled chunk back as an open one, out of `recalled` where it is not remembered here;
   * false where that is not possible any more.
   */
  reopen(id: string, origin: unknown, recalled?: Restorer): boolean {
    return this.doc.transact(() => {
      const chunk = this.book.get(id)
      const others = chunk && this.#settlements.reopen(chunk, recalled)
      if (!others) return false
      this.#touch(chunk)
      this.#staleness.suspect([chunk, ...others])
      this.#staleness.notice(typesIn(this.doc, [...chunk.ins, ...chunk.del]).texts, null)
      for (const [other, change] of this.outdated()) if (!change) this.refreshen(other, 'open')
      this.repair(origin)
      return true
    }, origin)
  }

  /** What is reopened goes where the words beside it were moved, from now on. */
  followMoves(moved: MovedWords): void {
    this.#settlements.moved = moved
  }

  /** Undecided chunks of which something is left, by suggestion. */
  list(): ListedSuggestion[] {
    return listUndecided(this.book)
  }

  /** Stops listening; idempotent. The document is the room's to destroy. */
  destroy(): void {
    this.doc.off('afterTransaction', this.#notice)
    this.#settlements.close()
  }

  #askFor(chunks: Iterable<StoredChunk>): void {
    const unknown = this.#adoption.unknownOf(chunks)
    if (unknown.length === 0) return
    this.#erased = [...(this.#erased ?? []), ...unknown]
    this.#adoption.wait()
  }

  #touch(chunk: StoredChunk): void {
    this.#flags.touchChunk(chunk)
    this.#notes.touch()
  }
}
