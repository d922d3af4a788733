/**
 * Waiting with an end, by a clock that is charged no more for a turn than a turn takes: while the
 * machine stands still nothing is given up. What took how long is measured by the wall clock.
 */
export class Patience {
  readonly #ms: number
  readonly #turnMs: number
  #spent = 0
  #at = performance.now()

  /** `turnMs` is what a turn takes on a machine that has time. */
  constructor(ms: number, turnMs: number) {
    this.#ms = ms
    this.#turnMs = turnMs
  }

  /** Ends a turn. */
  isOver(): boolean {
    const now = performance.now()
    this.#spent += Math.min(now - this.#at, this.#turnMs)
    this.#at = now
    return this.#spent > this.#ms
  }
}
