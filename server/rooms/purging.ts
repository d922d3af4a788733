/**
 * Purging: takes away for good what was deleted long enough ago, and answers that nobody will ask
 * for again. In small steps with pauses, and on one instance at a time: nobody waits for it, and
 * it does not matter when it is done.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '#server/log.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import type { Limits } from '#shared/protocol/limits.ts'

const NAME = 'purging'
/** Rows at a time: a few milliseconds of the database. */
const ROWS = 200
const PAUSE_MS = 20
/** Far longer than a step takes; renewed with each. */
const TURN_MS = 60_000

export interface PurgingDeps {
  store: Pick<DocumentStore, 'claim' | 'unclaim' | 'purgeDeleted' | 'trimAnswers'>
  limits: Pick<Limits, 'deletedKeptMs' | 'eventRetentionMs' | 'purgeMs'>
  log: Log
}

export class Purging {
  readonly #deps: PurgingDeps
  readonly #holder = randomUUID()
  readonly #timer: NodeJS.Timeout
  #going: Promise<void> | undefined
  #closed = false

  constructor(deps: PurgingDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => this.#begin(), deps.limits.purgeMs)
    this.#timer.unref()
  }

  /** Resolves when the step that is under way is done. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#timer)
    await this.#going
  }

  #begin(): void {
    this.#going ??= this.#purge()
      .catch((error: unknown) => this.#deps.log.warn({ error }, 'what is deleted was not purged'))
      .finally(() => {
        this.#going = undefined
      })
  }

  async #purge(): Promise<void> {
    const { store, limits, log } = this.#deps
    let gone = 0
    try {
      for (;;) {
        if (this.#closed || !(await store.claim(NAME, this.#holder, TURN_MS))) return
        const rows = await store.purgeDeleted(limits.deletedKeptMs, ROWS)
        if (rows === 0) break
        gone += rows
        await pause(PAUSE_MS)
      }
      await store.trimAnswers(limits.eventRetentionMs)
    } finally {
      if (gone > 0) log.info({ rows: gone }, 'what was deleted long ago is gone')
      await store.unclaim(NAME, this.#holder)
    }
  }
}
