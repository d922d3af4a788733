/**
 * The bus within one process: what a single instance runs on, and what lets two "instances" of a
 * test hear each other. The hub is the medium they share, as several processes share one Redis.
 */
import type { Bus, BusListener, Hint, Subscription } from './bus.ts'

export class MemoryHub {
  readonly #listeners = new Map<string, Map<BusListener, string>>()
  #mode: 'carry' | 'hold' | 'lose' = 'carry'
  #held: (() => void)[] = []

  /** False while it is told to lose everything, as a Redis that is down. */
  get connected(): boolean {
    return this.#mode !== 'lose'
  }

  /** How often it has come back, or somebody had news. */
  lapses = 0

  /** For tests: what is said from now on is kept, and told on `carry`. */
  hold(): void {
    this.#mode = 'hold'
  }

  /** For tests: what is said from now on is lost, and everybody knows the bus is down. */
  lose(): void {
    this.#mode = 'lose'
  }

  /** For tests: back to normal; what was held is told now, in order. */
  carry(): void {
    if (this.#mode === 'lose') this.lapses++
    this.#mode = 'carry'
    for (const tell of this.#held.splice(0)) tell()
  }

  listen(document: string, instance: string, listener: BusListener): () => void {
    const listeners = this.#listeners.get(document) ?? new Map<BusListener, string>()
    this.#listeners.set(document, listeners)
    listeners.set(listener, instance)
    return () => {
      listeners.delete(listener)
      if (listeners.size === 0 && this.#listeners.get(document) === listeners) {
        this.#listeners.delete(document)
      }
    }
  }

  say(document: string, from: string, message: (listener: BusListener) => void): void {
    if (this.#mode === 'lose') return
    // Later, as from a wire: no listener runs on its speaker's stack.
    const tell = () => queueMicrotask(() => this.#tell(document, from, message))
    if (this.#mode === 'hold') this.#held.push(tell)
    else tell()
  }

  sayToAll(from: string, message: (listener: BusListener) => void): void {
    for (const document of this.#listeners.keys()) this.say(document, from, message)
  }

  #tell(document: string, from: string, message: (listener: BusListener) => void): void {
    for (const [listener, instance] of this.#listeners.get(document) ?? []) {
      if (instance !== from) message(listener)
    }
  }
}

export class MemoryBus implements Bus {
  readonly instance: string
  readonly #hub: MemoryHub
  readonly #open = new Set<() => void>()

  constructor(instance = 'local', hub = new MemoryHub()) {
    this.instance = instance
    this.#hub = hub
  }

  get connected(): boolean {
    return this.#hub.connected
  }

  get lapses(): number {
    return this.#hub.lapses
  }

  publishHint(hint: Hint): void {
    this.#hub.say(hint.document, this.instance, (listener) => listener.hint(hint))
  }

  publishNews(): void {
    if (this.connected) this.#hub.lapses++
  }

  publishPresence(document: string, update: Uint8Array): void {
    this.#hub.say(document, this.instance, (listener) => listener.presence(update, this.instance))
  }

  subscribe(document: string, listener: BusListener): Subscription {
    // A listener of its own for each subscription, so that closing one never closes another.
    const own = { ...listener }
    const stop = this.#hub.listen(document, this.instance, own)
    this.#open.add(stop)
    this.#hub.say(document, this.instance, (other) => other.newcomer())
    return {
      ready: Promise.resolve(),
      close: async () => {
        stop()
        this.#open.delete(stop)
      },
    }
  }

  async close(): Promise<void> {
    for (const stop of this.#open) stop()
    this.#open.clear()
    this.#hub.sayToAll(this.instance, (listener) => listener.left(this.instance))
  }
}
