/**
 * How far an update brings each Yjs client: the one thing that tells how many edits are inside,
 * whether they came one by one or merged into one struct. It walks the structs without decoding
 * what they hold.
 */
import { Cursor } from './bytes.ts'

/** The clock that follows the last struct of `client`. */
export type Visit = (client: number, end: number) => void

const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
const HAS_KEY = 0x20
const KIND = 0x1f

/** Calls `visit` once for each client with structs in a v1 update. Throws on what is none. */
export function readClocks(update: Uint8Array, visit: Visit, cursor = new Cursor()): void {
  cursor.over(update)
  for (let clients = cursor.varUint(); clients > 0; clients--) {
    const structs = cursor.varUint()
    const client = cursor.varUint()
    let clock = cursor.varUint()
    for (let n = 0; n < structs; n++) clock += skipStruct(cursor)
    visit(client, clock)
  }
}

/** Moves behind one struct; returns how many clocks it takes. */
function skipStruct(cursor: Cursor): number {
  const info = cursor.byte()
  const kind = info & KIND
  if (kind === 0 || kind === 10) return cursor.varUint() // collected, or skipped
  if (info & HAS_ORIGIN) skipId(cursor)
  if (info & HAS_RIGHT_ORIGIN) skipId(cursor)
  if ((info & (HAS_ORIGIN | HAS_RIGHT_ORIGIN)) === 0) {
    if (cursor.varUint() === 1) cursor.block()
    else skipId(cursor)
    if (info & HAS_KEY) cursor.block()
  }
  switch (kind) {
    case 1: // deleted
      return cursor.varUint()
    case 4:
      return utf16Length(cursor.block())
    case 6: // a format: its key and its value
      cursor.block()
      cursor.block()
      return 1
    case 7: {
      const type = cursor.varUint()
      if (type === 3 || type === 5) cursor.block() // an element's or a hook's name
      return 1
    }
    case 8: {
      const count = cursor.varUint()
      for (let n = 0; n < count; n++) skipValue(cursor)
      return count
    }
    default:
      throw new RangeError(`no struct of ours has kind ${kind}`)
  }
}

function skipId(cursor: Cursor): void {
  cursor.varUint()
  cursor.varUint()
}

/** Of a value as lib0 writes it. */
function skipValue(cursor: Cursor): void {
  const kind = cursor.byte()
  switch (kind) {
    case 127: // undefined, null, true, false
    case 126:
    case 121:
    case 120:
      return
    case 125:
      cursor.varUint()
      return
    case 124:
      return cursor.skip(4)
    case 123:
    case 122:
      return cursor.skip(8)
    case 119:
    case 116:
      cursor.block()
      return
    case 118: {
      for (let n = cursor.varUint(); n > 0; n--) {
        cursor.block()
        skipValue(cursor)
      }
      return
    }
    case 117:
      for (let n = cursor.varUint(); n > 0; n--) skipValue(cursor)
      return
    default:
      throw new RangeError(`no value of ours has kind ${kind}`)
  }
}

/** Clocks count UTF-16 units: one for each first byte, two where four bytes make a character. */
function utf16Length(utf8: Uint8Array): number {
  let units = 0
  for (let at = 0; at < utf8.length; at++) {
    const byte = utf8[at] as number
    if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1
  }
  return units
}
