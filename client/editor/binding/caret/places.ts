/**
 * A place in the text is known by what stands on both of its sides, so that the caret stands where
 * it stood after either has moved (law 4 of shared text): in front of the living right neighbour,
 * else behind the living left one, else where the right one went, else where the left one went. The
 * end of a selection asks the left one first.
 */
import type { BindingV2 } from '@lexical/yjs'
import { $isElementNode, $isTextNode, type PointType } from 'lexical'
import * as Y from 'yjs'
import { idAt, indexOf, isAlive, itemAt } from '#shared/document/characters.ts'
import { childrenOf, holdsNodes, isLiving, livingTypeOf, type SharedType } from '../mapping.ts'

/** Among the living characters of a text, or the living children of an element. */
export interface Position {
  type: SharedType
  index: number
}

/** A position and what stood there: the ids of two characters, or of two children. */
export interface Place extends Position {
  left: Y.ID | undefined
  right: Y.ID | undefined
  /**
   * The neighbour that it stays with where both live: the end of a selection with its last character,
   * and whoever is typing with the letter that they typed last.
   */
  holds: 'left' | 'right'
  /** What stood further in front in the same text, the nearest first. */
  further: readonly Y.ID[]
}

/** What one types in some seconds, before the room has answered, and a word more. */
const MOST_FURTHER = 64

/** Where a character went that was deleted here and written elsewhere; undefined for one that was not. */
export type FollowMove = (id: Y.ID) => Y.ID | undefined

export function $placeOf(
  binding: BindingV2,
  point: PointType,
  holds: Place['holds'],
): Place | undefined {
  const position = $positionOf(binding, point)
  if (!position) return undefined
  const { type, index } = position
  const left = idAt(type, index - 1)
  return {
    type,
    index,
    left,
    right: idAt(type, index),
    holds: left && isTypedLast(binding.doc, left) ? 'left' : holds,
    further: furtherFrom(type, index - 1),
  }
}

/** So many letters are looked at that somebody has typed and taken away again. */
const MOST_TAKEN = 64

/** Whether the character is the last that was written on this page, of what is left. */
function isTypedLast(doc: Y.Doc, { client, clock }: Y.ID): boolean {
  if (client !== doc.clientID) return false
  const end = Y.getState(doc.store, client)
  let at = clock + 1
  for (let n = 0; n < MOST_TAKEN && at < end; n++) {
    const { id, length, deleted } = Y.getItem(doc.store, Y.createID(client, at)) as Y.Item | Y.GC
    if (!deleted) return false
    at = id.clock + length
  }
  return at >= end
}

/** Living characters in front of an index. */
function furtherFrom(type: SharedType, index: number): Y.ID[] {
  if (!(type instanceof Y.XmlText)) return []
  const further: Y.ID[] = []
  let at = 0
  for (let item = type._start; item && at < index; item = item.right) {
    if (item.deleted || !item.countable) continue
    const { id, length } = item
    for (let n = Math.max(0, index - at - MOST_FURTHER); n < Math.min(length, index - at); n++) {
      further.push(Y.createID(id.client, id.clock + n))
    }
    at += length
  }
  return further.slice(-MOST_FURTHER).reverse()
}

/** Where a point of the page is in the document; undefined in what the document does not hold. */
export function $positionOf(binding: BindingV2, point: PointType): Position | undefined {
  const node = point.getNode()
  const type = livingTypeOf(binding, node)
  if (type instanceof Y.XmlText && $isTextNode(node)) {
    let index = point.offset
    for (const before of binding.mapping.get(type) ?? []) {
      if (before.__key === node.__key) break
      index += before.getTextContentSize()
    }
    return { type, index }
  }
  if (!(type instanceof Y.XmlElement) || !$isElementNode(node)) return undefined
  // Text nodes side by side are one text, so the children in front are counted by what they are bound to.
  const before = node.getChildAtIndex(point.offset - 1)
  const child = before && livingTypeOf(binding, before)
  return { type, index: child ? childrenOf(type).indexOf(child) + 1 : 0 }
}

/** Where a place is now; undefined where neither neighbour lives, nor what became of it. */
export function findPlace(doc: Y.Doc, place: Place, follow: FollowMove): Position | undefined {
  const left = { id: place.left, behind: 1 }
  const right = { id: place.right, behind: 0 }
  const moved = ({ id, behind }: typeof left) => ({ id: id && follow(id), behind })
  const sides =
    place.holds === 'left'
      ? [left, moved(left), right, moved(right)]
      : [right, left, moved(right), moved(left)]
  for (const { id, behind } of sides) {
    const position = positionBeside(doc, id, behind)
    if (position) return position
  }
  return undefined
}

/**
 * Behind the nearest of the words in front that is left, or was moved: what was typed behind it went
 * with its line unseen, and comes again there (attack 4: the caret went to another item meanwhile,
 * and the next letters with it). At the end of a line that is behind what `isLate` by then, which has
 * come there since and was not moved along. Where all that stood behind is gone too, and the room
 * proposes the words letter by letter, it is behind those of the same writer that have come by then.
 */
export function findNear(
  doc: Y.Doc,
  { right, further }: Place,
  follow: FollowMove,
  isLate: (id: Y.ID) => boolean,
): Position | undefined {
  const hasRight = right && (isAlive(doc, right) || follow(right))
  for (const id of further) {
    const near = isAlive(doc, id) ? id : follow(id)
    const position = positionBeside(doc, near, 1)
    if (!position) continue
    let { index } = position
    const next = () => (hasRight ? undefined : idAt(position.type, index))
    const follows = ({ client }: Y.ID) => !right || client === near?.client
    for (let at = next(); at && isLate(at) && follows(at); at = next()) index++
    return { ...position, index }
  }
  return undefined
}

function positionBeside(
  doc: Y.Doc,
  id: Y.ID | null | undefined,
  behind: number,
): Position | undefined {
  const item = id && itemAt(doc, id)
  if (!item || item.deleted) return undefined
  return positionIn(item, id.clock - item.id.clock + behind)
}

/** Where the dead neighbours of a place stood, as long as what they stood in lives. */
export function findGap(doc: Y.Doc, { type, index, left, right }: Place): Position | undefined {
  if (!isLiving(type)) return undefined
  if (!left && !right) return { type, index: Math.min(index, type.length) }
  for (const id of [right, left]) {
    const item = id && itemAt(doc, id)
    if (item?.deleted) return positionIn(item, 0)
  }
  return undefined
}

function positionIn(item: Y.Item, offset: number): Position | undefined {
  const { parent: type } = item
  if (!(type instanceof Y.XmlText || type instanceof Y.XmlElement) || !isLiving(type)) {
    return undefined
  }
  return { type, index: indexOf(item) + offset }
}

/** Puts a point to a position of the document. False where the page does not show it. */
export function $setPoint(binding: BindingV2, point: PointType, position: Position): boolean {
  const { type, index } = position
  if (type instanceof Y.XmlElement) return $setBesideChild(binding, point, type, index)
  const nodes = binding.mapping.get(type) ?? []
  let rest = index
  for (const [n, node] of nodes.entries()) {
    const size = node.getTextContentSize()
    if (rest <= size || n === nodes.length - 1) {
      point.set(node.__key, Math.min(rest, size), 'text', true)
      return true
    }
    rest -= size
  }
  // A text without characters: where it stands among its neighbours.
  const { parent } = type
  if (!(parent instanceof Y.XmlElement)) return false
  return $setBesideChild(binding, point, parent, childrenOf(parent).indexOf(type))
}

function $setBesideChild(
  binding: BindingV2,
  point: PointType,
  element: Y.XmlElement,
  index: number,
): boolean {
  const node = binding.mapping.get(element)
  if (!$isElementNode(node) || !node.isAttached()) return false
  const before = childrenOf(element).slice(0, index).findLast(holdsNodes)
  const bound = before && binding.mapping.get(before as Y.XmlElement)
  const last = Array.isArray(bound) ? bound.at(-1) : bound
  const offset = last?.isAttached() ? last.getIndexWithinParent() + 1 : 0
  const next = node.getChildAtIndex(offset)
  if ($isTextNode(last)) point.set(last.__key, last.getTextContentSize(), 'text', true)
  else if ($isTextNode(next)) point.set(next.__key, 0, 'text', true)
  else point.set(node.__key, offset, 'element', true)
  return true
}
