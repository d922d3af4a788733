/**
 * The outbox: the peers of a room, and what is on its way to them. One encoded frame serves all
 * of them. Slow peers are their sockets' matter.
 */
import * as Y from 'yjs'
import { encodeFrame } from '#shared/protocol/frame.ts'
import type { Peer } from './peer.ts'

/** How long a run's words may be gathered for the sockets; the SSE lane has them at once. */
const SOON_MS = 250

/** An update, and the peer that has it already. */
export interface Outgoing {
  update: Uint8Array
  from?: Peer | undefined
}

export class Outbox {
  readonly #peers = new Set<Peer>()
  #gathered: Uint8Array[] = []
  #timer: NodeJS.Timeout | undefined

  has(peer: Peer): boolean {
    return this.#peers.has(peer)
  }

  add(peer: Peer): void {
    this.#peers.add(peer)
  }

  delete(peer: Peer): boolean {
    return this.#peers.delete(peer)
  }

  awareness(update: Uint8Array): void {
    const frame = encodeFrame({ kind: 'awareness', update })
    for (const peer of this.#peers) peer.send(frame)
  }

  /** Sends what was committed together: one frame a receiver, without what it sent itself. */
  updates(outgoing: readonly Outgoing[]): void {
    this.flush() // first what these may build on
    if (outgoing.length === 0 || this.#peers.size === 0) return
    const senders = new Set(outgoing.map(({ from }) => from))
    let forOthers: Uint8Array | undefined
    for (const peer of this.#peers) {
      if (senders.has(peer)) {
        const frame = merged(outgoing.filter(({ from }) => from !== peer))
        if (frame) peer.send(frame)
      } else {
        forOthers ??= merged(outgoing)
        if (forOthers) peer.send(forOthers)
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
    const frame = merged(this.#gathered.splice(0).map((update) => ({ update })))
    if (frame) for (const peer of this.#peers) peer.send(frame)
  }

  /** Sends what is left; the peers are others' to close. */
  close(): void {
    this.flush()
    this.#peers.clear()
  }
}

function merged(outgoing: readonly Outgoing[]): Uint8Array | undefined {
  const [first] = outgoing
  if (!first) return undefined
  const update =
    outgoing.length === 1 ? first.update : Y.mergeUpdates(outgoing.map(({ update }) => update))
  return encodeFrame({ kind: 'update', update })
}
