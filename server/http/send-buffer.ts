/**
 * What is on its way to one socket. It writes large frames in parts and few at a time, so that it
 * sees whether the reader makes progress; it knows who lags behind and who has stopped reading.
 */
import type { WebSocket } from 'ws'
import { isSyncStep2 } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'

const PART_BYTES = 64 * 1024
const IN_FLIGHT_BYTES = 256 * 1024

interface Part {
  bytes: Uint8Array
  last: boolean
  ofReply: boolean
}

export interface SendBufferDeps {
  ws: WebSocket
  limits: Pick<Limits, 'sendCoalesceBytes' | 'sendCloseBytes' | 'sendDrainMs'>
  /** The reader had fallen behind and has read everything that waited. */
  caughtUp(): void
  /** A sync step 2 has gone out whole. */
  replied(): void
  /** The reader is too far behind, or reads nothing any more. */
  tooSlow(): void
}

export class SendBuffer {
  readonly #deps: SendBufferDeps
  readonly #watch: NodeJS.Timeout
  #parts: Part[] = []
  /** All that the kernel has not taken yet, and how much of it answers a sync step 1. */
  #bytes = 0
  #replyBytes = 0
  #inFlight = 0
  #behind = false
  #progressAt = 0
  #closed = false

  constructor(deps: SendBufferDeps) {
    this.#deps = deps
    this.#watch = setInterval(() => this.#look(), Math.ceil(deps.limits.sendDrainMs / 4))
  }

  /** True from when too much waits until all of it is read: what can be had later is not queued. */
  get behind(): boolean {
    return this.#behind
  }

  send(frame: Uint8Array): void {
    if (this.#closed || this.#deps.ws.readyState !== this.#deps.ws.OPEN) return
    const ofReply = isSyncStep2(frame)
    if (this.#bytes === 0) this.#progressAt = performance.now()
    this.#bytes += frame.length
    if (ofReply) this.#replyBytes += frame.length
    for (let at = 0; at < frame.length; at += PART_BYTES) {
      const bytes = frame.subarray(at, at + PART_BYTES)
      this.#parts.push({ bytes, last: at + PART_BYTES >= frame.length, ofReply })
    }
    this.#pump()
    if (this.#bytes > this.#deps.limits.sendCoalesceBytes) this.#behind = true
    this.#look()
  }

  /** Hands all that waits to the socket, so that a last word comes after it. */
  flush(): void {
    while (this.#parts.length > 0) this.#write(this.#parts.shift()!)
  }

  /** Forgets what waits. Idempotent. */
  close(): void {
    this.#closed = true
    clearInterval(this.#watch)
    this.#parts = []
  }

  #pump(): void {
    while (this.#parts.length > 0 && this.#inFlight < IN_FLIGHT_BYTES) {
      this.#write(this.#parts.shift()!)
    }
  }

  #write({ bytes, last, ofReply }: Part): void {
    this.#inFlight += bytes.length
    this.#deps.ws.send(bytes, { binary: true, fin: last }, (error) => {
      if (error || this.#closed) return
      this.#progressAt = performance.now()
      this.#inFlight -= bytes.length
      this.#bytes -= bytes.length
      if (ofReply) this.#replyBytes -= bytes.length
      this.#pump()
      if (ofReply && last) this.#deps.replied()
      if (this.#bytes === 0 && this.#behind) {
        this.#behind = false
        this.#deps.caughtUp()
      }
    })
  }

  /** A whole document may be larger than the limit; it is bounded by there being one reply. */
  #look(): void {
    if (this.#closed || this.#bytes === 0) return
    const { sendCloseBytes, sendDrainMs } = this.#deps.limits
    const stuck = performance.now() - this.#progressAt > sendDrainMs
    if (stuck || this.#bytes - this.#replyBytes > sendCloseBytes) this.#deps.tooSlow()
  }
}
