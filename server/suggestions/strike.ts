/**
 * What an edit does to people's text: strike it, which leaves it where it is with a flag that says
 * that it may go, and find the places in it where the replacement belongs.
 */

import * as Y from 'yjs'
import type { ItemSpan } from '#shared/document/piece.ts'
import { FLAG, INLINE_TYPES } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'
import { elementsUnder, isGone, setFlag, textsUnder, typesIn } from './items.ts'
import type { Segment } from './ownership.ts'
import type { Spot } from './pen.ts'
import type { StoredChunk } from './types.ts'

/**
 * Strikes what lives of these characters, whoever else strikes them too; a stale chunk only remembers
 * them. Returns the place behind the last one; undefined where nothing was left to strike.
 */
export function strike(
  book: ChunkBook,
  chunk: StoredChunk,
  spans: readonly ItemSpan[],
): Spot | undefined {
  let last: Spot | undefined
  for (const { client, clock, length } of spans) {
    const range = { client, from: clock, to: clock + length }
    for (const text of typesIn(book.doc, [range]).texts) {
      for (const part of [...book.ownership.segments(text)]) {
        const from = Math.max(part.clock, clock)
        const to = Math.min(part.clock + part.length, clock + length)
        if (part.client !== client || from >= to || part.dels.includes(chunk)) continue
        const index = strikePart(book, chunk, text, part, from, to)
        last = { text, index }
      }
    }
  }
  return last
}

/**
 * Strikes a block as such, with the breaks in it; its characters are for `strike`. It goes with the
 * acceptance if nothing else is left in it then.
 */
export function strikeBlock(book: ChunkBook, chunk: StoredChunk, block: Y.XmlElement): void {
  for (const inside of elementsUnder(block)) {
    // A link goes by itself once it is empty, and may still get a part of the replacement.
    const isMark = INLINE_TYPES.has(inside.nodeName) && inside.nodeName !== 'link'
    const { client, clock } = inside._item!.id
    const isProposed = book.ownership.owner('ins', client, clock) !== undefined
    if (isMark && !isProposed) strikeElement(book, chunk, inside)
  }
  strikeElement(book, chunk, block)
}

function strikeElement(book: ChunkBook, chunk: StoredChunk, element: Y.XmlElement): void {
  const { client, clock } = element._item!.id
  book.own('del', chunk, client, clock, clock + 1)
  setFlag(element, book.wantedElementFlag(element))
}

/** Whether the chunk strikes every character of a line. */
export function isStruckWhole(book: ChunkBook, chunk: StoredChunk, line: Y.XmlElement): boolean {
  return [...textsUnder(line)].every((text) =>
    [...book.ownership.segments(text)].every(({ dels }) => dels.includes(chunk)),
  )
}

/**
 * Deletes the words that the chunk proposes: what they were to replace is gone. Where there are
 * blocks or links among them, people are left to judge.
 */
export function unwrite(book: ChunkBook, chunk: StoredChunk): void {
  const { texts, elements } = typesIn(book.doc, chunk.ins)
  if (elements.size > 0) return
  for (const text of texts) {
    for (const { index, length, ins } of [...book.ownership.segments(text)].reverse()) {
      if (ins === chunk) text.delete(index, length)
    }
  }
}

/**
 * The place behind a character or in front of it, also where only its place is left; undefined
 * where its line is gone too.
 */
export function spotBeside(
  doc: Y.Doc,
  { client, clock }: { client: number; clock: number },
  side: 'after' | 'before',
): (Spot & { isLost: boolean }) | undefined {
  if (Y.getState(doc.store, client) <= clock) return undefined
  const item = Y.getItem(doc.store, Y.createID(client, clock)) as Y.Item | Y.GC
  if (!(item instanceof Y.Item)) return undefined
  const assoc = side === 'after' ? -1 : 0
  const anchor = Y.createRelativePositionFromJSON({ item: { client, clock }, assoc })
  const at = Y.createAbsolutePositionFromRelativePosition(anchor, doc)
  if (!(at?.type instanceof Y.XmlText) || isGone(at.type)) return undefined
  return { text: at.type, index: at.index, isLost: item.deleted }
}

function strikePart(
  book: ChunkBook,
  chunk: StoredChunk,
  text: Y.XmlText,
  part: Segment,
  from: number,
  to: number,
): number {
  const index = part.index + from - part.clock
  book.own('del', chunk, part.client, from, to)
  const dels = book.ownership.owners('del', part.client, from)
  const flag = book.wantedFlag(part.flag, { ins: part.ins, dels })
  if (flag !== part.flag) text.format(index, to - from, { [FLAG]: flag })
  return index + to - from
}
