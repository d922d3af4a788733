/**
 * The heartbeat of an instance: one timer for all of its connections. Each is asked once in a
 * period, and they are asked one after the other, so that ten thousand pings are not one burst.
 */
const TICKS = 60
const MIN_TICK_MS = 10

export interface Beating {
  beat(): void
}

export class Heartbeat {
  readonly #periodMs: number
  readonly #tickMs: number
  readonly #all = new Set<Beating>()
  #round: Iterator<Beating> | undefined
  #roundAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(periodMs: number) {
    this.#periodMs = periodMs
    this.#tickMs = Math.max(MIN_TICK_MS, periodMs / TICKS)
  }

  add(one: Beating): void {
    this.#all.add(one)
    if (this.#timer) return
    this.#roundAt = performance.now()
    this.#timer = setInterval(() => this.#tick(), this.#tickMs)
  }

  /** Idempotent. With nobody left the timer stops. */
  delete(one: Beating): void {
    this.#all.delete(one)
    if (this.#all.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#round = undefined
  }

  /** An equal share of all at each tick; the next round begins when its time has come. */
  #tick(): void {
    const now = performance.now()
    if (!this.#round) {
      if (now - this.#roundAt < this.#periodMs) return
      this.#roundAt = now
      this.#round = this.#all.values()
    }
    const round = this.#round
    for (let left = Math.ceil((this.#all.size * this.#tickMs) / this.#periodMs); left > 0; left--) {
      const next = round.next()
      if (next.done) {
        this.#round = undefined
        return
      }
      next.value.beat()
    }
  }
}
