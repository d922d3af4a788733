/**
 * The backlog: how many bytes this process has taken in, over all rooms, and neither committed nor
 * refused. Whoever takes something in counts it once, until it is told of, sent away or forgotten.
 * The bytes themselves are elsewhere.
 */
import type { Metrics } from '#server/metrics.ts'
import type { Limits } from '#shared/protocol/limits.ts'

export interface BacklogDeps {
  metrics: Pick<Metrics, 'unackedBytes'>
  limits: Pick<Limits, 'commitQueueBytes'>
}

export class Backlog {
  readonly #deps: BacklogDeps
  #queued = 0
  #held = 0
  #drained: PromiseWithResolvers<void> | undefined

  constructor(deps: BacklogDeps) {
    this.#deps = deps
  }

  /** True while more waits than should: the sockets that feed it must pause. */
  get full(): boolean {
    return this.#queued >= this.#deps.limits.commitQueueBytes
  }

  /** Resolves when it is not full. */
  async drained(): Promise<void> {
    if (!this.full) return
    this.#drained ??= Promise.withResolvers<void>()
    await this.#drained.promise
  }

  /** So many bytes more wait to be judged or committed; below zero: fewer. */
  count(bytes: number): void {
    this.#queued += bytes
    this.#show()
    if (this.full) return
    this.#drained?.resolve()
    this.#drained = undefined
  }

  /**
   * The same of bytes that wait for a sync step 2 of their own connection. They never make the
   * queue full, or a few who withhold theirs would stop everybody; each connection has a limit.
   */
  countHeld(bytes: number): void {
    this.#held += bytes
    this.#show()
  }

  #show(): void {
    this.#deps.metrics.unackedBytes.set(this.#queued + this.#held)
  }
}
