/** Yjs's variable-length numbers, read and written without a decoder object for each message. */

/** A place in some bytes. Reading past the end throws a RangeError. */
export class Cursor {
  bytes: Uint8Array = new Uint8Array()
  at = 0

  over(bytes: Uint8Array, at = 0): this {
    this.bytes = bytes
    this.at = at
    return this
  }

  get done(): boolean {
    return this.at >= this.bytes.length
  }

  byte(): number {
    const byte = this.bytes[this.at++]
    if (byte === undefined) throw new RangeError('the bytes end early')
    return byte
  }

  varUint(): number {
    let byte = this.byte()
    let value = byte & 0x7f
    for (let scale = 128; byte >= 0x80; scale *= 128) {
      byte = this.byte()
      value += (byte & 0x7f) * scale
    }
    return value
  }

  /** A view, not a copy. */
  block(): Uint8Array {
    const length = this.varUint()
    const start = this.at
    this.skip(length)
    return this.bytes.subarray(start, this.at)
  }

  skip(count: number): void {
    this.at += count
    if (this.at > this.bytes.length) throw new RangeError('the bytes end early')
  }
}

/** Writes `value` at `at`; returns where it ends. */
export function writeVarUint(into: Uint8Array, at: number, value: number): number {
  let rest = value
  let end = at
  while (rest >= 0x80) {
    into[end++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  into[end++] = rest
  return end
}

/** What one has, as Yjs tells it: for each client the clock of what comes next. */
export function stateVector(clocks: readonly (readonly [number, number])[]): Uint8Array {
  const bytes = new Uint8Array(16 * clocks.length + 8)
  let at = writeVarUint(bytes, 0, clocks.length)
  for (const [client, clock] of clocks) {
    at = writeVarUint(bytes, writeVarUint(bytes, at, client), clock)
  }
  return bytes.subarray(0, at)
}
