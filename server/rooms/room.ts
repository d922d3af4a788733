/**
 * A room: one open document on this instance, and the only thing that touches its Y.Doc. It is a
 * cache of the log: whatever a peer, a run or a decision changes is committed first, then applied,
 * sent to everybody, and only then acknowledged. A room knows peers, a store and a bus; it knows
 * nothing of http, of sockets or of models.
 */
import type { Subscription } from '#server/bus/bus.ts'
import type { Commit, EventRow, RunRow } from '#server/store/document-store.ts'
import type { Block } from '#shared/document/blocks.ts'
import type {
  ChunkState,
  ContentFormat,
  ContentView,
  SuggestionInfo,
  Target,
} from '#shared/protocol/api.ts'
import type { Person } from '#shared/protocol/event.ts'
import type { ClientFrame } from '#shared/protocol/frame.ts'
import type { Peer } from './peer.ts'
import type { RunWriter } from './run-writer.ts'

/** Where a run writes and what it works on, without a Y.Doc. `place` is opaque to the co-pilot. */
export interface Located {
  place: Place
  /** Characters `from..to` of the text of a block that `blocks('without')` names. */
  selection: { block: string; from: number; to: number }[]
}
export interface Place {
  readonly at: Uint8Array
}

export interface Decide {
  suggestion: string
  /** All open chunks where absent. */
  chunks?: number[]
  decision: 'accept' | 'reject' | 'reopen'
  by: Person
}
export interface DecidedChunk {
  n: number
  state: ChunkState
}

/** Somebody decided first. `winners` says how each contested chunk stands, and by whom. */
export { DecisionConflict } from './decision-conflict.ts'

export class Room {
  readonly id: string

  private constructor(id: string) {
    this.id = id
  }

  /** Lets a connection in: it is asked for what it has, and told who is here. */
  join(_peer: Peer): void {
    throw new Error('being written')
  }
  /** Idempotent. Its presence goes; what it sent before is still committed. */
  leave(_peer: Peer): void {
    throw new Error('being written')
  }
  /**
   * Takes one frame of a joined peer; `bytes` is its size on the wire. Never throws but for
   * `bad-frame` (close 4400). Refusals are answered by nack and close.
   */
  receive(_peer: Peer, _frame: ClientFrame, _bytes: number): void {
    throw new Error('being written')
  }
  /** True while the commit queue is full: stop reading the sockets until `drained` resolves. */
  get full(): boolean {
    throw new Error('being written')
  }
  drained(): Promise<void> {
    throw new Error('being written')
  }
  get size(): number {
    throw new Error('being written')
  }

  /**
   * Resolves when the room has all that `stateVector` counts: an ask over HTTP can overtake the
   * keystrokes it is about, which come by socket. Rejects with the signal's reason; throws
   * `bad-request` where it is no state vector.
   */
  caughtUp(_stateVector: Uint8Array, _signal: AbortSignal): Promise<void> {
    throw new Error('being written')
  }
  blocks(_view: ContentView): Block[] {
    throw new Error('being written')
  }
  content(_format: ContentFormat, _view: ContentView): string {
    throw new Error('being written')
  }
  /** For the client's watchdog: equal state vectors must mean equal hashes. Committed state only. */
  hash(): Promise<{ hash: string; stateVector: Uint8Array }> {
    throw new Error('being written')
  }
  /** Resolves a target; undefined where it is no longer in the document. */
  locate(_target: Target): Located | undefined {
    throw new Error('being written')
  }

  /**
   * Starts a run's text: commits its `suggestions` entry, `run.started` (queue 0) and the status
   * `streaming` behind its fence, and shows its caret. Throws `conflict` when the fence has moved.
   * The suggestion's id is the run's.
   */
  openRun(_run: RunRow, _place: Place, _kind: 'insert' | 'edit'): Promise<RunWriter> {
    throw new Error('being written')
  }
  /** Aborts the writer here with `{kind: 'stopped'}`; false where this instance has none. */
  stopRun(_run: string, _by: Person): boolean {
    throw new Error('being written')
  }
  /** Commits events and a run's guard without text: queued, failed before it wrote, swept. */
  record(_entry: Pick<Commit, 'events' | 'run'>): Promise<boolean> {
    throw new Error('being written')
  }
  /** Those with something left to decide, oldest first. */
  suggestions(): SuggestionInfo[] {
    throw new Error('being written')
  }
  /**
   * Decides, and resolves when that is committed. The same decision again is no error; a contrary
   * one throws `DecisionConflict`; an unknown suggestion `not-found`.
   */
  decide(_decision: Decide): Promise<{ chunks: DecidedChunk[] }> {
    throw new Error('being written')
  }

  /** The number of the last event that followers were told. */
  get eventHead(): number {
    throw new Error('being written')
  }
  /** Tells the lane's events after `eventHead`, committed ones only, in order and without gaps. */
  follow(_listener: (events: readonly EventRow[]) => void): Subscription {
    throw new Error('being written')
  }
  /**
   * Looks again at what each peer may do: undefined closes it with 4403, otherwise `canWrite` is
   * set. To be called when a document's link or state changes.
   */
  recheck(_right: (peer: Peer) => { canWrite: boolean } | undefined): void {
    throw new Error('being written')
  }
  /** Sends everybody off and drops the document. Idempotent. */
  close(): Promise<void> {
    throw new Error('being written')
  }
}
