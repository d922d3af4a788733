/**
 * Words go into a text right behind the living character that their writer saw in front of them.
 * Yjs's own insert steps over deleted characters first, so that typing at the end of a line's head,
 * right after somebody split the line, looks like typing into the deleted tail. Here a dead
 * character in front means one thing alone: the writer had not seen that it is gone; by that the
 * room knows words that come late (law 5 of shared text).
 */
import * as Y from 'yjs'
import { insertText } from '#shared/document/insert-text.ts'
import { INDEX } from '#shared/document/shape.ts'
import { type Attributes, sameAttributes } from '../attributes.ts'

/** Inserts `words` before the character at `index`; `wanted` are the attributes they are to have. */
export function insertWords(
  text: Y.XmlText,
  index: number,
  words: string,
  wanted: Attributes,
): void {
  const { doc } = text
  if (words === '') return
  if (!doc) return text.insert(index, words)
  Y.transact(doc, (transaction) => {
    const left = findLeft(transaction, text, index, wanted)
    insertText(transaction, text, left, words)
  })
}

/**
 * The living character in front, or the last of the markers that follow it if only behind them the
 * attributes are the wanted ones: then no marker need be written.
 */
function findLeft(
  transaction: Y.Transaction,
  text: Y.XmlText,
  index: number,
  wanted: Attributes,
): Y.Item | null {
  const attributes: Attributes = {}
  let left: Y.Item | null = null
  let item = text._start
  for (let rest = index; rest > 0 && item; item = item.right) {
    if (item.deleted) continue
    note(attributes, item)
    if (!item.countable) continue
    if (rest < item.length) {
      Y.getItemCleanStart(transaction, Y.createID(item.id.client, item.id.clock + rest))
    }
    rest -= item.length
    left = item
  }
  const first = left
  for (; ; item = item.right) {
    if (sameAttributes(attributes, wanted)) return left
    while (item?.deleted) item = item.right
    if (!item || item.countable) return first
    note(attributes, item)
    left = item
  }
}

function note(attributes: Attributes, { content }: Y.Item): void {
  if (!(content instanceof Y.ContentFormat)) return
  const { key, value } = content as unknown as { key: string; value: unknown }
  if (key !== INDEX) attributes[key] = value
}
