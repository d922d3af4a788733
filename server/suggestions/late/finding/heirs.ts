/**
 * Heirs are empty lines that a transaction wrote in the stead of empty ones that it took away: by a
 * change of type or indent, or Enter in an empty item. No character tells that, for there is none;
 * words that come late for the old line belong in the new one.
 */
import * as Y from 'yjs'
import { inDocumentOrder } from '#shared/document/moves/stretches.ts'
import { isNew, newItems } from '#shared/document/new-items.ts'
import { body, INLINE_TYPES } from '#shared/document/shape.ts'

export interface Heir {
  line: Y.Item
  heir: Y.ID
}

/** `isNamed` tells of characters that whoever sent the update had seen. */
export function heirsOf(transaction: Y.Transaction, isNamed: (id: Y.ID) => boolean): Heir[] {
  const { doc, deleteSet } = transaction
  const gone: Y.XmlElement[] = []
  const come: Y.XmlElement[] = []
  const isNewHere = ({ id }: Y.Item) => isNew(transaction, id)
  const stays = (item: Y.Item) => !item.deleted || (diesNow(item) && isNamed(item.id))
  const diesNow = ({ id }: Y.Item) => Y.isDeleted(deleteSet, id)
  Y.iterateDeletedStructs(transaction, deleteSet, (struct) => {
    const line = struct instanceof Y.Item && !isNewHere(struct) ? lineOf(struct) : undefined
    if (line && !holdsWords(line, stays)) gone.push(line)
  })
  if (gone.length === 0) return []
  for (const item of newItems(transaction)) {
    const line = item.deleted ? undefined : lineOf(item)
    if (line && !holdsWords(line, stays)) come.push(line)
  }
  // Where not all have one, nothing tells which.
  if (gone.length !== come.length) return []
  const heirs = inDocumentOrder(come)
  return inDocumentOrder(gone).flatMap((line, n) => {
    const heir = heirs[n]?._item
    const isHere = heir && line._item && isBeside(doc, line, heirs[n]!, isNewHere)
    return isHere ? [{ line: line._item!, heir: heir.id }] : []
  })
}

/** Lists only hold lines, and so does an item with a list in it. */
function lineOf({ content }: Y.Item): Y.XmlElement | undefined {
  const type = content instanceof Y.ContentType ? content.type : undefined
  if (!(type instanceof Y.XmlElement) || INLINE_TYPES.has(type.nodeName)) return undefined
  if (NO_LINES.has(type.nodeName)) return undefined
  for (let child = type._start; child; child = child.right) {
    const inner = child.content instanceof Y.ContentType ? child.content.type : undefined
    if (inner instanceof Y.XmlElement && !INLINE_TYPES.has(inner.nodeName)) return undefined
  }
  return type
}

const NO_LINES = new Set(['list', 'horizontalrule'])

function holdsWords(type: Y.XmlElement | Y.XmlText, stays: (item: Y.Item) => boolean): boolean {
  for (let item = type._start; item; item = item.right) {
    const inner = item.content instanceof Y.ContentType ? item.content.type : undefined
    if (inner instanceof Y.XmlText || inner instanceof Y.XmlElement) {
      if (holdsWords(inner, stays)) return true
    } else if (item.countable && stays(item)) return true
  }
  return false
}

/** Between their blocks no other stands that was there before and is still. */
function isBeside(
  doc: Y.Doc,
  line: Y.XmlElement,
  heir: Y.XmlElement,
  isNew: (item: Y.Item) => boolean,
): boolean {
  const [from, to] = [topItem(doc, line), topItem(doc, heir)]
  if (from === to) return true
  for (const way of ['left', 'right'] as const) {
    for (let item = from?.[way]; item && (item.deleted || isNew(item)); item = item[way]) {
      if (item === to) return true
    }
  }
  return false
}

/** The block under the root that it is in, also where that is deleted. */
function topItem(doc: Y.Doc, type: Y.XmlElement): Y.Item | null {
  let item = type._item
  while (item && item.parent !== body(doc)) item = (item.parent as Y.XmlElement)._item
  return item
}
