/**
 * How far an update reaches: the next clock of each client in it. It skips over the bytes where
 * Yjs would build each struct, which for a whole document is most of what its first reader waits
 * for. Only for bytes from the log; what it does not know it leaves to Yjs.
 */
import * as Y from 'yjs'
import {
  ANY,
  DELETED,
  FORMAT,
  GC,
  HAS_KEY,
  HAS_ORIGIN,
  HAS_RIGHT_ORIGIN,
  KIND,
  STRING,
  TYPE,
  XML_ELEMENT,
  XML_HOOK,
  XML_TEXT,
} from '#shared/document/update-format.ts'

/** The next clock of each Yjs client that has structs in this update. */
export function updateClocks(update: Uint8Array): Map<number, number> {
  return skimmedClocks(update) ?? Y.parseUpdateMeta(update).to
}

/** The same, or undefined where there is something in it that no document of ours holds. */
export function skimmedClocks(update: Uint8Array): Map<number, number> | undefined {
  return new Skipper(update).clocks()
}

/** lib0's numbers for values. */
const VALUE = {
  array: 117,
  object: 118,
  string: 119,
  bigint: 122,
  float64: 123,
  float32: 124,
  integer: 125,
}

class Unknown extends Error {}

class Skipper {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  clocks(): Map<number, number> | undefined {
    const clocks = new Map<number, number>()
    try {
      for (let clients = this.#number(); clients > 0; clients--) {
        let structs = this.#number()
        const client = this.#number()
        let clock = this.#number()
        for (; structs > 0; structs--) clock += this.#struct()
        clocks.set(client, clock)
      }
    } catch (error) {
      if (error instanceof Unknown) return undefined
      throw error
    }
    return this.#at < this.#bytes.length ? clocks : undefined
  }

  /** The struct's length. */
  #struct(): number {
    const info = this.#bytes[this.#at++]!
    if ((info & KIND) === GC) return this.#number()
    if (info & HAS_ORIGIN) this.#id()
    if (info & HAS_RIGHT_ORIGIN) this.#id()
    if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
      if (this.#number() === 1) this.#skipText()
      else this.#id()
      if (info & HAS_KEY) this.#skipText()
    }
    return this.#content(info & KIND)
  }

  #content(kind: number): number {
    switch (kind) {
      case DELETED:
        return this.#number()
      case STRING:
        return this.#textLength()
      case FORMAT:
        this.#skipText()
        this.#skipText()
        return 1
      case TYPE: {
        const type = this.#number()
        if (type === XML_ELEMENT) this.#skipText()
        else if (type === XML_HOOK || type > XML_TEXT) throw new Unknown()
        return 1
      }
      case ANY: {
        const count = this.#number()
        for (let n = 0; n < count; n++) this.#value()
        return count
      }
      default:
        throw new Unknown()
    }
  }

  #value(): void {
    const kind = this.#bytes[this.#at++]!
    switch (kind) {
      case VALUE.integer:
        this.#number()
        return
      case VALUE.float32:
        this.#at += 4
        return
      case VALUE.float64:
      case VALUE.bigint:
        this.#at += 8
        return
      case VALUE.string:
        this.#skipText()
        return
      case VALUE.object:
        for (let n = this.#number(); n > 0; n--) {
          this.#skipText()
          this.#value()
        }
        return
      case VALUE.array:
        for (let n = this.#number(); n > 0; n--) this.#value()
        return
      default:
        // null, undefined, true and false are all in their kind.
        if (kind < 120) throw new Unknown()
    }
  }

  #number(): number {
    const bytes = this.#bytes
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[this.#at++]
      if (byte === undefined) throw new Unknown()
      value += (byte & 127) * factor
      if (byte < 128) return value
    }
  }

  #id(): void {
    this.#number()
    this.#number()
  }

  #skipText(): void {
    const length = this.#number()
    this.#at += length
  }

  /** In UTF-16 units, as Yjs counts: one a character, two for those of four bytes. */
  #textLength(): number {
    const bytes = this.#bytes
    const end = this.#number() + this.#at
    let length = 0
    for (; this.#at < end; this.#at++) {
      const byte = bytes[this.#at]!
      if ((byte & 0xc0) !== 0x80) length += byte >= 0xf0 ? 2 : 1
    }
    return length
  }
}
