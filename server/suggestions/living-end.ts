/** LivingEnd finds where the text of a suggestion ends that nobody has deleted. */
import * as Y from 'yjs'
import { compareTypes, itemsIn } from '#shared/document/item-order.ts'
import { type ChunkBook, isUndecided } from './chunk-book.ts'
import { inRanges, runsOf, stringOf } from './items.ts'
import type { StoredChunk } from './types.ts'

/** Behind the last living character of the newest of these chunks that has one. */
export function livingEnd(
  { doc }: ChunkBook,
  chunks: readonly StoredChunk[],
): { text: Y.XmlText; index: number } | undefined {
  for (const chunk of [...chunks].reverse()) {
    if (!isUndecided(chunk) && chunk.state !== 'accepted') continue
    const texts = new Set<Y.XmlText>()
    for (const item of itemsIn(doc, chunk.ins)) {
      if (stringOf(item) && item.parent instanceof Y.XmlText) texts.add(item.parent)
    }
    const text = [...texts].sort(compareTypes).at(-1)
    if (text) return { text, index: endIn(text, chunk) }
  }
  return undefined
}

/** Index behind the last character that the chunk owns in a text. */
function endIn(text: Y.XmlText, chunk: StoredChunk): number {
  let end = 0
  for (const { client, clock, index, length } of runsOf(text)) {
    for (let n = 0; n < length; n++) {
      if (inRanges(chunk.ins, client, clock + n)) end = index + n + 1
    }
  }
  return end
}
