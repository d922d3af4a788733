/** Walk-line reads the characters and breaks of one block, with whose they are, in their order. */

import * as Y from 'yjs'
import type { ChunkBook } from '../chunk-book.ts'
import type { Segment } from '../ownership.ts'

/** Characters with the same owners, or a line break. */
export interface LinePart extends Pick<Segment, 'ins' | 'dels' | 'client' | 'clock' | 'length'> {
  text: string
}

/** The parts of a block's line; lists in it have lines of their own. */
export function* walkLine(book: ChunkBook, block: Y.XmlElement): Generator<LinePart> {
  for (const child of block.toArray()) {
    if (child instanceof Y.XmlText) yield* book.ownership.segments(child)
    else if (child instanceof Y.XmlElement && child.nodeName === 'linebreak') {
      const { client, clock } = child._item!.id
      const ins = book.ownership.owner('ins', client, clock)
      const dels = book.ownership.owners('del', client, clock)
      yield { text: '\n', client, clock, length: 1, ins, dels }
    } else if (child instanceof Y.XmlElement && child.nodeName !== 'list') {
      yield* walkLine(book, child)
    }
  }
}
