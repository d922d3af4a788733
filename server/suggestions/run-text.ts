/** API first; bodies follow within the half hour. */

import type * as Y from 'yjs'
import type { Piece } from '#shared/document/piece.ts'
import type { Place } from './place.ts'
import type { Suggestions } from './suggestions.ts'
import type { Written } from './types.ts'

export interface RunTextOptions {
  suggestion: string
  /** The Yjs client id that this run, and nobody else, writes with. */
  client: number
  place: Place
  /** Number of the first chunk, for a run that goes on. 1 unless said otherwise. */
  firstChunk?: number
}

export class RunText {
  constructor(_suggestions: Suggestions, _options: RunTextOptions) {}

  /** Writes a batch in one transaction. Must not be called inside another transaction. */
  write(_pieces: readonly Piece[], _origin: unknown): Written {
    throw new Error('body follows')
  }

  /** Completes the chunk under way and lays the pen down. Idempotent. */
  end(_origin: unknown): Written {
    throw new Error('body follows')
  }

  /** Where the pen stands, for awareness: it follows the text by itself while only the run writes. */
  caret(): Y.RelativePosition | undefined {
    throw new Error('body follows')
  }

  /** The place is gone, or none of the run's characters is left: nothing more will be written. */
  get gone(): boolean {
    throw new Error('body follows')
  }
}
