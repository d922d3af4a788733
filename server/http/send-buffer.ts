/**
 * What is on its way to one client: who lags behind, who has stopped reading, and when a whole
 * reply has gone out. The wire holds the bytes; this only counts them.
 */
import { isSyncStep2 } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Wire } from './wire.ts'

export interface SendBufferDeps {
  wire: Wire
  limits: Pick<Limits, 'sendCoalesceBytes' | 'sendCloseBytes' | 'sendDrainMs'>
  /** The reader had fallen behind and has read everything that waited. */
  caughtUp(): void
  /** A sync step 2 has gone out whole. */
  replied(): void
  /** The reader is too far behind, or reads nothing any more. */
  tooSlow(): void
}

/** Where in all that was ever sent the answer to a sync step 1 lies. */
interface Reply {
  from: number
  to: number
}

export class SendBuffer {
  readonly #deps: SendBufferDeps
  /** All the bytes that were ever sent, and how many of them are known to be taken. */
  #sent = 0
  #taken = 0
  #replies: Reply[] | undefined
  #behind = false
  #progressAt = 0
  #watch: NodeJS.Timeout | undefined
  #closed = false

  constructor(deps: SendBufferDeps) {
    this.#deps = deps
  }

  /** True from when too much waits until all of it is read: what can be had later is not queued. */
  get behind(): boolean {
    return this.#behind
  }

  send(frame: Uint8Array): void {
    const { wire, limits } = this.#deps
    if (this.#closed || !wire.open) return
    wire.send(frame)
    this.#sent += frame.length
    if (isSyncStep2(frame)) {
      this.#replies ??= []
      this.#replies.push({ from: this.#sent - frame.length, to: this.#sent })
    }
    if (wire.waiting === 0) return this.#endReplies()
    if (!this.#watch) {
      this.#progressAt = performance.now()
      this.#watch = setInterval(() => this.#look(), Math.ceil(limits.sendDrainMs / 4))
    }
    if (wire.waiting > limits.sendCoalesceBytes) this.#behind = true
    this.#look()
  }

  /** To be called when the wire has made progress. */
  progress(): void {
    if (this.#closed) return
    this.#measure()
    this.#endReplies()
    if (this.#deps.wire.waiting > 0) return
    clearInterval(this.#watch)
    this.#watch = undefined
    if (!this.#behind) return
    this.#behind = false
    this.#deps.caughtUp()
  }

  /** Counts no more. Idempotent. */
  close(): void {
    this.#closed = true
    clearInterval(this.#watch)
  }

  #measure(): void {
    const taken = this.#sent - this.#deps.wire.waiting
    if (taken <= this.#taken) return
    this.#taken = taken
    this.#progressAt = performance.now()
  }

  #endReplies(): void {
    const taken = this.#sent - this.#deps.wire.waiting
    while (this.#replies?.[0] && this.#replies[0].to <= taken) {
      this.#replies.shift()
      this.#deps.replied()
    }
  }

  /** A whole document may be larger than the limit; it is bounded by there being one reply. */
  #look(): void {
    const { wire, limits } = this.#deps
    const { waiting } = wire
    if (this.#closed || waiting === 0) return
    this.#measure()
    const taken = this.#sent - waiting
    let ofReplies = 0
    for (const { from, to } of this.#replies ?? []) ofReplies += to - Math.max(from, taken)
    const stuck = performance.now() - this.#progressAt > limits.sendDrainMs
    if (stuck || waiting - ofReplies > limits.sendCloseBytes) this.#deps.tooSlow()
  }
}
