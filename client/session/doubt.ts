/**
 * Notices a connection that is dead without a word, while something typed waits for its ack: it
 * asks, and gives it up where nothing at all is heard. y-websocket alone takes half a minute.
 */
import type { WebsocketProvider } from 'y-websocket'

const LOOK_MS = 1_000
/** So long may an ack take before one asks whether anybody is there. */
const SILENCE_MS = 5_000
/** So long may the answer take: it needs nothing but the server itself. */
const ANSWER_MS = 7_000

export type Doubted = Pick<
  WebsocketProvider,
  'wsconnected' | 'wsLastMessageReceived' | 'disconnect' | 'connect'
> & {
  readonly awareness: Pick<WebsocketProvider['awareness'], 'getLocalState' | 'setLocalState'>
}

/** `since` is when the oldest of what waits was typed, undefined where nothing does. */
export function doubt(provider: Doubted, since: () => number | undefined): () => void {
  let askedAt: number | undefined
  const timer = setInterval(() => {
    const { wsconnected, wsLastMessageReceived: heardAt, awareness } = provider
    const waits = since()
    if (askedAt !== undefined && heardAt >= askedAt) askedAt = undefined
    if (!wsconnected || waits === undefined) {
      askedAt = undefined
    } else if (askedAt !== undefined) {
      if (Date.now() - askedAt < ANSWER_MS) return
      askedAt = undefined
      provider.disconnect()
      provider.connect()
    } else if (Date.now() - Math.max(waits, heardAt) >= SILENCE_MS) {
      const state = awareness.getLocalState()
      if (state === null) return
      askedAt = Date.now()
      // Who one is, said again: the server tells it to everybody, its sender too.
      awareness.setLocalState(state)
    }
  }, LOOK_MS)
  return () => clearInterval(timer)
}
