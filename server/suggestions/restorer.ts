/** Restorer brings back what settling has taken away: from memory (reopening.ts) or from the log. */
import type * as Y from 'yjs'
import type { ItemId, ItemRange } from './types.ts'

/** Characters that were written anew. */
export interface Copy {
  from: ItemId
  to: ItemId
  length: number
}

export interface Restored {
  /** The ids of all that is new: characters, and the blocks around them. */
  created: ItemRange
  copies: Copy[]
}

/** Deleted characters that stood together in one text, and what they stood between there. */
export interface GoneRun {
  text: Y.XmlText
  parts: { id: Y.ID; words: string; attributes: Record<string, unknown> }[]
  /** The next character on either side that is known to stand somewhere. */
  before: Y.ID | undefined
  behind: Y.ID | undefined
}

/** Whoever knows where words went since then. */
export interface Carrier {
  isKnown(id: Y.ID): boolean
  /** Writes them where they belong now; false where that is where they were. */
  carry(run: GoneRun): boolean
}

export interface Restorer {
  /** Writes what was deleted in these ranges anew, but for what the carrier takes elsewhere. */
  restore(ranges: readonly ItemRange[], carrier?: Carrier): Restored
}

/** Where the characters of some ranges are now. */
export function followCopies(copies: readonly Copy[], ranges: readonly ItemRange[]): ItemRange[] {
  return copies.flatMap(({ from, to, length }) =>
    ranges.flatMap((range) => {
      const first = Math.max(range.from, from.clock)
      const last = Math.min(range.to, from.clock + length)
      if (range.client !== from.client || first >= last) return []
      const shift = to.clock - from.clock
      return [{ client: to.client, from: first + shift, to: last + shift }]
    }),
  )
}
