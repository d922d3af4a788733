/**
 * InsertText writes words right behind an item of a text, deleted ones included. Yjs's own insert
 * steps over deleted characters first, so that words look as if they were typed into what is gone.
 */
import * as Y from 'yjs'

/** Behind `left`, or first where that is null. To be called in a transaction of the text's document. */
export function insertText(
  transaction: Y.Transaction,
  text: Y.XmlText,
  left: Y.Item | null,
  words: string,
): void {
  insertContent(transaction, text, left, new Y.ContentString(words))
}

/** The same with any content, such as a marker. Returns its item. */
export function insertContent(
  transaction: Y.Transaction,
  text: Y.XmlText,
  left: Y.Item | null,
  content: Y.Item['content'],
): Y.Item {
  const { doc } = transaction
  // Neighbours that are none would let the order depend on the order in which pages hear of it.
  const right = left ? left.right : text._start
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  const origin = left?.lastId ?? null
  const item = new Y.Item(id, left, origin, right, right?.id ?? null, text, null, content)
  item.integrate(transaction, 0)
  // Yjs remembers where it last was in a long text; those places have moved.
  const { _searchMarker: markers } = text as unknown as { _searchMarker: unknown[] | null }
  if (markers) markers.length = 0
  return item
}
