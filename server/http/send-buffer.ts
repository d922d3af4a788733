/**
 * What is on its way to one client: who lags behind, who has stopped reading, and when a whole
 * reply has gone out. The wire holds the bytes; this only counts them.
 */
import { isSyncStep2 } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Wire } from './wire.ts'

/** Who reads what is sent. */
export interface Reader {
  /** It had fallen behind and has read everything that waited. */
  caughtUp(): void
  /** A sync step 2 has gone out whole. */
  replied(): void
  /** It is too far behind, or reads nothing any more. */
  tooSlow(): void
}

type SendLimits = Pick<Limits, 'sendCoalesceBytes' | 'sendCloseBytes' | 'sendDrainMs'>

/** Where in all that was ever sent the answer to a sync step 1 lies. */
interface Reply {
  from: number
  to: number
}

export class SendBuffer {
  readonly #wire: Wire
  readonly #limits: SendLimits
  readonly #reader: Reader
  /** All the bytes that were ever sent, and how many of them are known to be taken. */
  #sent = 0
  #taken = 0
  #replies: Reply[] | undefined
  #behind = false
  #progressAt = 0
  #watch: NodeJS.Timeout | undefined
  #closed = false

  constructor(wire: Wire, limits: SendLimits, reader: Reader) {
    this.#wire = wire
    this.#limits = limits
    this.#reader = reader
  }

  /** True from when too much waits until all of it is read: what can be had later is not queued. */
  get behind(): boolean {
    return this.#behind
  }

  send(frame: Uint8Array): void {
    if (this.#closed || !this.#wire.open) return
    this.#wire.send(frame)
    this.#sent += frame.length
    if (isSyncStep2(frame)) {
      this.#replies ??= []
      this.#replies.push({ from: this.#sent - frame.length, to: this.#sent })
    }
    this.progress()
  }

  /** To be called when something has begun to wait, or some of it was taken. */
  progress(): void {
    if (this.#closed) return
    const { waiting } = this.#wire
    if (waiting === 0) return this.#endLag()
    const { sendCoalesceBytes, sendDrainMs } = this.#limits
    if (!this.#watch) {
      this.#progressAt = performance.now()
      this.#watch = setInterval(() => this.#look(), Math.ceil(sendDrainMs / 4))
    }
    if (waiting > sendCoalesceBytes) this.#behind = true
    this.#look()
    this.#endReplies()
  }

  #endLag(): void {
    if (this.#replies) this.#endReplies()
    if (!this.#watch) return
    clearInterval(this.#watch)
    this.#watch = undefined
    if (!this.#behind) return
    this.#behind = false
    this.#reader.caughtUp()
  }

  /** Counts no more. Idempotent. */
  close(): void {
    this.#closed = true
    clearInterval(this.#watch)
  }

  #measure(): void {
    const taken = this.#sent - this.#wire.waiting
    if (taken <= this.#taken) return
    this.#taken = taken
    this.#progressAt = performance.now()
  }

  #endReplies(): void {
    const taken = this.#sent - this.#wire.waiting
    while (this.#replies?.[0] && this.#replies[0].to <= taken) {
      this.#replies.shift()
      this.#reader.replied()
    }
    if (this.#replies?.length === 0) this.#replies = undefined
  }

  /** A whole document may be larger than the limit; it is bounded by there being one reply. */
  #look(): void {
    const { waiting } = this.#wire
    if (this.#closed || waiting === 0) return
    this.#measure()
    const taken = this.#sent - waiting
    let ofReplies = 0
    for (const { from, to } of this.#replies ?? []) ofReplies += to - Math.max(from, taken)
    const stuck = performance.now() - this.#progressAt > this.#limits.sendDrainMs
    if (stuck || waiting - ofReplies > this.#limits.sendCloseBytes) this.#reader.tooSlow()
  }
}
