/**
 * Line breaks tells when a break or an emptied link must stay: between two texts that would touch
 * without it. V2 mends touching texts by copying one into the other, in every open editor.
 */

import * as Y from 'yjs'
import type { ChunkBook } from './chunk-book.ts'
import type { StoredChunk } from './types.ts'

/** Whether there are characters right before and right behind the element. */
export const partsTexts = (element: Y.XmlElement): boolean =>
  besides(element, 'left') !== undefined && besides(element, 'right') !== undefined

/** The pending chunk whose text stands beside the element: behind it, else before it. */
export function pendingBeside(book: ChunkBook, element: Y.XmlElement): StoredChunk | undefined {
  for (const side of ['right', 'left'] as const) {
    const text = besides(element, side)
    if (!text) continue
    for (const { ins } of book.ownership.segments(text)) if (ins) return ins
  }
  return undefined
}

/** The next text with characters on one side; undefined where another element comes first. */
function besides(element: Y.XmlElement, side: 'left' | 'right'): Y.XmlText | undefined {
  for (let item = element._item?.[side]; item; item = item[side]) {
    if (item.deleted || !(item.content instanceof Y.ContentType)) continue
    const type: unknown = item.content.type
    if (!(type instanceof Y.XmlText)) return undefined
    if (type.length > 0) return type
  }
  return undefined
}
