/** What came by one road may build on what is still on its way by the other, or was lost there. */
import type { WebsocketProvider } from 'y-websocket'
import { askAgain } from './socket.ts'

const PENDING_MS = 1_000

/** Asks the server again where a change has waited too long for the one it builds on. */
export function fillGaps(provider: WebsocketProvider): () => void {
  let since: number | undefined
  const timer = setInterval(() => {
    if (provider.doc.store.pendingStructs === null) since = undefined
    else if (since === undefined) since = Date.now()
    else if (Date.now() - since > PENDING_MS) {
      since = undefined
      askAgain(provider)
    }
  }, PENDING_MS)
  return () => clearInterval(timer)
}
