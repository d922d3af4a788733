/**
 * Rivals tells which undecided chunks are for the same words, and which of them lose when some are
 * accepted. Two are rivals if both strike an item, or if one writes behind an item that the other one
 * strikes.
 */

import { itemsIn } from '#shared/document/item-order.ts'
import { type ChunkBook, isUndecided } from '../chunk-book.ts'
import type { StoredChunk } from '../types.ts'

export type Rivals = Map<StoredChunk, Set<StoredChunk>>

export function rivalsIn(book: ChunkBook): Rivals {
  const rivals: Rivals = new Map()
  const add = (one: StoredChunk, other: StoredChunk) => {
    if (one === other) return
    for (const [from, to] of [
      [one, other],
      [other, one],
    ] as const) {
      const known = rivals.get(from) ?? new Set()
      rivals.set(from, known.add(to))
    }
  }
  for (const { chunks, ...range } of book.ownership.shared()) {
    if (itemsIn(book.doc, [range]).next().done) continue
    for (const one of chunks) for (const other of chunks) add(one, other)
  }
  for (const chunk of book.undecided()) {
    if (chunk.state === 'stale') continue
    for (const { client, clock } of chunk.original?.after ?? []) {
      for (const striker of book.ownership.owners('del', client, clock)) add(chunk, striker)
    }
  }
  return rivals
}

/** Chunks that are beaten by an accepted one for the same words, with that one. */
export function beatenBy(
  accepted: readonly StoredChunk[],
  rivals: Rivals,
): Map<StoredChunk, StoredChunk> {
  const beaten = new Map<StoredChunk, StoredChunk>()
  for (const winner of accepted) {
    if (beaten.has(winner)) continue
    for (const loser of rivals.get(winner) ?? []) {
      if (isUndecided(loser) && !beaten.has(loser)) beaten.set(loser, winner)
    }
  }
  return beaten
}
