/**
 * Pace tells when others' changes may come onto the page. Each of them makes the browser lay out
 * and paint, which in a text of 5,000 blocks takes 40 ms, and a run writes twenty a second: the page
 * would do nothing else, and whoever types would wait behind it. So the page rests after a change
 * for twice as long as that has kept it busy, and what comes meanwhile comes on together.
 */

/** A third of the page's time at most goes into what others write. */
const RESTS = 2
/** Nobody sees the others' words later than that, however slow the page is. */
const LONGEST_MS = 250

export interface PaceClock {
  now(): number
  /** Calls with how long the frame took that shows what was changed. May never call. */
  afterFrame(painted: (ms: number) => void): void
  setTimer(act: () => void, ms: number): () => void
}

export class Pace {
  readonly #clock: PaceClock
  /** Until then the page rests. */
  #until = 0
  #next: (() => void) | undefined
  #cancel: (() => void) | undefined

  constructor(clock: PaceClock = browserClock) {
    this.#clock = clock
  }

  /** Changes the page when it has rested: at once where it has. Of several only the last is done. */
  whenRested(change: () => void): void {
    this.#next = change
    this.#look()
  }

  /** Does at once what was put off. */
  hurry(): void {
    this.#until = 0
    this.#look()
  }

  close(): void {
    this.#cancel?.()
    this.#next = undefined
  }

  readonly #look = (): void => {
    this.#cancel?.()
    this.#cancel = undefined
    if (!this.#next) return
    const left = this.#until - this.#clock.now()
    if (left > 0) this.#cancel = this.#clock.setTimer(this.#look, left)
    else this.#act()
  }

  #act(): void {
    const change = this.#next
    this.#next = undefined
    const begin = this.#clock.now()
    change?.()
    const script = this.#clock.now() - begin
    this.#rest(script)
    const rest = this.#until
    this.#clock.afterFrame((ms) => {
      // Another change may have come since, at once.
      if (this.#until !== rest) return
      this.#rest(script + ms)
      this.#look()
    })
  }

  #rest(busyMs: number): void {
    this.#until = this.#clock.now() + Math.min(busyMs * RESTS, LONGEST_MS)
  }
}

const browserClock: PaceClock = {
  now: () => performance.now(),
  afterFrame: (painted) => {
    // A page that nobody sees is not painted, and a program has none.
    if (typeof requestAnimationFrame === 'undefined' || document.hidden) return
    requestAnimationFrame(() => {
      const begin = performance.now()
      const channel = new MessageChannel()
      channel.port1.onmessage = () => {
        channel.port1.close()
        painted(performance.now() - begin)
      }
      channel.port2.postMessage(null)
    })
  },
  setTimer: (act, ms) => {
    const timer = setTimeout(act, ms)
    return () => clearTimeout(timer)
  },
}
