/** Characters finds characters of a document by their Yjs ids, and their ids by where they stand. */
import * as Y from 'yjs'

/** The item that holds this id; undefined where Yjs has collected it, or it never came. */
export function itemAt(doc: Y.Doc, { client, clock }: Y.ID): Y.Item | undefined {
  if (Y.getState(doc.store, client) <= clock) return undefined
  const item: Y.Item | Y.GC = Y.getItem(doc.store, Y.createID(client, clock))
  return item instanceof Y.Item ? item : undefined
}

/** Whether the character stands in the document now. */
export const isAlive = (doc: Y.Doc, id: Y.ID): boolean => itemAt(doc, id)?.deleted === false

/** The id of the living character, or child, at an index; undefined where there is none. */
export function idAt(type: Y.XmlText | Y.XmlElement, index: number): Y.ID | undefined {
  if (index < 0) return undefined
  let rest = index
  for (let item = type._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (rest < item.length) return Y.createID(item.id.client, item.id.clock + rest)
    rest -= item.length
  }
  return undefined
}

/** How many living characters, or children, of what it is in stand in front of an item. */
export function indexOf(item: Y.Item): number {
  let index = 0
  for (let left = item.left; left; left = left.left) {
    if (!left.deleted && left.countable) index += left.length
  }
  return index
}
