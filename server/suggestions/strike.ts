/** Striking people's text: the first half of an edit. The characters stay; a flag says they may go. */

import type * as Y from 'yjs'
import type { ItemSpan } from '#shared/document/piece.ts'
import { FLAG, formatFlag } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'
import { typesIn } from './items.ts'
import type { Segment } from './ownership.ts'
import type { StoredChunk } from './types.ts'

/**
 * Strikes what lives of these characters and is not struck already. Returns the place behind the
 * last one; undefined where nothing was left to strike.
 */
export function strike(
  book: ChunkBook,
  chunk: StoredChunk,
  spans: readonly ItemSpan[],
): { text: Y.XmlText; index: number } | undefined {
  let last: { text: Y.XmlText; index: number } | undefined
  for (const { client, clock, length } of spans) {
    const range = { client, from: clock, to: clock + length }
    for (const text of typesIn(book.doc, [range]).texts) {
      for (const part of [...book.ownership.segments(text)]) {
        const from = Math.max(part.clock, clock)
        const to = Math.min(part.clock + part.length, clock + length)
        if (part.client !== client || from >= to || part.del) continue
        const index = strikePart(book, chunk, text, part, from, to)
        last = { text, index }
      }
    }
  }
  return last
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
  text.format(index, to - from, { [FLAG]: formatFlag({ op: 'del', chunk: chunk.id }) })
  return index + to - from
}
