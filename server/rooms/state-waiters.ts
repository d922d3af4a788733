/** Those who wait until a document has what a state vector counts. */
import * as Y from 'yjs'
import { GlossError } from '#shared/errors.ts'

interface Waiter {
  wanted: Map<number, number>
  resolve(): void
}

export class StateWaiters {
  readonly #waiting = new Set<Waiter>()

  /** Rejects with the signal's reason, and with `bad-request` where it is no state vector. */
  async wait(doc: Y.Doc, stateVector: Uint8Array, signal: AbortSignal): Promise<void> {
    const wanted = decode(stateVector)
    if (has(doc, wanted)) return
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiter = { wanted, resolve }
    const abort = () => reject(signal.reason)
    this.#waiting.add(waiter)
    signal.addEventListener('abort', abort)
    try {
      await promise
    } finally {
      this.#waiting.delete(waiter)
      signal.removeEventListener('abort', abort)
    }
  }

  /** To be called after every change. */
  check(doc: Y.Doc): void {
    for (const { wanted, resolve } of this.#waiting) if (has(doc, wanted)) resolve()
  }
}

function has(doc: Y.Doc, wanted: ReadonlyMap<number, number>): boolean {
  for (const [client, clock] of wanted) if (Y.getState(doc.store, client) < clock) return false
  return true
}

function decode(stateVector: Uint8Array): Map<number, number> {
  try {
    return Y.decodeStateVector(stateVector)
  } catch (cause) {
    throw new GlossError('bad-request', 'not a state vector', cause)
  }
}
