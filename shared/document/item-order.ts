/** Item-order finds living items by id, the block that each stands in, and which comes first. */
import * as Y from 'yjs'
import { INLINE_TYPES } from './shape.ts'

/** Items `(client, from..to)`, `to` excluded. */
export interface IdRange {
  client: number
  from: number
  to: number
}

/** The living items of some ranges; those at the ends may reach beyond. */
export function* itemsIn(doc: Y.Doc, ranges: readonly IdRange[]): Generator<Y.Item> {
  for (const { client, from, to } of ranges) {
    const structs = doc.store.clients.get(client)
    if (!structs || from >= to || Y.getState(doc.store, client) <= from) continue
    for (let n = Y.findIndexSS(structs, from); n < structs.length; n++) {
      const struct = structs[n]!
      if (struct.id.clock >= to) break
      if (struct instanceof Y.Item && !struct.deleted) yield struct
    }
  }
}

/** The block whose line a text or mark stands in; undefined where that is gone. */
export function lineBlock(type: unknown): Y.XmlElement | undefined {
  let at = type
  while (at instanceof Y.XmlText || (at instanceof Y.XmlElement && INLINE_TYPES.has(at.nodeName))) {
    at = at.parent
  }
  return at instanceof Y.XmlElement && at._item && !at._item.deleted ? at : undefined
}

/** Which of two texts or elements comes first in the document; negative for the first one. */
export function compareTypes(a: Y.XmlText | Y.XmlElement, b: Y.XmlText | Y.XmlElement): number {
  const [left, right] = [pathTo(a), pathTo(b)]
  for (let n = 0; n < Math.min(left.length, right.length); n++) {
    if (left[n] !== right[n]) return left[n]! - right[n]!
  }
  return left.length - right.length
}

function pathTo(type: Y.XmlText | Y.XmlElement): number[] {
  const path: number[] = []
  let item = type._item
  while (item) {
    let index = 0
    for (let left = item.left; left; left = left.left) if (!left.deleted && left.countable) index++
    path.unshift(index)
    item = (item.parent as Y.XmlElement)._item
  }
  return path
}
