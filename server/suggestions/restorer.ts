/** Brings back what settling has taken away: from memory (reopening.ts) or from the log. */
import type { ItemRange } from './types.ts'

export interface Restorer {
  /** Writes what was deleted in these ranges anew; the ids of what is new. */
  restore(ranges: readonly ItemRange[]): ItemRange
}
