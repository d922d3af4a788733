/** Piece is text that the room writes where it belongs: in one stretch, by one or several writers. */
import type * as Y from 'yjs'
import type { Anchor } from './arrivals.ts'
import type { Attributes } from './sent.ts'

/** Characters with consecutive ids and the same attributes. */
export interface Segment {
  id: Y.ID
  text: string
  /** Undefined: as what they are written behind. */
  attributes: Attributes | undefined
  /** They bring attributes of their own to those of what they are written behind. */
  more?: Attributes
  /** They are no new words: somebody's copy of what was there before. */
  isCopy: boolean
}

export interface Piece {
  segments: Segment[]
  /** Where it belongs; to be tried in this order. */
  anchors: Anchor[]
}
