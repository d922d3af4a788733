/**
 * Paced lets messages go as fast as a server takes them: so many at once, so many a second. What is
 * too much waits in its order, or the server would send the whole connection away.
 */

/** The server takes three hundred and a hundred a second; signs of life count too. */
const AT_ONCE = 200
const PER_SECOND = 80
const LOOK_MS = 100

export class Paced {
  readonly #now: () => number
  #waiting: (() => void)[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #may = AT_ONCE
  #at: number

  /** `now` is a clock in milliseconds that never goes back. */
  constructor(now = () => performance.now()) {
    this.#now = now
    this.#at = now()
  }

  /** Sends at once, or at its turn. */
  send(act: () => void): void {
    this.#waiting.push(act)
    if (!this.#timer) this.#go()
  }

  /** What waits is never sent. */
  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting = []
  }

  #go(): void {
    const now = this.#now()
    this.#may = Math.min(AT_ONCE, this.#may + ((now - this.#at) / 1_000) * PER_SECOND)
    this.#at = now
    const count = Math.min(this.#waiting.length, Math.floor(this.#may))
    this.#may -= count
    for (const act of this.#waiting.splice(0, count)) act()
    this.#timer = this.#waiting.length > 0 ? setTimeout(() => this.#go(), LOOK_MS) : undefined
  }
}
