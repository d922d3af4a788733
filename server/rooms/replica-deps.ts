/** ReplicaDeps says what a replica needs of the others in its room. */
import type { Bus } from '#server/bus/bus.ts'
import type { Metrics } from '#server/metrics.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import type { GlossError } from '#shared/errors.ts'
import type { Committer } from './committer.ts'
import type { Known, OwnEvents } from './log-entry.ts'
import type { Outgoing } from './outbox.ts'

export interface ReplicaDeps {
  id: string
  store: Pick<DocumentStore, 'updatesAfter'>
  bus: Pick<Bus, 'publishHint'>
  committer: Committer
  metrics: Metrics
  /** Whether a person's update needs to be told of the log before `readPast` has read it. */
  lacksPast(update: Uint8Array): boolean
  /** Reads the log up to this place once more. */
  readPast(epoch: number, head: number): Promise<void>
  /** The next update of the log. */
  apply(update: Uint8Array, known: Known): void
  /** Committed and applied: to be sent, `soon` where it may be gathered for a moment. */
  send(outgoing: readonly Outgoing[], soon: boolean): void
  /** The lane's events reach up to `head`; `own` are those written here. */
  events(head: number, own: OwnEvents | undefined): void
  /**
   * Something was applied. `foreign`: another instance wrote it. True where the room has an answer
   * to it: what was applied is sent when that is committed.
   */
  applied(foreign: boolean): boolean
  /** These were added to the log from here. */
  written(updates: readonly Uint8Array[]): void
  /** The copy cannot be trusted any more. */
  lost(error: GlossError): void
}
