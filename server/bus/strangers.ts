/** What is heard on the bus that no instance of ours has said: counted, and logged now and then. */
import type { Log } from '#server/log.ts'

/** So often it is logged, however often it happens. */
const TELL_MS = 10_000

export class Strangers {
  readonly #log: Log
  readonly #refused: () => void
  #untold = 0
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(log: Log, refused: () => void) {
    this.#log = log
    this.#refused = refused
  }

  heard(bytes: number): void {
    this.#refused()
    this.#untold++
    const now = performance.now()
    if (now - this.#toldAt < TELL_MS) return
    this.#toldAt = now
    const facts = { bytes, times: this.#untold }
    this.#log.warn(facts, 'something on the bus is not of an instance of ours')
    this.#untold = 0
  }
}
