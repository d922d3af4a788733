/** WebSocket frames: a client's, masked, and a reader of a server's that copies only what is cut. */

export const BINARY = 2
export const CLOSE = 8
export const PING = 9
export const PONG = 10

/** One masked frame. The mask differs from frame to frame, as it does in a browser. */
export function maskedFrame(payload: Uint8Array, opcode = BINARY): Buffer {
  const { length } = payload
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10
  const frame = Buffer.allocUnsafe(head + 4 + length)
  frame[0] = 0x80 | opcode
  if (head === 2) frame[1] = 0x80 | length
  else if (head === 4) {
    frame[1] = 0x80 | 126
    frame.writeUInt16BE(length, 2)
  } else {
    frame[1] = 0x80 | 127
    frame.writeBigUInt64BE(BigInt(length), 2)
  }
  const mask = (Math.random() * 0x1_0000_0000) >>> 0
  frame.writeUInt32BE(mask, head)
  for (let n = 0; n < length; n++) {
    frame[head + 4 + n] = (payload[n] as number) ^ (frame[head + (n & 3)] as number)
  }
  return frame
}

/** `payload` is valid during the call alone. */
export type Hear = (opcode: number, payload: Uint8Array) => void

/** Cuts what comes from the wire into messages; fragments are put together again. */
export class FrameReader {
  readonly #hear: Hear
  /** A frame whose end has not come, or a head too short to tell how long it is. */
  #partial: Buffer | undefined
  #filled = 0
  #fragments: Buffer[] = []
  #opcode = 0

  constructor(hear: Hear) {
    this.#hear = hear
  }

  push(chunk: Buffer): void {
    let at = 0
    if (this.#partial) {
      if (this.#partial.length < HEAD) {
        chunk = Buffer.concat([this.#partial, chunk])
        this.#partial = undefined
      } else {
        at = chunk.copy(this.#partial, this.#filled)
        this.#filled += at
        if (this.#filled < this.#partial.length) return
        const whole = this.#partial
        this.#partial = undefined
        this.#frames(whole, 0)
      }
    }
    this.#frames(chunk, at)
  }

  #frames(bytes: Buffer, start: number): void {
    let at = start
    while (at < bytes.length) {
      const left = bytes.length - at
      const length = left < 2 ? undefined : frameLength(bytes, at)
      if (length === undefined) {
        this.#partial = Buffer.from(bytes.subarray(at))
        return
      }
      if (length > left) {
        // Shorter than a head it would be taken for one.
        if (length < HEAD) this.#partial = Buffer.from(bytes.subarray(at))
        else {
          this.#partial = Buffer.allocUnsafe(length)
          this.#filled = bytes.copy(this.#partial, 0, at)
        }
        return
      }
      this.#frame(bytes.subarray(at, at + length))
      at += length
    }
  }

  #frame(frame: Buffer): void {
    const short = (frame[1] as number) & 0x7f
    const payload = frame.subarray(short < 126 ? 2 : short === 126 ? 4 : 10)
    const opcode = (frame[0] as number) & 0x0f
    const final = ((frame[0] as number) & 0x80) !== 0
    if (opcode >= CLOSE || (final && opcode !== 0)) return this.#hear(opcode, payload)
    if (opcode !== 0) this.#opcode = opcode
    this.#fragments.push(Buffer.from(payload))
    if (final) this.#hear(this.#opcode, Buffer.concat(this.#fragments.splice(0)))
  }
}

const HEAD = 10

/** Bytes of the frame at `at`, its head included; undefined where even that is not here yet. */
function frameLength(bytes: Buffer, at: number): number | undefined {
  const short = (bytes[at + 1] as number) & 0x7f
  if (short < 126) return 2 + short
  const head = short === 126 ? 4 : 10
  if (bytes.length - at < head) return undefined
  return head + (short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)))
}
