/** LogEntry says what a room has committed, and what is known of what comes out of its log. */
import type { Commit, CommitRefusal, CommitResult } from '#server/store/document-store.ts'
import type { SentBy } from '#server/suggestions/late/sent.ts'
import type { GlossError } from '#shared/errors.ts'
import type { Person } from '#shared/protocol/event.ts'
import type { Work } from './committer.ts'
import type { Outgoing } from './outbox.ts'

export type Committed = Extract<CommitResult, { ok: true }>

/** The connection that an update came from, and who is at its other end. */
export interface SentHere extends SentBy {
  user: Person
}

/** Work for the committer, and what is to happen with it. */
export interface Entry extends Work {
  /** Whom its updates came from; they do not get them back. */
  from?: Outgoing['from']
  /** The Y.Doc has the updates already: the server's own. */
  applied?: boolean
  /** May be gathered for a moment before it is sent. */
  soon?: boolean
  /** What is known of the connection that each of its updates came from, where that is a person's. */
  sentBy?: readonly SentHere[]
  /** The room's answer to words that came too late: what waits for it is sent together with it. */
  answers?: boolean
  /** Committed, applied and sent, in the log's order. */
  landed(result: Committed): void
  refused(refusal: CommitRefusal): void
  /** Not committed, or nobody knows. */
  failed(error: GlossError): void
}

/** What is known of an update of the log. */
export interface Known {
  /** The Y.Doc has it already. */
  has: boolean
  /** Whose it is. */
  actor?: string
  /** It was committed here, and came from there. */
  sentBy?: SentHere | undefined
}

/** Events of the lane that were committed here. */
export interface OwnEvents {
  from: number
  at: number
  events: NonNullable<Commit['events']>
}

/** An entry that was committed, on its way to be applied. */
export interface OwnArrival {
  kind: 'own'
  entry: Entry
  result: Committed
  settledAt: number
}
