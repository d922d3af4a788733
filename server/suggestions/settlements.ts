/**
 * Settlements makes decisions final and takes them back: which keys wait, who was first, what each
 * decision has taken away, and for how long that can come back.
 */

import { decisionKey, suggestionMap, suggestionOf } from '#shared/document/shape.ts'
import { type ChunkBook, isUndecided } from './chunk-book.ts'
import { DecisionKeys } from './decision-keys.ts'
import { typesIn } from './items.ts'
import { CarryBack, hasMoved, type MovedWords, ownMoved } from './late/carry-back.ts'
import type { Forgotten } from './recall.ts'
import { Reopening } from './reopening.ts'
import { followCopies, type Restorer } from './restorer.ts'
import { type Heir, settleChunks } from './settle.ts'
import type { Decision, OpenDecision, StoredChunk } from './types.ts'

/** A settled decision that can still be taken back. */
interface Settled {
  reopening: Reopening
  timer: NodeJS.Timeout
  /** The winner's key has been seen; without one there is nothing to take back. */
  keyed: boolean
}

export interface SettlementsDeps {
  book: ChunkBook
  reopenMs: number
  heirOf: Heir
}

export class Settlements {
  readonly #book: ChunkBook
  readonly #reopenMs: number
  readonly #heirOf: Heir
  readonly #keys: DecisionKeys
  readonly #settled = new Map<StoredChunk, Settled>()
  /** Decided chunks of which nothing can come back, whatever becomes of their keys. */
  readonly #beyond = new WeakSet<StoredChunk>()
  /** Undefined where nobody knows what was moved. */
  moved: MovedWords | undefined

  constructor({ book, reopenMs, heirOf }: SettlementsDeps) {
    this.#book = book
    this.#reopenMs = reopenMs
    this.#heirOf = heirOf
    this.#keys = new DecisionKeys(book.doc)
  }

  /** See Suggestions.openDecisions. */
  open(): OpenDecision[] {
    const open = new Map<string, OpenDecision>()
    for (const { chunk, user, decision } of this.#keys.unjudged()) {
      const state = this.#book.get(chunk)?.state
      const isReady = state === 'open' || (state === 'stale' && decision === 'rejected')
      if (decision && isReady && !open.has(chunk)) open.set(chunk, { chunk, user, decision })
    }
    return [...open.values()]
  }

  /** See Suggestions.lateKeys. */
  lateKeys(): string[] {
    const late: string[] = []
    for (const { key, chunk: id, user, decision } of this.#keys.unjudged()) {
      const chunk = this.#book.get(id)
      if (!chunk) {
        // Another instance may be writing it just now; else it is long settled, or never was.
        const suggestions = suggestionMap(this.#book.doc)
        if (suggestions.get(suggestionOf(id))?.status !== 'streaming') late.push(key)
        continue
      }
      const cameTooLate = !isUndecided(chunk) && chunk.decidedBy !== user
      const isOutdated = chunk.state === 'stale' && decision === 'accepted'
      if (!decision || cameTooLate || isOutdated) late.push(key)
    }
    return late
  }

  /** See Suggestions.withdrawn. */
  withdrawn(): string[] {
    return this.#book.decidedSince(Date.now() - this.#reopenMs).flatMap((chunk) => {
      if (this.#beyond.has(chunk)) return []
      const settled = this.#settled.get(chunk)
      const key = decisionKey(chunk.id, chunk.decidedBy ?? '')
      if (settled && this.#keys.has(key)) settled.keyed = true
      // What another instance settled, or this one before a restart, had a key.
      const hadKey = settled?.keyed ?? true
      return hadKey && this.#keys.decision(key) !== chunk.state ? [chunk.id] : []
    })
  }

  /**
   * Settles undecided chunks in one transaction; `also` is called in it, when that is done. What the
   * two delete can come back for a while.
   */
  settle(
    chunks: readonly StoredChunk[],
    decision: Decision,
    { user, origin, also }: { user: string; origin: unknown; also: () => void },
  ): void {
    const { doc } = this.#book
    const reopening = new Reopening(doc, origin, () => {
      settleChunks(this.#book, chunks, decision, user, this.#heirOf)
      also()
    })
    let left = chunks.length
    const letGo = () => {
      if (--left === 0) reopening.close()
    }
    for (const chunk of chunks) {
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

  /** See Suggestions.forgotten. */
  forgotten(ids: readonly string[]): Forgotten[] {
    const since = Date.now() - this.#reopenMs
    return ids.flatMap((id) => {
      const chunk = this.#book.get(id)
      if (!chunk || isUndecided(chunk) || this.#settled.has(chunk)) return []
      if (chunk.decidedBy === null || (chunk.decidedAt ?? 0) < since) return []
      return [{ chunk: id, ranges: [...chunk[takenBy(chunk)]] }]
    })
  }

  /**
   * Writes anew what the decision took away, out of `recalled` where it is not remembered here, and
   * makes the chunk open. Undefined where nothing of it can come back; else the chunks that strike
   * the same words again. To be called in a transaction.
   */
  reopen(chunk: StoredChunk, recalled?: Restorer): StoredChunk[] | undefined {
    const restorer = this.#settled.get(chunk)?.reopening ?? recalled
    if (!restorer || isUndecided(chunk)) return undefined
    const op = takenBy(chunk)
    const { moved } = this
    const carrier = moved && new CarryBack(this.#book, moved, chunk, op)
    const { created, copies } = restorer.restore(chunk[op], carrier)
    const written = carrier?.written ?? []
    const isBack = created.to > created.from || written.length > 0
    const isMoved = moved !== undefined && hasMoved(this.#book, moved, chunk)
    if (!isBack && !isMoved && this.#book.isEmpty(chunk)) {
      this.#beyond.add(chunk)
      return undefined
    }
    this.forget(chunk)
    this.#book.reopen(chunk)
    if (moved) ownMoved(this.#book, moved, chunk)
    // A struck block that was kept for what others propose in it is people's again.
    if (op === 'del') {
      for (const block of typesIn(this.#book.doc, chunk.del).elements) this.#book.takeBack(block)
    }
    if (!isBack) return []
    // A list around struck items that went with them is people's again; around proposed ones it is not.
    const own = op === 'ins' ? [created] : followCopies(copies, chunk.del)
    for (const { client, from, to } of [...own, ...written])
      this.#book.own(op, chunk, client, from, to)
    // What another edit would strike too is back for that one as well.
    return this.#book.stale().filter((other) => {
      const back = followCopies(copies, other.del)
      for (const { client, from, to } of back) this.#book.own('del', other, client, from, to)
      return back.length > 0
    })
  }

  forget(chunk: StoredChunk): void {
    this.#beyond.delete(chunk)
    clearTimeout(this.#settled.get(chunk)?.timer)
    this.#settled.delete(chunk)
  }

  close(): void {
    this.#keys.close()
    for (const { timer } of this.#settled.values()) clearTimeout(timer)
    this.#settled.clear()
  }
}

/** What a decision takes away. */
const takenBy = ({ state }: StoredChunk): 'ins' | 'del' => (state === 'rejected' ? 'ins' : 'del')
