/**
 * InsertBehind writes words right behind the living character in front of them. Yjs's own insert
 * steps over deleted characters first: words that belong behind `delta` then hung on the deleted
 * `beta` behind it, went back with that when the deletion was undone (`alpha betaA`), and stood
 * behind what their writer typed on at `delta` meanwhile. So it did behind the marker at which a
 * proposal ends, when words come late that belong behind proposed ones.
 */
import { isDeepStrictEqual } from 'node:util'
import * as Y from 'yjs'
import { insertContent } from '#shared/document/insert-text.ts'
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
  if (index === 0 || !doc) return text.insert(index, words, withNulls(present, wanted))
  const keys = Object.keys({ ...present, ...wanted }).filter(
    (key) => !isDeepStrictEqual(present[key], wanted[key]),
  )
  const markers = (looks: Attributes) =>
    keys.map((key) => new Y.ContentFormat(key, (looks[key] ?? null) as object))
  Y.transact(doc, (transaction) => {
    let left = lastBefore(transaction, text, index)
    for (const content of [...markers(wanted), new Y.ContentString(words), ...markers(present)]) {
      left = insertContent(transaction, text, left, content)
    }
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
