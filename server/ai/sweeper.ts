/**
 * Keeps house. Forgets the lane's events after their time, and ends the runs whose instance is
 * gone: their lease has run out, so somebody else writes their one terminal event. A zombie that
 * wakes up later finds its fence raised and commits nothing.
 */
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentStore, RunRow } from '#server/store/document-store.ts'
import type { Limits } from '#shared/protocol/limits.ts'

interface SweeperDeps {
  store: DocumentStore
  rooms: RoomRegistry
  limits: Limits
  log: Log
  metrics: Metrics
}

export class Sweeper {
  readonly #deps: SweeperDeps
  readonly #timer: NodeJS.Timeout
  #forgotAt = 0
  #sweeping = false

  constructor(deps: SweeperDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => this.#sweep(), deps.limits.sweepMs)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #sweep(): void {
    if (this.#sweeping) return
    this.#sweeping = true
    const { store, log } = this.#deps
    store
      .expiredRuns()
      .then(async (runs) => {
        for (const run of runs) await this.#interrupt(run)
        await this.#forget()
      })
      .catch((error: unknown) => log.warn({ error }, 'the runs were not swept'))
      .finally(() => {
        this.#sweeping = false
      })
  }

  /** A tenth of the retention is often enough: an event is kept for that long at least. */
  async #forget(): Promise<void> {
    const { store, limits } = this.#deps
    if (Date.now() - this.#forgotAt < limits.eventRetentionMs / 10) return
    this.#forgotAt = Date.now()
    await store.trimEvents(limits.eventRetentionMs)
  }

  async #interrupt(run: RunRow): Promise<void> {
    const { rooms, log, metrics } = this.#deps
    try {
      const { room, release } = await rooms.hold(run.document)
      try {
        const won = await room.interruptRun(run, {
          kind: 'failed',
          failure: 'interrupted',
          message: 'Interrupted: the server that wrote it stopped. What was written is kept.',
          continuable: true,
        })
        if (won) {
          metrics.runs.inc({ outcome: 'interrupted' })
          log.info({ run: run.id }, 'a run was interrupted')
        }
      } finally {
        release()
      }
    } catch (error) {
      log.warn({ run: run.id, error }, 'a run could not be interrupted')
    }
  }
}
