/**
 * Keeps what the server says of a document fresh: its title, its link, and with it what one may do.
 * Whoever changes it hints so to the others by presence; what is true is always asked of the server.
 */
import type { Awareness } from 'y-protocols/awareness'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import { ApiProblem, api, type OneDocument } from './api.ts'

const EVERY_MS = 30_000
/** However many hints come, the server is not asked more often. */
const REST_MS = 1_000
const FIELD = 'changed'
const REASONS: ReadonlyMap<number, CloseCode> = new Map([
  [401, CLOSE.noSession],
  [403, CLOSE.notAllowed],
  [404, CLOSE.notAllowed],
  [410, CLOSE.gone],
])

export interface NewsListener {
  /** How the document stands now. */
  info(info: OneDocument): void
  /** An upgrade that is refused looks like any lost connection: only the API says why. */
  mayNotRead(code: CloseCode): void
}

export interface News {
  /** Asks the server, now or in a moment. */
  look(): void
  /** The others here had better look too. */
  tell(): void
  close(): void
}

export function watchNews(id: string, awareness: Awareness, listener: NewsListener): News {
  const hints = new Map<number, unknown>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let lookedAt = 0
  let closed = false

  const ask = async () => {
    timer = undefined
    lookedAt = Date.now()
    try {
      const info = await api.document(id)
      if (!closed) listener.info(info)
    } catch (problem) {
      const code = problem instanceof ApiProblem ? REASONS.get(problem.status) : undefined
      if (!closed && code !== undefined) listener.mayNotRead(code)
    }
  }
  const look = () => {
    if (!closed) timer ??= setTimeout(ask, Math.max(0, lookedAt + REST_MS - Date.now()))
  }
  const hear = () => {
    for (const [client, state] of awareness.getStates()) {
      if (client === awareness.clientID || state[FIELD] === hints.get(client)) continue
      hints.set(client, state[FIELD])
      look()
    }
  }
  const lookIfSeen = () => {
    if (document.visibilityState === 'visible') look()
  }
  awareness.on('change', hear)
  document.addEventListener('visibilitychange', lookIfSeen)
  const rounds = setInterval(lookIfSeen, EVERY_MS)
  return {
    look,
    tell: () => awareness.setLocalStateField(FIELD, Date.now()),
    close: () => {
      closed = true
      clearTimeout(timer)
      clearInterval(rounds)
      awareness.off('change', hear)
      document.removeEventListener('visibilitychange', lookIfSeen)
    },
  }
}
