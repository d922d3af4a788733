/**
 * A room: one open document on this instance. It is a cache of the log: whatever a peer, a run or
 * a decision changes is committed first, then applied, sent to everybody, and only then
 * acknowledged. It relays bytes; its Y.Doc is in the study, which opens when somebody needs it. A
 * room knows peers, a store and a bus; it knows nothing of http, of sockets or of models.
 */
import type { BusListener, Subscription } from '#server/bus/bus.ts'
import type { Commit, DocumentRow, LoadedDocument, RunRow } from '#server/store/document-store.ts'
import type { Place } from '#server/suggestions/place.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import type { Person } from '#shared/protocol/event.ts'
import type { ClientFrame } from '#shared/protocol/frame.ts'
import type { Decide, DecidedChunk } from './asked-decisions.ts'
import { closeFor } from './close-for.ts'
import { EarlyEar } from './early-ear.ts'
import type { EventFeed, EventListener, Following } from './event-feed.ts'
import { interrupt, type RunBreak } from './interrupt.ts'
import type { Lobby, Right } from './lobby.ts'
import { ROOM } from './own-writes.ts'
import type { Peer } from './peer.ts'
import type { Presence } from './presence.ts'
import type { Reading } from './reading.ts'
import type { Replica } from './replica.ts'
import { furnish, type RoomDeps } from './room-parts.ts'
import type { RunWriter } from './run-writer.ts'
import type { StudyDoor } from './study-door.ts'

export class Room {
  readonly id: string
  /** The document's row when the room was opened. */
  readonly loaded: DocumentRow
  readonly #deps: RoomDeps
  readonly #replica: Replica
  readonly #presence: Presence
  readonly #events: EventFeed
  readonly #lobby: Lobby
  readonly #door: StudyDoor
  readonly #ended = new AbortController()
  readonly #subscription: Subscription

  /**
   * Opens a room with all that is stored. It listens before it reads, so that nothing is missed
   * between the two: none is ever half open.
   */
  static async open(id: string, deps: RoomDeps): Promise<Room> {
    const ear = new EarlyEar()
    const subscription = deps.bus.subscribe(id, ear)
    try {
      await subscription.ready
      const loaded = await deps.store.load(id)
      if (!loaded) throw new GlossError('not-found', 'no such document')
      if (loaded.row.state === 'deleted') throw new GlossError('gone', 'the document is deleted')
      const room = new Room(loaded, subscription, deps)
      ear.handTo(room.#listener)
      room.ended.throwIfAborted()
      return room
    } catch (error) {
      await subscription.close()
      throw error
    }
  }

  private constructor(loaded: LoadedDocument, subscription: Subscription, deps: RoomDeps) {
    this.id = loaded.row.id
    this.loaded = loaded.row
    this.#subscription = subscription
    this.#deps = deps
    const parts = furnish(loaded, deps, (error) => this.#lose(error))
    this.#replica = parts.replica
    this.#presence = parts.presence
    this.#events = parts.events
    this.#door = parts.door
    this.#lobby = parts.lobby
  }

  /** What the document says, for those who only read. */
  get reading(): Reading {
    return this.#door.open().reading
  }

  /** Aborts when the room is gone, also when it was lost: holders let go and hold anew. */
  get ended(): AbortSignal {
    return this.#ended.signal
  }

  /** How many peers are in. */
  get size(): number {
    return this.#lobby.size
  }

  /** Lets a connection in: it is asked for what it has, and told who is here. */
  join(peer: Peer): void {
    this.#lobby.join(peer)
  }

  /** Idempotent. Its presence goes; what it sent before is still committed. */
  leave(peer: Peer): void {
    this.#lobby.leave(peer)
  }

  /**
   * Takes one frame of a joined peer. Throws `bad-frame` where a frame's content is none; refusals
   * are answered by nack and close.
   */
  receive(peer: Peer, frame: ClientFrame): void {
    this.#lobby.receive(peer, frame)
  }

  /** To be called when a peer that was `behind` no longer is: it gets what was kept from it. */
  resync(peer: Peer): void {
    this.#lobby.resync(peer)
  }

  /**
   * While the commit queue is full: resolves when it has room again. Until then a peer that feeds
   * it is not to be read, so that what it says waits with the client. Undefined for any other.
   */
  backPressure(peer: Peer): Promise<void> | undefined {
    return this.#lobby.backPressure(peer)
  }

  /**
   * Resolves when the room has all that `stateVector` counts: an ask over HTTP can overtake the
   * keystrokes it is about, which come by socket. Rejects with the signal's reason; throws
   * `bad-request` where it is no state vector.
   */
  async caughtUp(stateVector: Uint8Array, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#ended.signal])
    await this.#door.open().caughtUp(stateVector, either)
  }

  /**
   * Starts a run's text: commits `run.started` (queue 0), the status `streaming` behind its fence
   * and its `suggestions` entry, and shows its caret. Throws `conflict` when the fence has moved.
   * The suggestion's id is the run's.
   */
  openRun(run: RunRow, place: Place, kind: 'insert' | 'edit'): Promise<RunWriter> {
    return this.#door.open().pens.open(run, place, kind)
  }

  /** Aborts the writer here with `{kind: 'stopped'}`; false where this instance has none. */
  stopRun(run: string, by: Person): boolean {
    return this.#door.study?.pens.stop(run, by) ?? false
  }

  /** Aborts every writer here with `{kind: 'closing'}`: each still commits its run's end. */
  stopRuns(): void {
    this.#door.study?.pens.close()
  }

  /** Writes the end of a run that nobody writes any more. False where it has ended already. */
  interruptRun(run: RunRow, end: RunBreak): Promise<boolean> {
    const { suggestions, writes } = this.#door.open()
    return interrupt({ store: this.#deps.store, suggestions, writes }, run, end)
  }

  /** Commits events and a run's guard without text. False where the guard refused. */
  async record(entry: Pick<Commit, 'events' | 'run'>): Promise<boolean> {
    const answer = await this.#door
      .open()
      .writes.write(() => ({ actor: ROOM, extras: () => entry }))
    return typeof answer === 'object'
  }

  /**
   * Decides, and resolves when that is committed. The same decision again is no error; a contrary
   * one throws `DecisionConflict`; an unknown suggestion `not-found`.
   */
  async decide(decision: Decide): Promise<{ chunks: DecidedChunk[] }> {
    const { asked } = this.#door.open()
    try {
      return { chunks: await asked.decide(decision) }
    } catch (error) {
      // Another instance may have written it a moment ago, and its hint is still on the way.
      if (!(error instanceof GlossError) || error.code !== 'not-found') throw error
      await this.#replica.catchUp()
      return { chunks: await asked.decide(decision) }
    }
  }

  /** The number of the last event that followers were told. */
  get eventHead(): number {
    return this.#events.head
  }

  /** Tells the lane's events after `eventHead`, committed ones only, in order and without gaps. */
  follow(listener: EventListener): Following {
    return this.#events.follow(listener)
  }

  /**
   * Looks again at what each peer may do, and tells their pages that there is news. To be called
   * when a document's title, link or state changes.
   */
  recheck(right: (peer: Peer) => Right): void {
    this.#lobby.recheck(right)
  }

  /**
   * What a peer may do, by what was last heard of the document here: to be compared with what it
   * was let in by, which may have been read before and not be true any more. Undefined where
   * nothing was heard since the room was `loaded`.
   */
  rightOf(peer: Peer): Right | undefined {
    return this.#lobby.rightOf(peer)
  }

  /** The same as `recheck` for one peer, of whom more is known. */
  permit(peer: Peer, may: Right): void {
    this.#lobby.permit(peer, may)
  }

  /** What the heads poll found: reads the log where it has grown unheard. */
  async heads({ epoch, head, eventHead }: HeadsOf): Promise<void> {
    if (epoch !== this.#replica.epoch) this.#lose(new GlossError('epoch-changed', 'restored'))
    if (head > this.#replica.cursor) await this.#replica.catchUp()
    this.#events.reach(eventHead, undefined)
  }

  /** Resolves when the writes that were asked for have ended. */
  async drain(): Promise<void> {
    await this.#door.study?.writes.idle()
  }

  /** Sends everybody off and drops the document. Idempotent. */
  async close(): Promise<void> {
    this.#end(CLOSE.restart, 'closed')
    await this.#subscription.close()
  }

  get #listener(): BusListener {
    return {
      hint: (hint) => this.#replica.hear(hint),
      presence: (update, from) => {
        const heard = () => this.#presence.hear(update, from)
        this.#warned(heard, 'presence from the bus was not understood')
      },
      left: (instance) => this.#presence.lose(instance),
      newcomer: () => {
        const here = this.#presence.encodeOwn()
        if (here) this.#deps.bus.publishPresence(this.id, here)
      },
    }
  }

  #lose(error: GlossError): void {
    if (this.#ended.signal.aborted) return
    this.#deps.log.warn({ document: this.id, error }, 'a room was lost and will be read anew')
    this.#end(...closeFor(error))
    this.#subscription.close().catch((cause: unknown) => this.#warn(cause, 'still subscribed'))
  }

  #end(code: CloseCode, reason: string): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort(new GlossError('unavailable', 'the room is closed'))
    this.#door.close()
    this.#replica.close()
    this.#events.close()
    this.#presence.close()
    this.#lobby.close(code, reason)
  }

  #warned(act: () => unknown, sentence: string): void {
    try {
      act()
    } catch (error) {
      this.#warn(error, sentence)
    }
  }

  #warn(error: unknown, sentence: string): void {
    if (!this.#ended.signal.aborted) this.#deps.log.warn({ document: this.id, error }, sentence)
  }
}

interface HeadsOf {
  epoch: number
  head: number
  eventHead: number
}
