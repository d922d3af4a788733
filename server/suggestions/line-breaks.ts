/**
 * Line breaks tells when a break or an emptied link must stay: between two texts that would touch
 * without it. V2 mends touching texts by copying one into the other, in every open editor.
 */

import * as Y from 'yjs'
import type { ChunkBook } from './chunk-book.ts'
import type { StoredChunk } from './types.ts'

/**
 * Whether two texts would touch without the element. For a link, pending breaks beside it do not
 * count: they may go later, and an empty link is not seen, but a break that had to stay would be.
 */
export const partsTexts = (book: ChunkBook, element: Y.XmlElement): boolean =>
  besides(book, element, 'left') !== undefined && besides(book, element, 'right') !== undefined

/** The pending chunk whose text stands beside the element: behind it, else before it. */
export function pendingBeside(book: ChunkBook, element: Y.XmlElement): StoredChunk | undefined {
  for (const side of ['right', 'left'] as const) {
    const text = besides(book, element, side)
    if (!text) continue
    for (const { ins } of book.ownership.segments(text)) if (ins) return ins
  }
  return undefined
}

/** The next text with characters on one side; undefined where another element comes first. */
function besides(
  book: ChunkBook,
  element: Y.XmlElement,
  side: 'left' | 'right',
): Y.XmlText | undefined {
  const isLink = element.nodeName === 'link'
  for (let item = element._item?.[side]; item; item = item[side]) {
    if (item.deleted || !(item.content instanceof Y.ContentType)) continue
    const type: unknown = item.content.type
    if (type instanceof Y.XmlText) {
      if (type.length > 0) return type
      continue
    }
    const isPendingBreak =
      type instanceof Y.XmlElement &&
      type.nodeName === 'linebreak' &&
      book.ownership.owner('ins', item.id.client, item.id.clock) !== undefined
    if (!isLink || !isPendingBreak) return undefined
  }
  return undefined
}
