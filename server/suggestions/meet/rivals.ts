/**
 * Rivals tells which undecided chunks are for the same words, and which of them lose when some are
 * accepted. Two are rivals if both strike an item, or if one writes behind an item that the other one
 * strikes.
 */

import type * as Y from 'yjs'
import { itemsIn, lineBlock } from '#shared/document/item-order.ts'
import { type ChunkBook, isUndecided } from '../chunk-book.ts'
import { typesIn } from '../items.ts'
import type { StoredChunk } from '../types.ts'
import { walkLine } from './walk-line.ts'

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

/**
 * Chunks that cannot be accepted once others were: of each, those whose words would stand among what
 * it strikes.
 */
export function spoiledIn(book: ChunkBook): Rivals {
  const spoiled: Rivals = new Map()
  const spoil = (chunk: StoredChunk, others: Iterable<StoredChunk>) => {
    for (const other of others) {
      if (other === chunk) continue
      spoiled.set(other, (spoiled.get(other) ?? new Set()).add(chunk))
    }
  }
  for (const block of struckBlocks(book)) {
    const { client, clock } = block._item!.id
    const wholes = book.ownership.owners('del', client, clock)
    let before: readonly StoredChunk[] = []
    let between = new Set<StoredChunk>()
    for (const { ins, dels } of walkLine(book, block)) {
      if (ins) {
        between.add(ins)
        for (const whole of wholes) spoil(whole, [ins])
        continue
      }
      for (const chunk of dels) if (before.includes(chunk)) spoil(chunk, between)
      before = dels
      between = new Set()
    }
  }
  return spoiled
}

function struckBlocks(book: ChunkBook): Set<Y.XmlElement> {
  const blocks = new Set<Y.XmlElement>()
  for (const { state, del } of book.undecided()) {
    if (state === 'stale') continue
    const { texts, elements } = typesIn(book.doc, del)
    for (const type of [...texts, ...elements]) {
      const block = lineBlock(type)
      if (block) blocks.add(block)
    }
  }
  return blocks
}

/** Chunks that are beaten by an accepted one for the same words, with that one. */
export function beatenBy(
  accepted: readonly StoredChunk[],
  rivals: Rivals,
  spoiled: Rivals = new Map(),
): Map<StoredChunk, StoredChunk> {
  const beaten = new Map<StoredChunk, StoredChunk>()
  const won = new Set<StoredChunk>()
  for (const winner of accepted) {
    if (beaten.has(winner)) continue
    won.add(winner)
    const losers = [...(rivals.get(winner) ?? []), ...(spoiled.get(winner) ?? [])]
    for (const loser of losers) {
      if (isUndecided(loser) && !beaten.has(loser) && !won.has(loser)) beaten.set(loser, winner)
    }
  }
  return beaten
}
