/** What a later, contrary decision is told: who was first. */

import { GlossError } from '#shared/errors.ts'
import type { Winner } from '#shared/protocol/api.ts'

/** Code `conflict`, with the winners. */
export class DecisionConflict extends GlossError {
  readonly winners: Winner[]

  constructor(winners: Winner[]) {
    super('conflict', 'somebody decided first')
    this.winners = winners
  }
}
