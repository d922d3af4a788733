/**
 * A room: one open document on this instance, and the only thing that touches its Y.Doc. It is a
 * cache of the log: whatever a peer, a run or a decision changes is committed first, then applied,
 * sent to everybody, and only then acknowledged. A room knows peers, a store and a bus; it knows
 * nothing of http, of sockets or of models.
 */
import * as Y from 'yjs'
import type { Bus, Subscription } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { Commit, DocumentStore, LoadedDocument, RunRow } from '#server/store/document-store.ts'
import type { Place } from '#server/suggestions/place.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import type { Person } from '#shared/protocol/event.ts'
import type { ClientFrame } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Committer } from './committer.ts'
import { type Decide, type DecidedChunk, Decisions } from './decisions.ts'
import { EventFeed, type EventListener } from './event-feed.ts'
import type { InspectionDesk } from './inspection-desk.ts'
import { closeFor } from './intake.ts'
import { interrupt, type RunBreak } from './interrupt.ts'
import { Lobby, type Right } from './lobby.ts'
import { Outbox } from './outbox.ts'
import { OwnWrites, ROOM } from './own-writes.ts'
import type { Peer } from './peer.ts'
import { Pens } from './pens.ts'
import { Presence } from './presence.ts'
import { Reading } from './reading.ts'
import { Replica } from './replica.ts'
import type { RunWriter } from './run-writer.ts'
import { StateWaiters } from './state-waiters.ts'
import { Tending } from './tending.ts'

export interface RoomDeps {
  store: DocumentStore
  bus: Bus
  committer: Committer
  desk: InspectionDesk
  metrics: Metrics
  limits: Limits
  log: Log
  /** So much was added to the log from here. */
  written(rows: number, bytes: number): void
}

export class Room {
  readonly id: string
  /** What the document says, for those who only read. */
  readonly reading: Reading
  readonly #deps: RoomDeps
  readonly #doc = new Y.Doc()
  readonly #replica: Replica
  readonly #writes: OwnWrites
  readonly #suggestions: Suggestions
  readonly #decisions: Decisions
  readonly #pens: Pens
  readonly #presence: Presence
  readonly #events: EventFeed
  readonly #outbox = new Outbox()
  readonly #lobby: Lobby
  readonly #tending: Tending
  readonly #waiters = new StateWaiters()
  readonly #ended = new AbortController()
  #subscription: Subscription | undefined

  /** Opens a room with all that is stored, hearing what comes meanwhile: none is ever half open. */
  static async open(id: string, deps: RoomDeps): Promise<Room> {
    const loaded = await deps.store.load(id)
    if (!loaded) throw new GlossError('not-found', 'no such document')
    if (loaded.row.state === 'deleted') throw new GlossError('gone', 'the document is deleted')
    const room = new Room(loaded, deps)
    try {
      await room.#listen()
      return room
    } catch (error) {
      await room.close()
      throw error
    }
  }

  private constructor(loaded: LoadedDocument, deps: RoomDeps) {
    const { store, bus, committer, desk, metrics, limits } = deps
    const { id } = loaded.row
    const lost = (error: GlossError) => this.#lose(error)
    this.id = id
    this.#deps = deps
    this.#events = new EventFeed(
      {
        document: id,
        store,
        failed: (cause) => lost(new GlossError('unavailable', 'events cannot be read', cause)),
      },
      loaded.row.eventHead,
    )
    this.#replica = new Replica({
      id,
      doc: this.#doc,
      store,
      bus,
      committer,
      metrics,
      send: (outgoing, soon) => {
        if (soon) for (const { update } of outgoing) this.#outbox.updateSoon(update)
        else this.#outbox.updates(outgoing)
      },
      events: (head, own) => this.#events.reach(head, own),
      applied: (foreign) => this.#applied(foreign),
      written: (updates) => deps.written(updates.length, sumOf(updates)),
      lost,
    })
    this.#writes = new OwnWrites({
      replica: this.#replica,
      lost,
      prepare: () => this.#tending.refresh(),
    })
    this.#suggestions = new Suggestions(this.#doc)
    this.#presence = new Presence({
      limits,
      toPeers: (update) => this.#outbox.awareness(update),
      toBus: (update) => bus.publishPresence(id, update),
    })
    this.reading = new Reading({
      suggestions: this.#suggestions,
      chunksAreOld: () => this.#tending.chunksAreOld,
      committed: () => this.#committed(),
    })
    const shared = { suggestions: this.#suggestions, writes: this.#writes }
    this.#pens = new Pens({ ...shared, presence: this.#presence, limits })
    this.#decisions = new Decisions({
      ...shared,
      settlesHere: (suggestion) => this.#tending.settlesHere(suggestion),
      nameOf: async (user) => (await store.getUser(user))?.name ?? '',
    })
    const [replica, writes, presence] = [this.#replica, this.#writes, this.#presence]
    const [pens, decisions] = [this.#pens, this.#decisions]
    this.#tending = new Tending({ ...shared, store, log: deps.log, replica, pens, decisions })
    this.#lobby = new Lobby({
      replica,
      writes,
      outbox: this.#outbox,
      presence,
      desk,
      limits,
      metrics,
    })
    replica.load(loaded)
    this.#suggestions.restore(loaded.chunks)
    if (this.#replica.pending) {
      deps.log.error({ document: id }, 'the log holds updates without what they depend on')
    }
    this.#applied(false)
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
  receive(peer: Peer, frame: ClientFrame, _bytes?: number): void {
    this.#lobby.receive(peer, frame)
  }

  /** To be called when a peer that was `behind` no longer is: it gets what was kept from it. */
  resync(peer: Peer): void {
    this.#lobby.resync(peer)
  }

  /** True while the commit queue is full: stop reading the sockets until `drained` resolves. */
  get full(): boolean {
    return this.#deps.committer.full
  }

  drained(): Promise<void> {
    return this.#deps.committer.drained()
  }

  /**
   * Resolves when the room has all that `stateVector` counts: an ask over HTTP can overtake the
   * keystrokes it is about, which come by socket. Rejects with the signal's reason; throws
   * `bad-request` where it is no state vector.
   */
  async caughtUp(stateVector: Uint8Array, signal: AbortSignal): Promise<void> {
    const either = AbortSignal.any([signal, this.#ended.signal])
    await this.#waiters.wait(this.#doc, stateVector, either)
  }

  /**
   * Starts a run's text: commits `run.started` (queue 0), the status `streaming` behind its fence
   * and its `suggestions` entry, and shows its caret. Throws `conflict` when the fence has moved.
   * The suggestion's id is the run's.
   */
  openRun(run: RunRow, place: Place, kind: 'insert' | 'edit'): Promise<RunWriter> {
    return this.#pens.open(run, place, kind)
  }

  /** Aborts the writer here with `{kind: 'stopped'}`; false where this instance has none. */
  stopRun(run: string, by: Person): boolean {
    return this.#pens.stop(run, by)
  }

  /** Aborts every writer here with `{kind: 'closing'}`: each still commits its run's end. */
  stopRuns(): void {
    this.#pens.close()
  }

  /** Writes the end of a run that nobody writes any more. False where it has ended already. */
  interruptRun(run: RunRow, end: RunBreak): Promise<boolean> {
    const { store } = this.#deps
    return interrupt({ store, suggestions: this.#suggestions, writes: this.#writes }, run, end)
  }

  /** Commits events and a run's guard without text. False where the guard refused. */
  async record(entry: Pick<Commit, 'events' | 'run'>): Promise<boolean> {
    const answer = await this.#writes.write(() => ({ actor: ROOM, extras: () => entry }))
    return typeof answer === 'object'
  }

  /**
   * Decides, and resolves when that is committed. The same decision again is no error; a contrary
   * one throws `DecisionConflict`; an unknown suggestion `not-found`.
   */
  async decide(decision: Decide): Promise<{ chunks: DecidedChunk[] }> {
    return { chunks: await this.#decisions.decide(decision) }
  }

  /** The number of the last event that followers were told. */
  get eventHead(): number {
    return this.#events.head
  }

  /** Tells the lane's events after `eventHead`, committed ones only, in order and without gaps. */
  follow(listener: EventListener): Subscription {
    return this.#events.follow(listener)
  }

  /**
   * Looks again at what each peer may do, and tells their pages that there is news. To be called
   * when a document's title, link or state changes.
   */
  recheck(right: (peer: Peer) => Right): void {
    this.#lobby.recheck(right)
  }

  /** What the heads poll found: reads the log where it has grown unheard. */
  async heads({ epoch, head, eventHead }: HeadsOf): Promise<void> {
    if (epoch !== this.#replica.epoch) this.#lose(new GlossError('epoch-changed', 'restored'))
    if (head > this.#replica.cursor) await this.#replica.catchUp()
    this.#events.reach(eventHead, undefined)
  }

  /** Resolves when the writes that were asked for have ended. */
  drain(): Promise<void> {
    return this.#writes.idle()
  }

  /** Sends everybody off and drops the document. Idempotent. */
  async close(): Promise<void> {
    this.#end(CLOSE.restart, 'closed')
    await this.#subscription?.close()
  }

  #committed(): Promise<void> {
    return new Promise((resolve) => this.#writes.whenCommitted(resolve))
  }

  #applied(foreign: boolean): void {
    if (this.#ended.signal.aborted) return
    this.#waiters.check(this.#doc)
    this.#tending.changed(foreign)
  }

  async #listen(): Promise<void> {
    this.#subscription = this.#deps.bus.subscribe(this.id, {
      hint: (hint) => this.#replica.hear(hint),
      presence: (update) => {
        try {
          this.#presence.hear(update)
        } catch (error) {
          this.#warn(error, 'presence from the bus was not understood')
        }
      },
    })
    await this.#replica.catchUp() // what was committed between the load and now
  }

  #lose(error: GlossError): void {
    if (this.#ended.signal.aborted) return
    this.#deps.log.warn({ document: this.id, error }, 'a room was lost and will be read anew')
    this.#end(...closeFor(error))
    this.#subscription?.close().catch((cause: unknown) => this.#warn(cause, 'still subscribed'))
  }

  #end(code: CloseCode, reason: string): void {
    if (this.#ended.signal.aborted) return
    this.#ended.abort(new GlossError('unavailable', 'the room is closed'))
    this.#tending.close()
    this.#pens.close()
    this.#writes.close()
    this.#replica.close()
    this.#events.close()
    this.#presence.close()
    this.#lobby.close(code, reason)
    this.#suggestions.destroy()
    this.#doc.destroy()
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

const sumOf = (updates: readonly Uint8Array[]): number =>
  updates.reduce((sum, { length }) => sum + length, 0)
