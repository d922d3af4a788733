/**
 * Reads a Yjs update (v1) struct by struct, without a document and without believing any count in
 * it: nothing is allocated for what the bytes do not hold. It knows the kinds of content that our
 * documents have and refuses the others (subdocuments, binary, embeds, JSON, skips), whatever
 * they stand for.
 */
import * as decoding from 'lib0/decoding'
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
  XML_TEXT,
} from './update-format.ts'

export interface ItemId {
  client: number
  clock: number
}

export type Content =
  /** Collected: neither its content nor its place is known any more. */
  | { kind: 'collected' }
  | { kind: 'deleted' }
  | { kind: 'string'; text: string }
  | { kind: 'format'; key: string; value: unknown }
  | { kind: 'element'; name: string }
  | { kind: 'text' }
  | { kind: 'values'; values: unknown[] }

export interface Struct {
  clock: number
  length: number
  content: Content
  origin: ItemId | null
  rightOrigin: ItemId | null
  /** A root's name or a type's id; null where a neighbour tells it. */
  parent: string | ItemId | null
  key: string | null
}

export interface DecodedUpdate {
  clients: { client: number; clock: number; structs: Struct[] }[]
  /** Ascending and disjoint for each client. */
  deletes: { client: number; ranges: { clock: number; length: number }[] }[]
}

export interface ReadLimits {
  structs: number
  ranges: number
  stringLength: number
}

export type UnreadableReason =
  /** Not an update, or one with bytes left over. */
  | 'undecodable'
  | 'too-many-structs'
  | 'too-many-ranges'
  | 'string-too-long'
  /** A kind of content that no editor of ours writes. */
  | 'content'

/** The update's parts, or why it cannot be read. Never throws. */
export function readUpdate(
  update: Uint8Array,
  limits: ReadLimits,
): { update: DecodedUpdate } | { unreadable: UnreadableReason } {
  try {
    const decoder = decoding.createDecoder(update)
    const clients = readClients(decoder, limits)
    const deletes = readDeletes(decoder, limits)
    if (decoding.hasContent(decoder)) return { unreadable: 'undecodable' }
    return { update: { clients, deletes } }
  } catch (error) {
    // lib0 throws on bytes that end early, numbers out of range and text that is not UTF-8.
    return { unreadable: error instanceof Unreadable ? error.reason : 'undecodable' }
  }
}

class Unreadable extends Error {
  readonly reason: UnreadableReason

  constructor(reason: UnreadableReason) {
    super(reason)
    this.reason = reason
  }
}

/** Clocks beyond it would lose precision long before they overflow. */
const MAX_CLOCK = 2 ** 48

function readClients(
  decoder: decoding.Decoder,
  limits: ReadLimits,
): { client: number; clock: number; structs: Struct[] }[] {
  const clients = []
  const seen = new Set<number>()
  let total = 0
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const count = decoding.readVarUint(decoder)
    const client = decoding.readVarUint(decoder)
    const first = decoding.readVarUint(decoder)
    total += count
    if (total > limits.structs) throw new Unreadable('too-many-structs')
    // Of two sections for one client Yjs would apply the second alone.
    if (seen.has(client)) throw new Unreadable('undecodable')
    seen.add(client)
    const structs: Struct[] = []
    let clock = first
    for (let n = 0; n < count; n++) {
      const struct = readStruct(decoder, clock, limits)
      if (struct.length < 1) throw new Unreadable('undecodable')
      clock += struct.length
      if (clock > MAX_CLOCK) throw new Unreadable('undecodable')
      structs.push(struct)
    }
    clients.push({ client, clock: first, structs })
  }
  return clients
}

function readStruct(decoder: decoding.Decoder, clock: number, limits: ReadLimits): Struct {
  const info = decoding.readUint8(decoder)
  if ((info & KIND) === GC) {
    const length = decoding.readVarUint(decoder)
    const content: Content = { kind: 'collected' }
    return { clock, length, content, origin: null, rightOrigin: null, parent: null, key: null }
  }
  const origin = info & HAS_ORIGIN ? readId(decoder) : null
  const rightOrigin = info & HAS_RIGHT_ORIGIN ? readId(decoder) : null
  let parent: string | ItemId | null = null
  let key: string | null = null
  if (!origin && !rightOrigin) {
    parent = decoding.readVarUint(decoder) === 1 ? decoding.readVarString(decoder) : readId(decoder)
    if (info & HAS_KEY) key = decoding.readVarString(decoder)
  }
  const { content, length } = readContent(decoder, info & KIND, limits)
  return { clock, length, content, origin, rightOrigin, parent, key }
}

function readContent(
  decoder: decoding.Decoder,
  kind: number,
  limits: ReadLimits,
): { content: Content; length: number } {
  switch (kind) {
    case DELETED:
      return { content: { kind: 'deleted' }, length: decoding.readVarUint(decoder) }
    case STRING: {
      const text = decoding.readVarString(decoder)
      if (text.length > limits.stringLength) throw new Unreadable('string-too-long')
      return { content: { kind: 'string', text }, length: text.length }
    }
    case FORMAT: {
      const key = decoding.readVarString(decoder)
      const value: unknown = JSON.parse(decoding.readVarString(decoder))
      return { content: { kind: 'format', key, value }, length: 1 }
    }
    case TYPE: {
      const type = decoding.readVarUint(decoder)
      if (type === XML_TEXT) return { content: { kind: 'text' }, length: 1 }
      if (type !== XML_ELEMENT) throw new Unreadable('content')
      return { content: { kind: 'element', name: decoding.readVarString(decoder) }, length: 1 }
    }
    case ANY: {
      // Several where Yjs merged what one key held in turn.
      const values: unknown[] = []
      for (let left = decoding.readVarUint(decoder); left > 0; left--) {
        values.push(decoding.readAny(decoder))
      }
      return { content: { kind: 'values', values }, length: values.length }
    }
    default:
      throw new Unreadable('content')
  }
}

function readDeletes(
  decoder: decoding.Decoder,
  limits: ReadLimits,
): { client: number; ranges: { clock: number; length: number }[] }[] {
  const deletes = []
  const seen = new Set<number>()
  let total = 0
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const client = decoding.readVarUint(decoder)
    const count = decoding.readVarUint(decoder)
    total += count
    if (total > limits.ranges) throw new Unreadable('too-many-ranges')
    if (seen.has(client)) throw new Unreadable('undecodable')
    seen.add(client)
    const ranges = []
    let next = 0
    for (let n = 0; n < count; n++) {
      const clock = decoding.readVarUint(decoder)
      const length = decoding.readVarUint(decoder)
      // Every Yjs sorts and merges them; overlapping ones serve only to make us walk twice.
      if (clock < next || length < 1) throw new Unreadable('undecodable')
      next = clock + length
      if (next > MAX_CLOCK) throw new Unreadable('undecodable')
      ranges.push({ clock, length })
    }
    deletes.push({ client, ranges })
  }
  return deletes
}

const readId = (decoder: decoding.Decoder): ItemId => ({
  client: decoding.readVarUint(decoder),
  clock: decoding.readVarUint(decoder),
})
