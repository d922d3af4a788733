/**
 * alignChildren tells which child of an element each content of its node goes into. A bound one keeps its
 * place as far as the order allows; of the others each takes a child that is free and holds what it
 * holds; the rest is made anew. Nothing is matched by its looks while it is bound: equal lines side
 * by side would be taken for each other (case 30.18).
 */
import type { BindingV2 } from '@lexical/yjs'
import { $getNodeByKey, $isElementNode, type LexicalNode } from 'lexical'
import * as Y from 'yjs'
import { boundChild, type Content, livingTypeOf, type SharedType } from '../mapping.ts'
import { holdsSame } from './holds-same.ts'
import { longestRising } from './longest-rising.ts'

/** For each content the child it goes into; undefined for one that is to be made. */
export function alignChildren(
  binding: BindingV2,
  element: Y.XmlElement,
  children: readonly SharedType[],
  contents: readonly Content[],
): (SharedType | undefined)[] {
  const places = new Map(children.map((child, n) => [child, n]))
  const bound = contents.map((content) => {
    const child = boundChild(binding, content, element)
    return child && places.get(child)
  })
  const kept = longestRising(bound)
  const ends = nextPlaces(kept, children.length)
  const isFree = once((child: SharedType) => !isOnPage(binding, child))
  const hasLeft = once((child: SharedType) => hasMovedAway(binding, child, element))
  let from = 0
  return contents.map((content, n) => {
    let place = kept[n]
    // A node that stood elsewhere in this element is written again where it is now.
    if (place === undefined && bound[n] === undefined) {
      const between = children.slice(from, ends[n])
      const free = between.filter(isFree)
      const child =
        (free.length > 0 ? fitting(binding, element, free, content) : undefined) ??
        between.find((text) => hasLeft(text) && holdsWords(text, content))
      place = child && places.get(child)
    }
    if (place === undefined) return undefined
    from = place + 1
    return children[place]
  })
}

/** For each content the place of the next child behind it that is kept. */
function nextPlaces(kept: readonly (number | undefined)[], end: number): number[] {
  const places: number[] = []
  for (let n = kept.length - 1; n >= 0; n--) {
    places[n] = end
    end = kept[n] ?? end
  }
  return places
}

function once<T, R>(ask: (value: T) => R): (value: T) => R {
  const answers = new Map<T, R>()
  return (value) => {
    if (!answers.has(value)) answers.set(value, ask(value))
    return answers.get(value) as R
  }
}

/** So many children are looked at for one that holds the same; beyond that it is made anew. */
const MOST_COMPARED = 20

/** Of the children between two that are kept, one whose node is gone and which holds this already. */
function fitting(
  binding: BindingV2,
  element: Y.XmlElement,
  free: readonly SharedType[],
  content: Content,
): SharedType | undefined {
  if (Array.isArray(content)) {
    const texts = free.filter((child) => child instanceof Y.XmlText)
    const same = texts.slice(0, MOST_COMPARED).find((text) => holdsSame(binding, text, content))
    return same ?? texts[0]
  }
  const isAlike = (child: SharedType) =>
    child instanceof Y.XmlElement && child.nodeName === content.getType()
  const owner = ownerOf(binding, element, content)
  if (owner && isAlike(owner) && free.includes(owner)) return owner
  const alike = free.slice(0, MOST_COMPARED).filter(isAlike)
  return alike.find((child) => holdsSame(binding, child, content))
}

/** Whether the node that a type was bound to is still there, here or anywhere else. */
function isOnPage({ mapping }: BindingV2, type: SharedType): boolean {
  const bound = mapping.get(type as Y.XmlElement) as LexicalNode | LexicalNode[] | undefined
  const nodes = Array.isArray(bound) ? bound : bound ? [bound] : []
  return nodes.some((node) => $getNodeByKey(node.__key) !== null)
}

/**
 * Whether the node of a text stands in another element now: the word at its start was linked. What
 * is left of the text stays in it, or others who link a word of the rest at this moment lose the link.
 */
function hasMovedAway({ mapping }: BindingV2, type: SharedType, element: Y.XmlElement): boolean {
  if (!(type instanceof Y.XmlText)) return false
  const parent = mapping.get(element)
  const nodes = mapping.get(type) ?? []
  return (
    nodes.length > 0 &&
    nodes.every(({ __key: key }) => {
      const above = $getNodeByKey(key)?.getParent()
      return above && !Array.isArray(parent) && above.__key !== parent?.__key
    })
  )
}

function holdsWords(text: SharedType, content: Content): boolean {
  if (!Array.isArray(content) || !(text instanceof Y.XmlText)) return false
  const words = content.map((node) => node.getTextContent()).join('')
  return words !== '' && text.toJSON().includes(words)
}

/** The child of `element` in which the most characters below this node stand now. */
function ownerOf(
  binding: BindingV2,
  element: Y.XmlElement,
  node: LexicalNode,
): SharedType | undefined {
  const sizes = new Map<SharedType, number>()
  const count = (inner: LexicalNode) => {
    const type = livingTypeOf(binding, inner)
    const owner = type && childAround(type, element)
    if (owner) sizes.set(owner, (sizes.get(owner) ?? 0) + 1 + inner.getTextContentSize())
    if ($isElementNode(inner)) inner.getChildren().forEach(count)
  }
  if ($isElementNode(node)) node.getChildren().forEach(count)
  return [...sizes].sort(([, a], [, b]) => b - a)[0]?.[0]
}

function childAround(type: SharedType, element: Y.XmlElement): SharedType | undefined {
  for (let at: unknown = type; at instanceof Y.XmlElement || at instanceof Y.XmlText; ) {
    if (at.parent === element) return at
    at = at.parent
  }
  return undefined
}
