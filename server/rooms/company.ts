/**
 * Who has been writing lately, and so how many may still join the transaction that is about to
 * start. A writer has at most one work under way: where all of them wait, nobody else comes.
 */

/** With so many in one transaction, more would save little. */
const ENOUGH = 5
const LATELY_MS = 100

export class Company {
  /** The last few of them, the latest last. */
  readonly #writers: { name: string; at: number }[] = []

  /** The writer of this name has submitted something. */
  came(name: string, now: number): void {
    const before = this.#writers.findIndex((writer) => writer.name === name)
    if (before >= 0) this.#writers.splice(before, 1)
    else if (this.#writers.length === ENOUGH) this.#writers.shift()
    this.#writers.push({ name, at: now })
  }

  /** So many that wait are all whom it is worth waiting for; at least 1. */
  expected(now: number): number {
    const lately = this.#writers.filter(({ at }) => now - at < LATELY_MS)
    return Math.max(1, lately.length)
  }
}
