/**
 * The bus: how rooms of one document on different instances hear of each other's commits sooner
 * than by asking the log. It carries hints and presence and has no authority: whatever is lost or
 * forged on it, the log heals. Adapters: memory.ts (one instance), later redis.ts.
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

export interface Subscription {
  close(): Promise<void>
}

export interface Bus {
  readonly instance: string
  /** False while hints cannot arrive: rooms then ask the log every second. */
  readonly connected: boolean
  publishHint(hint: Hint): void
  publishPresence(document: string, update: Uint8Array): void
  /** Hears other instances only. */
  subscribe(
    document: string,
    listener: { hint(hint: Hint): void; presence(update: Uint8Array): void },
  ): Subscription
  close(): Promise<void>
}
