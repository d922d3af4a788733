/**
 * RunWords keeps what a run had written in a place that somebody deleted without having seen it. Such
 * words are no person's, so nobody is asked to keep them: they go on behind their run's own text where
 * that lives, or comes back by undo, and stand nowhere else.
 */
import type * as Y from 'yjs'
import type { Piece, Segment } from './piece.ts'
import type { TextSpot } from './spots.ts'

/** Of more, the oldest are forgotten: nobody undoes so much. */
const MOST_SEGMENTS = 500

/** Where the run of a character is written: `here`, on another instance, or nowhere any more. */
export type RunState = 'here' | 'elsewhere' | 'ended'

export interface RunWordsDeps {
  /** Of the run that proposes this character; undefined for what people wrote, and once it is decided. */
  stateOf(id: Y.ID): RunState | undefined
  /** Behind the last living character that its run wrote until then; undefined where there is none. */
  spotOf(id: Y.ID): TextSpot | undefined
  write(spot: TextSpot, segments: readonly Segment[]): void
}

export class RunWords {
  readonly #deps: RunWordsDeps
  #kept: Segment[] = []

  constructor(deps: RunWordsDeps) {
    this.#deps = deps
  }

  get isEmpty(): boolean {
    return this.#kept.length === 0
  }

  /** Without the words of runs that another instance writes: that one brings them back. */
  withoutForeign<P extends Piece>(pieces: readonly P[]): P[] {
    return partsOf(pieces, ({ id }) => this.#deps.stateOf(id) !== 'elsewhere')
  }

  /** Keeps what of these pieces runs wrote; returns what people wrote. */
  keep(pieces: readonly Piece[]): Piece[] {
    const isRun = ({ id }: Segment) => this.#deps.stateOf(id) !== undefined
    this.#keep(pieces, isRun)
    return partsOf(pieces, (segment) => !isRun(segment))
  }

  /** Keeps what of these pieces is of runs that are written here: somebody took it along elsewhere. */
  keepOwn(pieces: readonly Piece[]): void {
    this.#keep(pieces, ({ id }) => this.#deps.stateOf(id) === 'here')
  }

  /** Writes again what has a place. To be called in a transaction. */
  bringBack(): void {
    const { stateOf, spotOf, write } = this.#deps
    this.#kept = this.#kept.filter((segment) => {
      if (stateOf(segment.id) === undefined) return false
      const spot = spotOf(segment.id)
      if (spot) write(spot, [segment])
      return !spot
    })
  }

  #keep(pieces: readonly Piece[], is: (segment: Segment) => boolean): void {
    const words = pieces.flatMap(({ segments }) => segments.filter(is))
    this.#kept = [...this.#kept, ...words].slice(-MOST_SEGMENTS)
  }
}

function partsOf<P extends Piece>(pieces: readonly P[], is: (segment: Segment) => boolean): P[] {
  return pieces.flatMap((piece) => {
    const segments = piece.segments.filter(is)
    if (segments.length === piece.segments.length) return [piece]
    return segments.length > 0 ? [{ ...piece, segments }] : []
  })
}
