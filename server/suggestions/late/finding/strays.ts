/**
 * Strays are characters that a transaction deleted only because they stood in an element: the
 * update does not name them, so whoever sent it had not seen them. They belong to what they stood
 * beside.
 */
import * as Y from 'yjs'
import { isNew } from '#shared/document/new-items.ts'
import { stringOf } from '../../items.ts'
import type { Anchor } from '../arrivals.ts'
import type { Piece } from '../piece.ts'
import type { Attributes } from '../sent.ts'
import { blockOf, note } from '../spots.ts'

export interface Stray extends Piece {
  /** The element that went, from something that lives on. */
  with: Y.ID
}

/**
 * To be called before Yjs collects what was deleted, when the moves of the same transaction are
 * known; `isKnown` tells of characters that live, or were moved.
 */
export function straysOf(
  transaction: Y.Transaction,
  isNamed: (id: Y.ID) => boolean,
  isKnown: (id: Y.ID) => boolean,
): Stray[] {
  const texts = new Set<Y.XmlText>()
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
    if (!(struct instanceof Y.Item) || !isStray(transaction, struct, isNamed)) return
    if (struct.parent instanceof Y.XmlText) texts.add(struct.parent)
  })
  return [...texts].flatMap((text) => straysIn(transaction, text, isNamed, isKnown))
}

function straysIn(
  transaction: Y.Transaction,
  text: Y.XmlText,
  isNamed: (id: Y.ID) => boolean,
  isKnown: (id: Y.ID) => boolean,
): Stray[] {
  const strays: Stray[] = []
  const attributes: Attributes = {}
  let piece: Stray | undefined
  let left: Anchor | undefined
  for (let item = text._start; item; item = item.right) {
    const diesNow = item.deleted && Y.isDeleted(transaction.deleteSet, item.id)
    if (diesNow || !item.deleted) note(attributes, item)
    if (!isWords(item)) continue
    if (diesNow && isStray(transaction, item, isNamed)) {
      if (!piece) {
        piece = { segments: [], anchors: left ? [left] : [], with: rootOf(text) }
        strays.push(piece)
      }
      const segment = { text: stringOf(item)!, attributes: { ...attributes }, isCopy: false }
      piece.segments.push({ id: item.id, ...segment })
    } else if (isKnown(item.lastId) || isKnown(item.id)) {
      piece?.anchors.push({ side: 'before', id: isKnown(item.id) ? item.id : item.lastId })
      piece = undefined
      left = { side: 'behind', id: isKnown(item.lastId) ? item.lastId : item.id }
    }
  }
  // Where nothing beside them is left, the line itself tells.
  const line = blockOf(text)?._item
  if (line) for (const { anchors } of strays) anchors.push({ side: 'behind', id: line.id })
  return strays
}

/** Characters, also where Yjs has collected what they were. */
const isWords = ({ content }: Y.Item): boolean =>
  content instanceof Y.ContentString || content instanceof Y.ContentDeleted

function isStray(
  transaction: Y.Transaction,
  item: Y.Item,
  isNamed: (id: Y.ID) => boolean,
): boolean {
  return (
    !isNew(transaction, item.id) && item.content instanceof Y.ContentString && !isNamed(item.id)
  )
}

/** The outermost element that is deleted with this text. */
function rootOf(text: Y.XmlText): Y.ID {
  let item = text._item!
  for (;;) {
    const above = (item.parent as Y.AbstractType<unknown>)._item
    if (!above?.deleted) return item.id
    item = above
  }
}
