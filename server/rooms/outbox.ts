/**
 * The outbox: the peers of a room, and what is on its way to them. One encoded frame serves all
 * of them. A peer that lags gets, when it has caught up, in one piece what it was not sent.
 */
import * as Y from 'yjs'
import { encodeFrame } from '#shared/protocol/frame.ts'
import type { Peer } from './peer.ts'

/** How long a run's words may be gathered for the sockets; the SSE lane has them at once. */
const SOON_MS = 250
/** So much is sent back to those it came from rather than merged anew for each of them. */
const ECHO_BYTES = 256 * 1024

/** An update, and the peer that has it already. */
export interface Outgoing {
  update: Uint8Array
  from?: Peer | undefined
}

export class Outbox {
  readonly #peers = new Set<Peer>()
  /** Of peers that lag: where in each client's clock that begins which they were not sent. */
  readonly #missed = new Map<Peer, Map<number, number>>()
  #gathered: Uint8Array[] = []
  #timer: NodeJS.Timeout | undefined

  has(peer: Peer): boolean {
    return this.#peers.has(peer)
  }

  add(peer: Peer): void {
    this.#peers.add(peer)
  }

  delete(peer: Peer): boolean {
    this.#missed.delete(peer)
    return this.#peers.delete(peer)
  }

  awareness(update: Uint8Array): void {
    const frame = encodeFrame({ kind: 'awareness', update })
    for (const peer of this.#peers) if (!peer.behind) peer.send(frame)
  }

  /**
   * What a peer that lagged has of the room's state vector, to be answered; undefined where it
   * lacks nothing.
   * From here on it is sent everything again.
   */
  catchUp(peer: Peer, stateVector: Uint8Array): Uint8Array | undefined {
    const missed = this.#missed.get(peer)
    this.#missed.delete(peer)
    if (!missed) return undefined
    const had = Y.decodeStateVector(stateVector)
    for (const [client, clock] of missed) had.set(client, clock)
    return Y.encodeStateVector(had)
  }

  /**
   * Sends what was committed together: one frame a receiver. One sender does not get its own back;
   * where several wrote at once all get the same, for a merge for each costs more than an echo.
   */
  updates(outgoing: readonly Outgoing[]): void {
    this.flush() // first what these may build on
    if (outgoing.length === 0 || this.#peers.size === 0) return
    const senders = sendersOf(outgoing)
    const echoes = senders.size > 1 && bytesOf(outgoing) <= ECHO_BYTES
    let forOthers: Update | undefined
    for (const peer of this.#peers) {
      if (!echoes && senders.has(peer)) {
        const update = merged(outgoing.filter(({ from }) => from !== peer))
        if (update) this.#send(peer, update)
      } else {
        forOthers ??= merged(outgoing)
        if (forOthers) this.#send(peer, forOthers)
      }
    }
  }

  /** Gathers updates for a moment and sends them as one: a model speaks in very small words. */
  updateSoon(update: Uint8Array): void {
    this.#gathered.push(update)
    this.#timer ??= setTimeout(() => this.flush(), SOON_MS)
  }

  flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const update = merged(this.#gathered.splice(0).map((update) => ({ update })))
    if (update) for (const peer of this.#peers) this.#send(peer, update)
  }

  /** Sends what is left; the peers are others' to close. */
  close(): void {
    this.flush()
    this.#missed.clear()
    this.#peers.clear()
  }

  /** One that lags is sent nothing more until it has caught up, or its buffer would grow for ever. */
  #send(peer: Peer, { update, frame }: Update): void {
    const missed = this.#missed.get(peer)
    if (!missed && !peer.behind) return peer.send(frame)
    const from = missed ?? new Map<number, number>()
    for (const [client, clock] of Y.parseUpdateMeta(update).from) {
      from.set(client, Math.min(clock, from.get(client) ?? clock))
    }
    this.#missed.set(peer, from)
  }
}

function sendersOf(outgoing: readonly Outgoing[]): Set<Peer> {
  const senders = new Set<Peer>()
  for (const { from } of outgoing) if (from) senders.add(from)
  return senders
}

const bytesOf = (outgoing: readonly Outgoing[]): number =>
  outgoing.reduce((sum, { update }) => sum + update.length, 0)

interface Update {
  update: Uint8Array
  frame: Uint8Array
}

function merged(outgoing: readonly Outgoing[]): Update | undefined {
  const [first] = outgoing
  if (!first) return undefined
  const update =
    outgoing.length === 1 ? first.update : Y.mergeUpdates(outgoing.map(({ update }) => update))
  return { update, frame: encodeFrame({ kind: 'update', update }) }
}
