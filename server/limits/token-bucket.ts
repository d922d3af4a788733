/**
 * A token bucket: so many a second, so many at once. It holds no timer; time is read when
 * somebody asks.
 */
export interface Rate {
  readonly ratePerSecond: number
  readonly burst: number
}

const clock = (): number => performance.now()

export class TokenBucket {
  /** Shared by all buckets of a kind: there may be many. */
  readonly #rate: Rate
  readonly #now: () => number
  #tokens: number
  #at: number

  /** Starts full. `now` is a clock in milliseconds that never goes back. */
  constructor(rate: Rate & { now?: () => number }) {
    this.#rate = rate
    this.#now = rate.now ?? clock
    this.#tokens = rate.burst
    this.#at = this.#now()
  }

  /** Takes `n` tokens, or none where there are fewer. */
  take(n = 1): boolean {
    this.#refill()
    if (this.#tokens < n) return false
    this.#tokens -= n
    return true
  }

  /** Takes `n` tokens also where there are fewer; milliseconds until that debt is paid, or 0. */
  spend(n = 1): number {
    this.#refill()
    this.#tokens -= n
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#ratePerMs)
  }

  /** Milliseconds until `take(n)` succeeds: 0 where it would now, Infinity where it never will. */
  waitMs(n = 1): number {
    this.#refill()
    if (this.#tokens >= n) return 0
    if (n > this.#rate.burst || this.#ratePerMs === 0) return Number.POSITIVE_INFINITY
    return Math.ceil((n - this.#tokens) / this.#ratePerMs)
  }

  #refill(): void {
    const now = this.#now()
    const passed = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + passed * this.#ratePerMs)
  }

  get #ratePerMs(): number {
    return this.#rate.ratePerSecond / 1000
  }
}
