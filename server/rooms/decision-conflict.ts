/** What a later, contrary decision is told: who was first. */

import { GlossError } from '#shared/errors.ts'
import type { Person } from '#shared/protocol/event.ts'

export interface Winner {
  n: number
  state: 'accepted' | 'rejected'
  /** Null where the name is not known any more. */
  by: Person | null
}

/** Code `conflict`, with the winners. */
export class DecisionConflict extends GlossError {
  readonly winners: Winner[]

  constructor(winners: Winner[]) {
    super('conflict', 'somebody decided first')
    this.winners = winners
  }
}
