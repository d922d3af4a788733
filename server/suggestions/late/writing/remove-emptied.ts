/** RemoveEmptied takes away an element that holds nothing any more, with a list that is empty then. */
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'

/** To be called in a transaction. The last block of a document stays. */
export function removeEmptied(doc: Y.Doc, element: Y.XmlElement): void {
  const { parent } = element
  if (!element._item || element._item.deleted || !(parent instanceof Y.XmlElement)) return
  if (parent === body(doc) && parent.length === 1) return
  const index = parent.toArray().indexOf(element)
  if (index < 0) return
  parent.delete(index, 1)
  if (parent.length === 0 && LISTS.has(parent.nodeName)) removeEmptied(doc, parent)
}

const LISTS = new Set(['list', 'listitem'])
