/**
 * PlaceWait gives a run's place some time to come back: who deletes all there is and undoes that seconds
 * later finds the run going on.
 */
export class PlaceWait {
  readonly #ms: number
  #waiting: { timer: NodeJS.Timeout; over: PromiseWithResolvers<void> } | undefined

  constructor(ms: number) {
    this.#ms = ms
  }

  /** The place is gone; `lost` is told where it has not come back in time. */
  begin(lost: () => void): void {
    if (this.#waiting) return
    const give = () => {
      lost()
      this.end()
    }
    this.#waiting = { timer: setTimeout(give, this.#ms), over: Promise.withResolvers() }
  }

  /** It is back, or nobody waits for it any more. */
  end(): void {
    if (!this.#waiting) return
    clearTimeout(this.#waiting.timer)
    this.#waiting.over.resolve()
    this.#waiting = undefined
  }

  /** Resolves at the end of it; at once where it has not begun. */
  async over(): Promise<void> {
    await this.#waiting?.over.promise
  }
}
