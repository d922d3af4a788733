/** Copies tells which of an update's words were there before it, and takes them out of an arrival. */
import * as Y from 'yjs'
import type { MovedRange } from '#shared/document/moves/moved-range.ts'
import type { RangeMap } from '#shared/document/moves/range-map.ts'
import type { Anchor, Arrival } from './arrivals.ts'
import type { Piece } from './piece.ts'

export interface Copies {
  /** From a copy to what it is one of. */
  copies: RangeMap<MovedRange>
  /** Copies that have been dealt with: they are not to be written anywhere. */
  settled: RangeMap<MovedRange>
}

/** An arrival without what is settled, in as many pieces as that leaves. */
export function piecesOf({ parts, anchors }: Arrival, { copies, settled }: Copies): Piece[] {
  const pieces: Piece[] = []
  let next: Anchor[] = anchors
  let piece: Piece | undefined
  for (const { id, text, attributes } of parts) {
    for (let n = 0; n < text.length; n++) {
      const one = Y.createID(id.client, id.clock + n)
      if (settled.get(one.client, one.clock)) {
        piece?.anchors.push({ side: 'before', id: one })
        piece = undefined
        next = [{ side: 'behind', id: one }]
        continue
      }
      if (!piece) {
        piece = { segments: [], anchors: [...next] }
        pieces.push(piece)
      }
      const isCopy = copies.get(one.client, one.clock) !== undefined
      const last = piece.segments.at(-1)
      if (n > 0 && last?.isCopy === isCopy && isNext(last.id, last.text.length, one)) {
        last.text += text[n]
      } else {
        const segment = { id: one, text: text[n]!, attributes: undefined, isCopy }
        piece.segments.push({ ...segment, more: attributes })
      }
    }
  }
  return pieces
}

const isNext = (id: Y.ID, length: number, next: Y.ID): boolean =>
  id.client === next.client && id.clock + length === next.clock
