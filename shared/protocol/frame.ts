/**
 * Frames on the sync socket: y-websocket's wire format and our two additions, decoded once, at
 * the edge. Nothing behind this file touches a message number.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { GlossError, unreachable } from '#shared/errors.ts'

/** What a client may send. */
export type ClientFrame =
  /** "Here is what I have; send me the rest." */
  | { kind: 'sync-step-1'; stateVector: Uint8Array }
  /** "Here is all you lacked." */
  | { kind: 'sync-step-2'; update: Uint8Array }
  | { kind: 'update'; update: Uint8Array }
  | { kind: 'awareness'; update: Uint8Array }
  | { kind: 'query-awareness' }

/** What the server says of messages that carry an update, counted from 1 on each connection. */
export type Answer =
  /** The first `count` are committed; the log's head was at `head`. */
  | { kind: 'ack'; count: number; head: number }
  /** Message `count` was refused and not applied. `code` is a close code of close-codes.ts. */
  | { kind: 'nack'; count: number; code: number; reason: string }

export type Frame = ClientFrame | Answer

const SYNC = 0
const AWARENESS = 1
const QUERY_AWARENESS = 3
export const ACK = 100
export const NACK = 101
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2

/** Reads one frame of a client. Throws `bad-frame` on anything that is not exactly one. */
export function decodeClientFrame(bytes: Uint8Array): ClientFrame {
  const frame = decodeFrame(bytes)
  if (frame.kind === 'ack' || frame.kind === 'nack') {
    throw new GlossError('bad-frame', `a client does not send ${frame.kind}`)
  }
  return frame
}

/** Reads one frame. Throws `bad-frame` on anything that is not exactly one. */
export function decodeFrame(bytes: Uint8Array): Frame {
  try {
    const decoder = decoding.createDecoder(bytes)
    const frame = readFrame(decoder)
    if (decoding.hasContent(decoder)) throw new Error('trailing bytes')
    return frame
  } catch (cause) {
    throw new GlossError('bad-frame', `not a frame (${bytes.length} bytes)`, cause)
  }
}

export function encodeFrame(frame: Frame): Uint8Array {
  return encoding.encode((encoder) => {
    switch (frame.kind) {
      case 'sync-step-1':
        return writeSync(encoder, STEP_1, frame.stateVector)
      case 'sync-step-2':
        return writeSync(encoder, STEP_2, frame.update)
      case 'update':
        return writeSync(encoder, UPDATE, frame.update)
      case 'awareness':
        encoding.writeVarUint(encoder, AWARENESS)
        return encoding.writeVarUint8Array(encoder, frame.update)
      case 'query-awareness':
        return encoding.writeVarUint(encoder, QUERY_AWARENESS)
      case 'ack':
        encoding.writeVarUint(encoder, ACK)
        encoding.writeVarUint(encoder, frame.count)
        return encoding.writeVarUint(encoder, frame.head)
      case 'nack':
        encoding.writeVarUint(encoder, NACK)
        encoding.writeVarUint(encoder, frame.count)
        encoding.writeVarUint(encoder, frame.code)
        return encoding.writeVarString(encoder, frame.reason)
      default:
        return unreachable(frame)
    }
  })
}

/** Whether an encoded frame is a sync step 2, the one kind that is as large as a document. */
export const isSyncStep2 = (frame: Uint8Array): boolean => frame[0] === SYNC && frame[1] === STEP_2

function readFrame(decoder: decoding.Decoder): Frame {
  const type = decoding.readVarUint(decoder)
  switch (type) {
    case SYNC:
      return readSync(decoder)
    case AWARENESS:
      return { kind: 'awareness', update: decoding.readVarUint8Array(decoder) }
    case QUERY_AWARENESS:
      return { kind: 'query-awareness' }
    case ACK:
      return {
        kind: 'ack',
        count: decoding.readVarUint(decoder),
        head: decoding.readVarUint(decoder),
      }
    case NACK:
      return {
        kind: 'nack',
        count: decoding.readVarUint(decoder),
        code: decoding.readVarUint(decoder),
        reason: decoding.readVarString(decoder),
      }
    default:
      throw new Error(`unknown message type ${type}`)
  }
}

function readSync(decoder: decoding.Decoder): ClientFrame {
  const step = decoding.readVarUint(decoder)
  const bytes = decoding.readVarUint8Array(decoder)
  switch (step) {
    case STEP_1:
      return { kind: 'sync-step-1', stateVector: bytes }
    case STEP_2:
      return { kind: 'sync-step-2', update: bytes }
    case UPDATE:
      return { kind: 'update', update: bytes }
    default:
      throw new Error(`unknown sync step ${step}`)
  }
}

function writeSync(encoder: encoding.Encoder, step: number, bytes: Uint8Array) {
  encoding.writeVarUint(encoder, SYNC)
  encoding.writeVarUint(encoder, step)
  encoding.writeVarUint8Array(encoder, bytes)
}
