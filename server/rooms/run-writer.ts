/**
 * A run's pen: the co-pilot's only way into a document. One per run, given by `Room.openRun` to
 * the instance that holds the run's lease. Everything it writes is committed in one transaction
 * with the events that tell of it, behind the run's fence, before anybody sees it.
 */
import type { Progress } from '#server/store/run-progress.ts'
import type { Piece } from '#shared/document/piece.ts'
import type { FailureKind, Person, Usage } from '#shared/protocol/event.ts'

export type RunEnd =
  | { kind: 'finished'; reason: 'stop' | 'length' | 'filtered'; usage: Usage }
  | { kind: 'stopped'; by: Person; usage: Usage }
  | {
      kind: 'failed'
      failure: FailureKind
      message: string
      continuable: boolean
      usage: Usage
    }

/** Why no more text is wanted: the reason of `signal` is one of these. */
export type RunAbort =
  /** Somebody stopped it. */
  | { kind: 'stopped'; by: Person }
  /** The place it wrote at is gone, or all of it was rejected. */
  | { kind: 'no-place' }
  /** Another instance, or the sweeper, has taken it. Nothing may be written any more. */
  | { kind: 'fenced' }
  /** The room closes. */
  | { kind: 'closing' }

export interface RunWriter {
  readonly signal: AbortSignal
  /**
   * Writes a batch; resolves when it is committed and sent. `tokens` is the run's total so far,
   * `progress` how far an edit has come with it. Throws once the signal has aborted. The caller
   * gathers 30–60 ms of pieces into one call.
   */
  write(pieces: readonly Piece[], tokens: number, progress?: Progress): Promise<void>
  /**
   * Resolves when all that was written stands in the document. Where its place was deleted it waits some
   * time for that to come back. Throws once the signal has aborted.
   */
  settle(): Promise<void>
  /** The one terminal event. Idempotent; completes the chunk under way. Never throws for `fenced`. */
  end(end: RunEnd): Promise<void>
}
