/** Inherit lets what the room writes again stay of the chunks that it was of. */
import type { MovedRange } from '#shared/document/moves.ts'
import type { ChunkBook } from '../chunk-book.ts'
import type { ItemRange } from '../types.ts'

/** Returns what was written. */
export function inherit(book: ChunkBook, range: MovedRange): ItemRange {
  const { client, clock, length, toClient, toClock } = range
  for (let n = 0; n < length; n++) {
    const ins = book.ownership.owner('ins', client, clock + n)
    const at = toClock + n
    if (ins) book.own('ins', ins, toClient, at, at + 1)
    for (const del of book.ownership.owners('del', client, clock + n)) {
      book.own('del', del, toClient, at, at + 1)
    }
  }
  return { client: toClient, from: toClock, to: toClock + length }
}

/** Whether a chunk proposes or strikes something of what was written again. */
export const isOwned = ({ ownership }: ChunkBook, { client, clock, length }: MovedRange): boolean =>
  ownership.has(client, clock, clock + length)
