/**
 * Key strokes that continue each other, as one update: the same item that Yjs makes of them when
 * it next encodes its document. What has come together is then judged, committed and sent once.
 * Works on bytes alone; anything but plain typing stays as it is.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

/** An update of one item of text, as an editor sends for each key stroke. */
interface Typed {
  client: number
  clock: number
  length: number
  info: number
  origin: [client: number, clock: number]
  rightOrigin: [client: number, clock: number] | undefined
  text: string
}

const STRING = 4
const HAS_ORIGIN = 0x80
const HAS_RIGHT_ORIGIN = 0x40
/** A key stroke is far shorter; a large paste is not worth reading here. */
const MOST_BYTES = 256

/** How many of the first updates are one run of typing, and that run as one update. */
export function firstRun(updates: Iterable<Uint8Array>): { count: number; update: Uint8Array } {
  let count = 0
  let alone: Uint8Array | undefined
  let run: Typed | undefined
  let text = ''
  for (const update of updates) {
    const next = readTyped(update)
    if (count === 0) {
      alone = update
      run = next
      text = next?.text ?? ''
    } else {
      if (!run || !next || !continues(run, next)) break
      run.length += next.length
      text += next.text
    }
    count++
    if (!run) break
  }
  if (!alone) throw new Error('a run of no updates')
  return { count, update: run && count > 1 ? encode(run, text) : alone }
}

/** The same updates, with each run of typing as one. */
export function joined(updates: readonly Uint8Array[]): Uint8Array[] {
  const all: Uint8Array[] = []
  for (let at = 0; at < updates.length; ) {
    const { count, update } = firstRun(after(updates, at))
    all.push(update)
    at += count
  }
  return all
}

function* after<T>(list: readonly T[], from: number): Generator<T> {
  for (let at = from; at < list.length; at++) yield list[at]!
}

function readTyped(update: Uint8Array): Typed | undefined {
  if (update.length > MOST_BYTES || update[0] !== 1 || update[1] !== 1) return undefined
  try {
    const decoder = decoding.createDecoder(update)
    decoder.pos = 2
    const client = decoding.readVarUint(decoder)
    const clock = decoding.readVarUint(decoder)
    const info = decoding.readUint8(decoder)
    if ((info & ~HAS_RIGHT_ORIGIN) !== (HAS_ORIGIN | STRING)) return undefined
    const origin = readId(decoder)
    const rightOrigin = info & HAS_RIGHT_ORIGIN ? readId(decoder) : undefined
    const text = decoding.readVarString(decoder)
    const deletes = decoding.readVarUint(decoder)
    if (deletes > 0 || decoding.hasContent(decoder) || text.length === 0) return undefined
    return { client, clock, length: text.length, info, origin, rightOrigin, text }
  } catch {
    return undefined // not an update: the inspector says so
  }
}

function continues(run: Typed, next: Typed): boolean {
  return (
    next.client === run.client &&
    next.clock === run.clock + run.length &&
    next.info === run.info &&
    next.origin[0] === next.client &&
    next.origin[1] === next.clock - 1 &&
    next.rightOrigin?.[0] === run.rightOrigin?.[0] &&
    next.rightOrigin?.[1] === run.rightOrigin?.[1]
  )
}

function encode({ client, clock, info, origin, rightOrigin }: Typed, text: string): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarUint(encoder, client)
    encoding.writeVarUint(encoder, clock)
    encoding.writeUint8(encoder, info)
    writeId(encoder, origin)
    if (rightOrigin) writeId(encoder, rightOrigin)
    encoding.writeVarString(encoder, text)
    encoding.writeVarUint(encoder, 0)
  })
}

const readId = (decoder: decoding.Decoder): [number, number] => [
  decoding.readVarUint(decoder),
  decoding.readVarUint(decoder),
]

function writeId(encoder: encoding.Encoder, [client, clock]: [number, number]): void {
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
}
