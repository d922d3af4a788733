/**
 * The lobby: the peers of a room, from join to leave. It gives each frame to whoever it is for,
 * and shows nobody anything that is not committed.
 */
import * as Y from 'yjs'
import type { Metrics } from '#server/metrics.ts'
import { GlossError, unreachable } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import { type ClientFrame, encodeFrame } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { Admission } from './admission.ts'
import type { Backlog } from './backlog.ts'
import type { InspectionDesk } from './inspection-desk.ts'
import { Intake } from './intake.ts'
import type { Outbox } from './outbox.ts'
import type { Peer } from './peer.ts'
import type { Presence } from './presence.ts'
import type { Replica } from './replica.ts'
import type { Transcript } from './transcript.ts'

/** A state vector of tens of thousands of clients is no editor's. */
const STATE_VECTOR_BYTES = 256 * 1024

/** The awareness client that stands for the document itself; editors draw nothing for it. */
const NEWS = 0

/** What a peer may do from now on, or why it must leave. */
export type Right = { canWrite: boolean } | { close: CloseCode }

export interface LobbyDeps {
  replica: Replica
  transcript: Transcript
  /** Opens it where it is not yet. */
  doc(): Y.Doc
  /** After a restore that merged: people give back what the database has lost, others' too. */
  takesBack(): Promise<boolean>
  /** Runs `act` when the room holds nothing uncommitted: mostly at once. */
  whenCommitted(act: () => void): void
  /** Whether it holds nothing uncommitted of its own now. */
  isCommitted(): boolean
  outbox: Outbox
  presence: Presence
  desk: InspectionDesk
  backlog: Backlog
  limits: Limits
  metrics: Metrics
}

export class Lobby {
  readonly #deps: LobbyDeps
  readonly #admission: Admission
  readonly #intakes = new Map<Peer, Intake>()
  /** Of connections that are gone, with updates still on their way. */
  readonly #leaving = new Set<Intake>()
  #right: ((peer: Peer) => Right) | undefined
  #closed = false

  constructor(deps: LobbyDeps) {
    const { doc, desk, limits } = deps
    const { owners } = deps.replica
    this.#deps = deps
    this.#admission = new Admission({ doc, owners, desk, largeBytes: limits.largeUpdateBytes })
  }

  get size(): number {
    return this.#intakes.size
  }

  join(peer: Peer): void {
    if (this.#closed) {
      peer.close(CLOSE.restart, 'closed')
      return
    }
    const { replica, transcript, whenCommitted, outbox, backlog, limits, metrics } = this.#deps
    const { takesBack, isCommitted } = this.#deps
    const intake = new Intake({
      peer,
      replica,
      admission: this.#admission,
      takesBack,
      isCommitted,
      backlog,
      limits,
      metrics,
      broken: this.#breakOff,
    })
    this.#intakes.set(peer, intake)
    whenCommitted(() => {
      if (!this.#intakes.has(peer)) return
      outbox.flush() // what the newcomer will have is not sent to it again
      outbox.add(peer)
      peer.send(transcript.question())
      this.#sendPresence(peer)
    })
  }

  leave(peer: Peer): void {
    const intake = this.#intakes.get(peer)
    this.#intakes.delete(peer)
    this.#deps.outbox.delete(peer)
    this.#deps.presence.leave(peer)
    intake?.leave()
    for (const one of this.#leaving) if (one.idle) this.#leaving.delete(one)
    if (intake && !intake.idle) this.#leaving.add(intake)
  }

  receive(peer: Peer, frame: ClientFrame): void {
    const intake = this.#intakes.get(peer)
    if (!intake) return
    switch (frame.kind) {
      case 'sync-step-1':
        this.#answer(peer, frame.stateVector)
        break
      case 'sync-step-2':
      case 'update':
        intake.receive(frame.kind, frame.update)
        break
      case 'awareness':
        this.#deps.presence.receive(peer, frame.update)
        break
      case 'query-awareness':
        this.#sendPresence(peer)
        break
      default:
        unreachable(frame)
    }
  }

  /** Undefined where a peer may be read on; else resolves when it may. */
  backPressure(peer: Peer): Promise<void> | undefined {
    const { backlog } = this.#deps
    return backlog.full && this.#intakes.get(peer)?.feeds ? backlog.drained() : undefined
  }

  /** A peer that lagged has read all it was sent: it gets what was kept from it. */
  resync(peer: Peer): void {
    const { transcript, whenCommitted, outbox } = this.#deps
    whenCommitted(() => {
      if (!outbox.has(peer)) return
      outbox.flush()
      const had = outbox.catchUp(peer, transcript.stateVector)
      if (had) for (const frame of transcript.answer(had)) peer.send(frame)
      this.#sendPresence(peer)
    })
  }

  recheck(right: (peer: Peer) => Right): void {
    this.#right = right
    for (const peer of [...this.#intakes.keys()]) this.permit(peer, right(peer))
    // Nobody's page knows of it yet: this says to all of them that asking is worth while.
    this.#deps.presence.show(NEWS, { changed: Date.now() })
  }

  /** By the last recheck; undefined where there was none. */
  rightOf(peer: Peer): Right | undefined {
    return this.#right?.(peer)
  }

  permit(peer: Peer, may: Right): void {
    if ('close' in may) peer.close(may.close, 'not allowed any more')
    else this.#intakes.get(peer)?.allow(may.canWrite)
  }

  close(code: CloseCode, reason: string): void {
    this.#closed = true
    const intakes = [...this.#intakes.values(), ...this.#leaving]
    this.#intakes.clear()
    this.#leaving.clear()
    this.#deps.outbox.close()
    for (const intake of intakes) intake.end(code, reason)
  }

  #answer(peer: Peer, stateVector: Uint8Array): void {
    if (stateVector.length > STATE_VECTOR_BYTES) {
      throw new GlossError('bad-frame', 'a state vector beyond all measure')
    }
    try {
      this.#intakes.get(peer)?.hears(Y.decodeStateVector(stateVector))
    } catch (cause) {
      throw new GlossError('bad-frame', 'not a state vector', cause)
    }
    const { transcript, whenCommitted, outbox } = this.#deps
    whenCommitted(() => {
      if (!outbox.has(peer)) return
      for (const frame of transcript.answer(stateVector)) peer.send(frame)
    })
  }

  #sendPresence(peer: Peer): void {
    const update = this.#deps.presence.encodeAll()
    if (update) peer.send(encodeFrame({ kind: 'awareness', update }))
  }

  /** Something of this user's was not committed, so what its other connections build on is not. */
  readonly #breakOff = (user: string): void => {
    for (const intake of [...this.#intakes.values(), ...this.#leaving]) {
      if (intake.user === user && !intake.idle) intake.end(CLOSE.restart, 'send it again')
    }
  }
}
