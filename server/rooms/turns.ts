/**
 * Turns: what only one instance may do at a time, such as settling a document: what two of them did
 * to it at once could not both be committed. The database says whose turn it is, also without bus.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '#server/log.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'

/** Far longer than a turn takes; so long others wait for one whose instance has died. */
const TURN_MS = 5_000
const PATIENCE_MS = 15_000
const ASK_AGAIN_MS = 20

export interface TurnsDeps {
  /** What it is about; the same on each instance. */
  name: string
  store: Pick<DocumentStore, 'claim' | 'unclaim'>
  log: Log
}

export class Turns {
  readonly #deps: TurnsDeps
  readonly #holder = randomUUID()
  #previous: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(deps: TurnsDeps) {
    this.#deps = deps
  }

  /** Acts when it is this instance's turn. Throws `unavailable` where that does not come. */
  take<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#previous.then(() => this.#wait()).then(act)
    this.#previous = mine.catch(() => undefined).then(() => this.#giveBack())
    return mine
  }

  close(): void {
    this.#closed = true
  }

  async #wait(): Promise<void> {
    const until = performance.now() + PATIENCE_MS
    while (!this.#closed) {
      if (await this.#deps.store.claim(this.#deps.name, this.#holder, TURN_MS)) return
      if (performance.now() > until)
        throw new GlossError('unavailable', 'others have their turn all along')
      await pause(ASK_AGAIN_MS * (1 + Math.random()))
    }
    throw new GlossError('unavailable', 'closed')
  }

  async #giveBack(): Promise<void> {
    const { name, store, log } = this.#deps
    await store.unclaim(name, this.#holder).catch((error: unknown) => {
      log.warn({ name, error }, 'a turn was not given back, and runs out')
    })
  }
}
