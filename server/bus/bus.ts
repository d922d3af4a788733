/**
 * The bus: how rooms of one document on different instances hear of each other's commits sooner
 * than by asking the log. It carries hints and presence and has no authority: whatever is lost or
 * forged on it, the log heals. Adapters: memory.ts (one instance), redis.ts (several).
 */

/** Says: the log of `document` now reaches `to`. */
export interface Hint {
  document: string
  epoch: number
  /** First and last sequence that this commit wrote; from > to where it wrote only events. */
  from: number
  to: number
  eventHead: number
  /** The updates themselves where they are small; otherwise read the log. */
  updates: Uint8Array[]
}

/** Who hears of one document. None of these may throw. */
export interface BusListener {
  hint(hint: Hint): void
  /** `from` is the instance that the people it is about are connected to. */
  presence(update: Uint8Array, from: string): void
  /** That instance is gone, and whoever was connected there with it. */
  left(instance: string): void
  /** Another instance does not know who is here: it has just begun to listen, or missed it. */
  newcomer(): void
}

export interface Subscription {
  /**
   * Resolves once what is said from now on will be heard; at once while the bus is down, since
   * rooms then ask the log every second. Never rejects.
   */
  readonly ready: Promise<void>
  close(): Promise<void>
}

export interface Bus {
  readonly instance: string
  /** False while hints may not arrive: rooms then ask the log every second. */
  readonly connected: boolean
  /** Rises whenever hints may have been lost, here or on their way: the log is to be asked. */
  readonly lapses: number
  publishHint(hint: Hint): void
  /** Has the others ask the log soon: of what has changed and is no update. */
  publishNews(): void
  publishPresence(document: string, update: Uint8Array): void
  /** Hears other instances only. */
  subscribe(document: string, listener: BusListener): Subscription
  close(): Promise<void>
}
