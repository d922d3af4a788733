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
  /** How far what it brings or names reaches, by client: its sender has at least those. */
  reaches: ReadonlyMap<number, number>
  /** What stood beside and around its new items before it, as far as they say. */
  neighbours: Y.ID[]
  /** Whether it brings any characters. */
  writesText: boolean
}

/** What is known of the connection that an update came from. */
export interface SentBy {
  /** How far it has each Yjs client's items; it grows with what it sends. */
  had: Map<number, number>
  /** The update is what one edit did: it deletes what lived for its sender, and only that. */
  fresh: boolean
  /**
   * A step 2 behind edits that came one by one on this connection: what it deletes has been compared
   * with them, or lives. Compared again, a copy that somebody kept of it would go (case 33.7: two
   * people indent one item, one of them offline).
   */
  repeats?: boolean
}

interface Marker {
  key: string
  value: unknown
  origin: Y.ID | null
}

export function readSent(doc: Y.Doc, update: Uint8Array): Sent {
  const { structs, ds } = Y.decodeUpdate(update)
  const named = ds as DeleteSet
  const reaches = new Map<number, number>()
  const sent = {
    words: [],
    types: new Map(),
    named,
    reaches,
    neighbours: [],
    writesText: false,
  } as Sent
  const reach = (client: number, end: number) =>
    reaches.set(client, Math.max(reaches.get(client) ?? 0, end))
  for (const [client, ranges] of named.clients) {
    for (const { clock, len } of ranges) reach(client, clock + len)
  }
  const markers = new Map<string, Marker>()
  for (const struct of structs) {
    const { client, clock } = struct.id
    reach(client, clock + struct.length)
    if (!(struct instanceof Y.Item)) continue
    for (const id of [struct.origin, struct.rightOrigin, struct.parent]) {
      if (!(id instanceof Y.ID)) continue
      reach(id.client, id.clock + 1)
      if (id.clock < Y.getState(doc.store, id.client)) sent.neighbours.push(id)
    }
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
      sent.writesText = true
      sent.words.push(...wordsOf(struct, content.str, known, named))
    }
  }
  for (const words of sent.words) skipMarkers(words, markers)
  return sent
}

/** The new characters of an item in pieces, but for those that the update deletes again. */
function wordsOf(item: Y.Item, text: string, known: number, named: DeleteSet): NewWords[] {
  const { client, clock } = item.id
  const first = Math.max(0, known - clock)
  if (!named.clients.has(client)) return [wordsFrom(item, text.slice(first), first)]
  const pieces: NewWords[] = []
  let piece: NewWords | undefined
  for (let n = first; n < text.length; n++) {
    const id = Y.createID(client, clock + n)
    if (Y.isDeleted(named, id)) {
      piece = undefined
    } else if (piece) {
      piece.text += text[n]
    } else {
      piece = wordsFrom(item, text[n]!, n)
      pieces.push(piece)
    }
  }
  return pieces
}

/** Words of an item that begin with its `n`th character. */
function wordsFrom(item: Y.Item, text: string, n: number): NewWords {
  const { client, clock } = item.id
  const neighbours = neighboursOf(item)
  if (n > 0) neighbours.origin = Y.createID(client, clock + n - 1)
  return { id: Y.createID(client, clock + n), text, ...neighbours, attributes: {} }
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
