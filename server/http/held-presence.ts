/**
 * What a connection has said of presence faster than it may. Only the latest of each awareness
 * client is kept: y-websocket echoes what it hears of others, and an echo must not displace the
 * caret of whoever sends it. Whose is whose the room knows.
 */
import { firstAwarenessClient } from '#shared/protocol/awareness-client.ts'
import type { ClientFrame } from '#shared/protocol/frame.ts'

export type AwarenessFrame = Extract<ClientFrame, { kind: 'awareness' }>

/** It waits for a twentieth of a second; an honest client says less of fewer. */
const MOST = 8

export class HeldPresence {
  readonly #frames = new Map<number | undefined, AwarenessFrame>()

  hold(frame: AwarenessFrame): void {
    const client = firstAwarenessClient(frame.update)
    this.#frames.delete(client)
    this.#frames.set(client, frame)
    if (this.#frames.size <= MOST) return
    const [oldest] = this.#frames.keys()
    this.#frames.delete(oldest)
  }

  /** In the order in which they came. */
  get frames(): Iterable<AwarenessFrame> {
    return this.#frames.values()
  }
}
