/**
 * MissedErasures tells what was erased of chunks while nobody looked on: before a restart, or before the rows
 * were read that another instance wrote. The log tells what it was.
 */
import type * as Y from 'yjs'
import { isUndecided } from '../chunk-book.ts'
import type { ItemRange, StoredChunk } from '../types.ts'
import { erasedOf } from './erased.ts'
import type { Lost } from './lost.ts'

export class MissedErasures {
  readonly #doc: Y.Doc
  readonly #lost: Lost
  readonly #told = new WeakMap<StoredChunk, ItemRange[]>()

  constructor(doc: Y.Doc, lost: Lost) {
    this.#doc = doc
    this.#lost = lost
  }

  /** What of undecided ones among these chunks is to be looked up; each item is told once. */
  of(chunks: Iterable<StoredChunk>): ItemRange[] {
    return [...chunks].filter(isUndecided).flatMap((chunk) => {
      const told = this.#told.get(chunk) ?? []
      const missed = erasedOf(this.#doc, [chunk]).filter(
        (range) => !this.#lost.has(range) && !told.some((one) => isWithin(range, one)),
      )
      if (missed.length > 0) this.#told.set(chunk, [...told, ...missed])
      return missed
    })
  }
}

const isWithin = ({ client, from, to }: ItemRange, other: ItemRange): boolean =>
  other.client === client && other.from <= from && to <= other.to
