/**
 * The two dialects that the servers speak: y-websocket's, where the address names the room, and
 * Hocuspocus's, where each message does. Both carry the same sync messages.
 */
import { Cursor, writeVarUint } from './bytes.ts'

export type Heard =
  | { kind: 'step-1' }
  /** `update` is a view, valid during the call alone. */
  | { kind: 'step-2' | 'update'; update: Uint8Array }
  /** Edits are safe: the first `count` messages with an update, or one more. */
  | { kind: 'ack'; count: number | undefined }
  | { kind: 'other' }

export interface Dialect {
  /** What a client says first; then the sync begins. */
  greeting(room: string): Uint8Array | undefined
  step1(room: string, stateVector: Uint8Array): Uint8Array
  step2(room: string, update: Uint8Array): Uint8Array
  update(room: string, update: Uint8Array): Uint8Array
  read(message: Uint8Array): Heard
}

export const EMPTY_STATE = new Uint8Array([0])
export const EMPTY_UPDATE = new Uint8Array([0, 0])

const SYNC = 0
const OTHER: Heard = { kind: 'other' }
const cursor = new Cursor()

export const yWebSocket: Dialect = {
  greeting: () => undefined,
  step1: (_room, stateVector) => sync('', 0, stateVector),
  step2: (_room, update) => sync('', 1, update),
  update: (_room, update) => sync('', 2, update),
  read: (message) => {
    cursor.over(message)
    const type = cursor.varUint()
    if (type === SYNC) return readSync()
    // Gloss's own: so many of this connection's messages are committed.
    return type === 100 ? { kind: 'ack', count: cursor.varUint() } : OTHER
  },
}

const AUTHENTICATE = 2
const SYNC_REPLY = 4
const SYNC_STATUS = 8

export const hocuspocus: Dialect = {
  greeting: (room) => {
    const name = Buffer.from(room)
    return Buffer.from([name.length, ...name, AUTHENTICATE, 0, 0])
  },
  step1: (room, stateVector) => sync(room, 0, stateVector),
  step2: (room, update) => sync(room, 1, update),
  update: (room, update) => sync(room, 2, update),
  read: (message) => {
    cursor.over(message).block()
    const type = cursor.varUint()
    if (type === SYNC || type === SYNC_REPLY) return readSync()
    return type === SYNC_STATUS ? { kind: 'ack', count: undefined } : OTHER
  },
}

function readSync(): Heard {
  const step = cursor.varUint()
  if (step === 0) return { kind: 'step-1' }
  return { kind: step === 1 ? 'step-2' : 'update', update: cursor.block() }
}

/** Room names here are short and plain: one byte tells their length. */
function sync(room: string, step: number, bytes: Uint8Array): Uint8Array {
  const message = Buffer.allocUnsafe(room.length + 16 + bytes.length)
  let at = 0
  if (room !== '') {
    message[at++] = room.length
    at += message.write(room, at, 'latin1')
  }
  message[at++] = SYNC
  message[at++] = step
  at = writeVarUint(message, at, bytes.length)
  message.set(bytes, at)
  return message.subarray(0, at + bytes.length)
}
