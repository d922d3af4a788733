/**
 * A place in the text is known by what stands on both of its sides, so that the caret stands where
 * it stood after either has moved (law 4 of shared text): in front of the living right neighbour,
 * else behind the living left one, else where the right one went, else where the left one went. The
 * end of a selection asks the left one first.
 */
import type { BindingV2 } from '@lexical/yjs'
import { $isElementNode, $isTextNode, type PointType } from 'lexical'
import * as Y from 'yjs'
import { idAt, indexOf, itemAt } from '#shared/document/characters.ts'
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
  /** The neighbour that it stays with where both live: the end of a selection with its last character. */
  holds: 'left' | 'right'
}

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
  return { type, index, left: idAt(type, index - 1), right: idAt(type, index), holds }
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
  const sides = [
    { id: place.right, behind: 0 },
    { id: place.left, behind: 1 },
  ]
  if (place.holds === 'left') sides.reverse()
  const beside = (id: Y.ID | null | undefined, behind: number) => {
    const item = id && itemAt(doc, id)
    if (!item || item.deleted) return undefined
    return positionIn(item, id.clock - item.id.clock + behind)
  }
  for (const { id, behind } of sides) {
    const position = beside(id, behind)
    if (position) return position
  }
  for (const { id, behind } of sides) {
    const position = beside(id && follow(id), behind)
    if (position) return position
  }
  return undefined
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
