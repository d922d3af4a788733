/**
 * A new document's first content: from the pieces of a text, or one empty paragraph. Written by
 * the server under a Yjs client id of its own; a client never bootstraps a document.
 */
import * as Y from 'yjs'
import { RunText } from '#server/suggestions/run-text.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Piece } from '#shared/document/piece.ts'
import { seedEmpty } from '#shared/document/shape.ts'
import { ORIGIN, ROOM } from './own-writes.ts'

export interface FirstContent {
  update: Uint8Array
  /** The Yjs client id that all of it has. */
  client: number
}

export function firstContent(pieces: readonly Piece[]): FirstContent {
  const doc = new Y.Doc()
  const client = doc.clientID
  seedEmpty(doc)
  if (pieces.length > 0) {
    // The pen of the co-pilot writes it, and it is accepted before anybody sees it.
    const suggestions = new Suggestions(doc)
    const text = new RunText(suggestions, { suggestion: ROOM, client, place: { kind: 'end' } })
    text.write(pieces, ORIGIN)
    text.end(ORIGIN)
    const chunks = suggestions.book.of(ROOM).map(({ id }) => id)
    suggestions.settle(chunks, 'accepted', ROOM, ORIGIN)
    suggestions.destroy()
  }
  const update = Y.encodeStateAsUpdate(doc)
  doc.destroy()
  return { update, client }
}
