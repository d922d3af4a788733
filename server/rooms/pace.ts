/**
 * How long the next transaction waits for company. A lonely key stroke never does; where many
 * transactions follow each other, they start a few milliseconds apart and take more along, since
 * each costs the same two thread switches and one wait for the disk, however much is in it.
 */

/** So many within so long are many: two typists in a room are not, a hundred rooms are. */
const MANY = 10
const WITHIN_MS = 100

export class Pace {
  readonly #apartMs: number
  readonly #starts: number[] = []

  constructor(apartMs: number) {
    this.#apartMs = apartMs
  }

  /** Milliseconds from `now` until the next may start; 0 for at once. */
  wait(now: number): number {
    const last = this.#starts.at(-1) ?? Number.NEGATIVE_INFINITY
    const busy = this.#starts.length === MANY && now - this.#starts[0]! < WITHIN_MS
    return busy ? Math.max(0, last + this.#apartMs - now) : 0
  }

  started(now: number): void {
    this.#starts.push(now)
    if (this.#starts.length > MANY) this.#starts.shift()
  }
}
