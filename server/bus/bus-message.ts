/**
 * What instances say to each other on the bus, as bytes: signed with a key that only they have, so
 * that a stranger on the bus can neither forge a hint nor read more than that somebody writes.
 */
import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { unreachable } from '#shared/errors.ts'
import type { Hint } from './bus.ts'

export type BusMessage =
  | { kind: 'hint'; hint: Hint }
  | { kind: 'presence'; document: string; update: Uint8Array }
  | { kind: 'newcomer'; document: string }
  /** Said to all, itself too: whoever hears it knows that the way from there is open. */
  | { kind: 'beat' }
  /** The log is to be asked: something was not said, or is no update. */
  | { kind: 'lapse' }
  /** It ends, and will not be heard again. */
  | { kind: 'bye' }

const KINDS = ['hint', 'presence', 'newcomer', 'beat', 'lapse', 'bye'] as const
const TAG_BYTES = 16
/** Far above any hint of ours, whose updates are at most 64 KiB together. */
const MESSAGE_BYTES = 1 << 20

/** Signs and checks; instances that share a secret share the key. */
export class BusCodec {
  readonly #key: Uint8Array
  readonly #instance: string

  constructor(secret: string, instance: string) {
    this.#key = new Uint8Array(hkdfSync('sha256', secret, '', 'gloss bus', 32))
    this.#instance = instance
  }

  encode(message: BusMessage): Buffer {
    const body = encoding.encode((encoder) => {
      encoding.writeVarString(encoder, this.#instance)
      encoding.writeUint8(encoder, KINDS.indexOf(message.kind))
      write(encoder, message)
    })
    return Buffer.concat([this.#tag(body), body])
  }

  /** Undefined where it is no message of an instance that shares our secret. */
  decode(bytes: Buffer): { from: string; message: BusMessage } | undefined {
    if (bytes.length <= TAG_BYTES || bytes.length > MESSAGE_BYTES) return undefined
    const body = bytes.subarray(TAG_BYTES)
    if (!timingSafeEqual(bytes.subarray(0, TAG_BYTES), this.#tag(body))) return undefined
    try {
      const decoder = decoding.createDecoder(new Uint8Array(body))
      const from = decoding.readVarString(decoder)
      const kind = KINDS[decoding.readUint8(decoder)]
      if (kind === undefined) return undefined
      const message = read(decoder, kind)
      return decoding.hasContent(decoder) ? undefined : { from, message }
    } catch {
      // Signed, and yet not understood: an instance of another version. The log heals.
      return undefined
    }
  }

  #tag(body: Uint8Array): Buffer {
    return createHmac('sha256', this.#key).update(body).digest().subarray(0, TAG_BYTES)
  }
}

function write(encoder: encoding.Encoder, message: BusMessage): void {
  switch (message.kind) {
    case 'hint': {
      const { document, epoch, from, to, eventHead, updates } = message.hint
      encoding.writeVarString(encoder, document)
      for (const n of [epoch, from, to, eventHead, updates.length]) {
        encoding.writeVarUint(encoder, n)
      }
      for (const update of updates) encoding.writeVarUint8Array(encoder, update)
      return
    }
    case 'presence':
      encoding.writeVarString(encoder, message.document)
      encoding.writeVarUint8Array(encoder, message.update)
      return
    case 'newcomer':
      encoding.writeVarString(encoder, message.document)
      return
    case 'beat':
    case 'lapse':
    case 'bye':
      return
    default:
      unreachable(message)
  }
}

function read(decoder: decoding.Decoder, kind: BusMessage['kind']): BusMessage {
  const uint = () => decoding.readVarUint(decoder)
  switch (kind) {
    case 'hint': {
      const document = decoding.readVarString(decoder)
      const [epoch, from, to, eventHead, count] = [uint(), uint(), uint(), uint(), uint()]
      const updates = Array.from({ length: Math.min(count, MESSAGE_BYTES) }, () =>
        decoding.readVarUint8Array(decoder),
      )
      return { kind, hint: { document, epoch, from, to, eventHead, updates } }
    }
    case 'presence': {
      const document = decoding.readVarString(decoder)
      return { kind, document, update: decoding.readVarUint8Array(decoder) }
    }
    case 'newcomer':
      return { kind, document: decoding.readVarString(decoder) }
    case 'beat':
    case 'lapse':
    case 'bye':
      return { kind }
    default:
      return unreachable(kind)
  }
}
