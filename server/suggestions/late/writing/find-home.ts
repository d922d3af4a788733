/** FindHome tells behind which block words go whose own place is gone without a copy. */
import * as Y from 'yjs'
import { itemAt } from '#shared/document/characters.ts'
import { body } from '#shared/document/shape.ts'
import { topBlock } from '../../items.ts'
import type { Anchor } from '../arrivals.ts'
import type { Places } from '../places.ts'

/** The index under the root at which a block goes; the end where nothing tells more. */
export function findHome(doc: Y.Doc, places: Places, anchors: readonly Anchor[]): number {
  for (const { id } of anchors) {
    const item = graveOf(doc, places, id)
    if (item) return indexBehind(doc, item)
  }
  return body(doc).length
}

/** The deleted element that this stood in, or the last of what it stood beside. */
export function graveOf(doc: Y.Doc, places: Places, id: Y.ID): Y.Item | undefined {
  let at = id
  for (let hop = 0; hop < 100; hop++) {
    const place = places.get(at)
    if (!place) break
    at = place.id
  }
  const item = itemAt(doc, at)
  return item?.parent instanceof Y.XmlElement ? item : undefined
}

/** Behind the living block in front of an item, or where that is the first of all. */
function indexBehind(doc: Y.Doc, item: Y.Item): number {
  const root = body(doc)
  for (let left: Y.Item | null = item; left; left = left.left) {
    const type = left.content instanceof Y.ContentType ? left.content.type : undefined
    if (left.deleted || !(type instanceof Y.XmlElement || type instanceof Y.XmlText)) continue
    const top = topBlock(doc, type)
    if (top) return root.toArray().indexOf(top) + 1
  }
  const parent = item.parent as Y.XmlElement
  if (parent === root) return 0
  const top = topBlock(doc, parent)
  return top ? root.toArray().indexOf(top) + 1 : root.length
}
