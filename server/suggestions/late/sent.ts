/**
 * Sent tells what an update writes and deletes, before it is applied: words that come for a place
 * which is gone are collected by Yjs as they arrive, and can be read in the update alone.
 */
import * as Y from 'yjs'
import type { DeleteSet } from '#shared/document/moves/stretches.ts'

export type Attributes = Record<string, unknown>

/** What stands beside a new item, as its writer had it. */
export interface Neighbours {
  origin: Y.ID | null
  right: Y.ID | null
  /** What it is in, where neither neighbour tells. */
  parent: Y.ID | null
}

/** Characters that the update brings and does not delete, with consecutive ids. */
export interface NewWords extends Neighbours {
  id: Y.ID
  text: string
  attributes: Attributes
}

export interface Sent {
  words: NewWords[]
  /** The elements and texts that it brings. */
  types: Map<string, Neighbours & { id: Y.ID }>
  /** What the update itself deletes, the characters that it brings included. */
  named: DeleteSet
  /** How far the update's own structs reach, by client: its sender has at least those. */
  reaches: ReadonlyMap<number, number>
}

interface Marker {
  key: string
  value: unknown
  origin: Y.ID | null
}

export function readSent(doc: Y.Doc, update: Uint8Array): Sent {
  const { structs, ds } = Y.decodeUpdate(update)
  const named = ds as DeleteSet
  const sent: Sent = { words: [], types: new Map(), named, reaches: new Map() }
  const reaches = new Map<number, number>()
  const markers = new Map<string, Marker>()
  for (const struct of structs) {
    const { client, clock } = struct.id
    reaches.set(client, Math.max(reaches.get(client) ?? 0, clock + struct.length))
    if (!(struct instanceof Y.Item)) continue
    const { content, origin } = struct
    if (content instanceof Y.ContentFormat) {
      const { key, value } = content as unknown as { key: string; value: unknown }
      markers.set(idKey(struct.id), { key, value, origin })
    }
    const known = Y.getState(doc.store, client)
    if (clock + struct.length <= known) continue
    if (content instanceof Y.ContentType) {
      sent.types.set(idKey(struct.id), { id: struct.id, ...neighboursOf(struct) })
    } else if (content instanceof Y.ContentString) {
      sent.words.push(...wordsOf(struct, content.str, known, named))
    }
  }
  for (const words of sent.words) skipMarkers(words, markers)
  return { ...sent, reaches }
}

/** The new characters of an item in pieces, but for those that the update deletes again. */
function wordsOf(item: Y.Item, text: string, known: number, named: DeleteSet): NewWords[] {
  const { client, clock } = item.id
  const pieces: NewWords[] = []
  let piece: NewWords | undefined
  for (let n = Math.max(0, known - clock); n < text.length; n++) {
    const id = Y.createID(client, clock + n)
    if (Y.isDeleted(named, id)) {
      piece = undefined
    } else if (piece) {
      piece.text += text[n]
    } else {
      const neighbours = neighboursOf(item)
      if (n > 0) neighbours.origin = Y.createID(client, clock + n - 1)
      piece = { id, text: text[n]!, ...neighbours, attributes: {} }
      pieces.push(piece)
    }
  }
  return pieces
}

/** The words' left neighbour is the character in front of markers that come with the words. */
function skipMarkers(words: NewWords, markers: ReadonlyMap<string, Marker>): void {
  for (let marker = markerAt(words.origin, markers); marker; ) {
    if (!(marker.key in words.attributes)) words.attributes[marker.key] = marker.value
    words.origin = marker.origin
    marker = markerAt(words.origin, markers)
  }
}

const markerAt = (id: Y.ID | null, markers: ReadonlyMap<string, Marker>): Marker | undefined =>
  id ? markers.get(idKey(id)) : undefined

const neighboursOf = ({ origin, rightOrigin, parent }: Y.Item): Neighbours => ({
  origin,
  right: rightOrigin,
  parent: parent instanceof Y.ID ? parent : null,
})

export const idKey = ({ client, clock }: Y.ID): string => `${client}.${clock}`
