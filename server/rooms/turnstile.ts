/**
 * The turnstile before what is costly, such as opening a room: so many at once, so many a second,
 * in the order in which they came. After a restart everybody comes at once, and each is let in
 * while those who are in already are served. Who would wait too long is told when to come back.
 */
import { GlossError } from '#shared/errors.ts'

export interface TurnstileOptions {
  atOnce: number
  perSecond: number
  /** Longer than this nobody waits. */
  waitMs: number
}

interface Waiting {
  enter(): void
  refuse(): void
  timer: NodeJS.Timeout | undefined
}

export class Turnstile {
  readonly #options: TurnstileOptions
  #waiting: Waiting[] = []
  #inside = 0
  /** When the next may enter, if as many as may be inside entered just now. */
  #dueAt = 0
  #timer: NodeJS.Timeout | undefined

  constructor(options: TurnstileOptions) {
    this.#options = options
  }

  /** Runs `act` when its turn comes. Throws `unavailable`, with the time to come back, where that is too late. */
  async pass<T>(act: () => Promise<T>): Promise<T> {
    await this.#turn()
    try {
      return await act()
    } finally {
      this.#inside--
      this.#advance()
    }
  }

  #turn(): Promise<void> {
    const { perSecond, waitMs } = this.#options
    const seconds = this.#waiting.length / perSecond
    if (seconds * 1000 > waitMs) return Promise.reject(crowded(seconds))
    return new Promise((resolve, reject) => {
      const waiting: Waiting = {
        enter: resolve,
        refuse: () => reject(crowded(this.#waiting.length / perSecond)),
        timer: undefined,
      }
      this.#waiting.push(waiting)
      this.#advance()
      if (!this.#waiting.includes(waiting)) return
      waiting.timer = setTimeout(() => {
        this.#waiting = this.#waiting.filter((one) => one !== waiting)
        waiting.refuse()
      }, waitMs)
    })
  }

  #advance(): void {
    const { atOnce, perSecond } = this.#options
    const gapMs = 1000 / perSecond
    while (this.#waiting.length > 0 && this.#inside < atOnce) {
      const now = performance.now()
      const early = this.#dueAt - atOnce * gapMs - now
      if (early > 0) {
        this.#timer ??= setTimeout(() => {
          this.#timer = undefined
          this.#advance()
        }, early)
        return
      }
      this.#dueAt = Math.max(this.#dueAt, now) + gapMs
      this.#inside++
      const next = this.#waiting.shift()!
      clearTimeout(next.timer)
      next.enter()
    }
  }
}

function crowded(seconds: number): GlossError {
  const error = new GlossError('unavailable', 'too many wait for the same')
  error.retryAfterS = Math.max(1, Math.ceil(seconds))
  return error
}
