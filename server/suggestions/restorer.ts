/** Restorer brings back what settling has taken away: from memory (reopening.ts) or from the log. */
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

export interface Restorer {
  /** Writes what was deleted in these ranges anew. */
  restore(ranges: readonly ItemRange[]): Restored
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
