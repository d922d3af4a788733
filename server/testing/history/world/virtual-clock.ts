/** VirtualClock replaces a process's timers and times by ones that move only when they are told to. */

interface Timer {
  at: number
  order: number
  every: number | undefined
  act: () => void
}

/** What setTimeout gives in Node, as far as anybody here asks of it. */
class Handle {
  readonly number: number

  constructor(number: number) {
    this.number = number
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
  hasRef(): boolean {
    return true
  }
  [Symbol.toPrimitive](): number {
    return this.number
  }
}

const realImmediate = setImmediate
const realTimeout = setTimeout
/** When every history begins. */
const BEGIN = Date.UTC(2026, 0, 1)

export class VirtualClock {
  readonly #timers = new Map<number, Timer>()
  #now = 0
  #count = 0

  get now(): number {
    return this.#now
  }

  reset(): void {
    this.#timers.clear()
    this.#now = 0
    this.#count = 0
  }

  install(): void {
    const clear = (handle: unknown) => this.#clear(handle)
    Object.assign(globalThis, {
      setTimeout: (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        this.#add(() => act(...args), ms),
      setInterval: (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
        this.#add(() => act(...args), ms, Math.max(1, ms)),
      clearTimeout: clear,
      clearInterval: clear,
    })
    Date.now = () => BEGIN + this.#now
    Object.defineProperty(performance, 'now', { value: () => this.#now, configurable: true })
  }

  /** `setTimeout` of node:timers/promises. */
  readonly pause = <T>(ms = 0, value?: T): Promise<T | undefined> =>
    new Promise((resolve) => this.#add(() => resolve(value), ms))

  /** Lets everything happen that is due by then, each at its time. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms
    await this.settle()
    for (let next = this.#next(until); next; next = this.#next(until)) {
      const [key, timer] = next
      this.#now = Math.max(this.#now, timer.at)
      if (timer.every === undefined) this.#timers.delete(key)
      else timer.at += timer.every
      timer.act()
      await this.settle()
    }
    this.#now = until
  }

  /** Everything that waits for nothing but its turn has had it. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 2; turn++) {
      await new Promise<void>((resolve) => realImmediate(resolve))
    }
  }

  /** Real time passes, for what another thread does. */
  breathe(): Promise<void> {
    return new Promise((resolve) => void realTimeout(resolve, 1))
  }

  #add(act: () => void, ms: number, every?: number): Handle {
    const number = ++this.#count
    const at = this.#now + Math.max(0, Number.isFinite(ms) ? ms : 0)
    this.#timers.set(number, { at, order: number, every, act })
    return new Handle(number)
  }

  #clear(handle: unknown): void {
    if (handle instanceof Handle) this.#timers.delete(handle.number)
  }

  #next(until: number): [number, Timer] | undefined {
    let next: [number, Timer] | undefined
    for (const [key, timer] of this.#timers) {
      if (timer.at > until) continue
      if (
        !next ||
        timer.at < next[1].at ||
        (timer.at === next[1].at && timer.order < next[1].order)
      ) {
        next = [key, timer]
      }
    }
    return next
  }
}
