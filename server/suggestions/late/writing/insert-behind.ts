/**
 * InsertBehind writes words right behind the living character in front of them. Yjs's own insert
 * steps over deleted characters first: words that belong behind `delta` then hung on the deleted
 * `beta` behind it, went back with that when the deletion was undone (`alpha betaA`), and stood
 * behind what their writer typed on at `delta` meanwhile.
 */
import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'
import { insertText } from '#shared/document/insert-text.ts'
import type { Attributes } from '../sent.ts'
import { attributesBefore } from '../spots.ts'

/** Inserts `words` at an index of a text that a document holds; to be called in a transaction. */
export function insertBehind(
  text: Y.XmlText,
  index: number,
  words: string,
  attributes: Attributes,
): void {
  const { doc } = text
  const present = attributesBefore(text, index)
  const wanted = Object.fromEntries(
    Object.entries(attributes).filter(([, value]) => value !== null),
  )
  // Other formats need markers, which Yjs writes.
  if (index === 0 || !doc || !isDeepStrictEqual(present, wanted)) {
    return text.insert(index, words, withNulls(present, wanted))
  }
  Y.transact(doc, (transaction) => {
    const left = lastBefore(transaction, text, index)
    insertText(transaction, text, left, words)
  })
}

/** An attribute that is to be none is said only where the text has one. */
function withNulls(present: Attributes, wanted: Attributes): Attributes {
  const nulls = Object.keys(present).map((key) => [key, null])
  return { ...Object.fromEntries(nulls), ...wanted }
}

/** The item that ends with the living character in front of an index. */
function lastBefore(transaction: Y.Transaction, text: Y.XmlText, index: number): Y.Item {
  let rest = index
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (rest < item.length) {
      Y.getItemCleanStart(transaction, Y.createID(item.id.client, item.id.clock + rest))
    }
    rest -= item.length
    if (rest <= 0) return item
  }
  throw new Error(`a text has no character in front of ${index}`)
}
