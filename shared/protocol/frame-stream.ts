/**
 * Frames as one stream of bytes, each behind its length: any cut of it can be sent by itself, and a
 * place in it is a number. This is how frames travel where there is no WebSocket.
 */
import * as encoding from 'lib0/encoding'
import { GlossError } from '#shared/errors.ts'

/** The most that one request carries upwards: below what careful proxies take. */
export const UP_BYTES = 256 * 1024
/** The most that one answer carries downwards. */
export const DOWN_BYTES = 1024 * 1024
/** How long a question may wait for an answer, below the patience of most proxies. */
export const POLL_MS = 25_000

const MAX_LENGTH_BYTES = 5

/** What stands before a frame in the stream. */
export function lengthOf(frame: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => encoding.writeVarUint(encoder, frame.length))
}

/** Puts the frames of a stream together again, however it was cut. */
export class FrameReader {
  readonly #maxBytes: number
  #bytes: Uint8Array = new Uint8Array(0)

  /** `maxBytes` is the largest frame that is waited for. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  push(bytes: Uint8Array): void {
    if (this.#bytes.length === 0) {
      this.#bytes = bytes
      return
    }
    const all = new Uint8Array(this.#bytes.length + bytes.length)
    all.set(this.#bytes)
    all.set(bytes, this.#bytes.length)
    this.#bytes = all
  }

  /**
   * The next whole frame, in bytes of its own; undefined until more has come. Throws `too-large`
   * as soon as the length says so, and `bad-frame` where there is no length.
   */
  next(): Uint8Array | undefined {
    let length = 0
    for (let at = 0; at < this.#bytes.length; at++) {
      const byte = this.#bytes[at]!
      length += (byte & 127) * 128 ** at
      if (byte < 128) return this.#cut(at + 1, length)
      if (at + 1 >= MAX_LENGTH_BYTES) throw new GlossError('bad-frame', 'a length without an end')
    }
    return undefined
  }

  #cut(from: number, length: number): Uint8Array | undefined {
    if (length > this.#maxBytes) throw new GlossError('too-large', `a frame of ${length} bytes`)
    if (this.#bytes.length < from + length) return undefined
    const frame = this.#bytes.slice(from, from + length)
    this.#bytes = this.#bytes.subarray(from + length)
    return frame
  }
}
