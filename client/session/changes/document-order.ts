/**
 * DocumentOrder tells which of two types of a document stands first, and what stands between them.
 * It walks from neighbour to neighbour, so that types that are close cost nothing in a long document.
 */
import * as Y from 'yjs'

export type AnyType = Y.XmlText | Y.XmlElement

/** Beyond so many steps two types are not close: something is taken to stand between them. */
const CLOSE = 64

/** Negative where `a` stands before `b`; an element stands before what is in it. */
export function compareTypes(a: AnyType, b: AnyType): number {
  if (a === b) return 0
  const [first, second] = [chainOf(a), chainOf(b)]
  let depth = 0
  while (depth < first.length && first[depth] === second[depth]) depth++
  const [left, right] = [first[depth], second[depth]]
  if (!left) return -1
  if (!right) return 1
  return standsBefore(left, right) ? -1 : 1
}

/**
 * How the end of one type meets the beginning of a later one: in the same line or in the next one,
 * with nothing to be read between them, or apart.
 */
export function meeting(a: AnyType, b: AnyType): 'line' | 'block' | 'apart' {
  let at = following(a, false)
  for (let step = 0; at && step < CLOSE; step++) {
    if (at === b) return lineOf(a) === lineOf(b) ? 'line' : 'block'
    if (shows(at)) return 'apart'
    at = following(at, true)
  }
  return 'apart'
}

/** Whether a type by itself is something to be read: characters, a break, a rule. */
function shows(type: AnyType): boolean {
  if (type instanceof Y.XmlText) return type.length > 0
  return type.nodeName === 'linebreak' || type.nodeName === 'horizontalrule'
}

/** The next type in the order of the document; with `inside`, what is in `type` comes first. */
function following(type: AnyType, inside: boolean): AnyType | undefined {
  if (inside && type instanceof Y.XmlElement) {
    const child = livingFrom(type._start)
    if (child) return child
  }
  for (let at: AnyType | undefined = type; at; at = parentOf(at)) {
    const sibling = livingFrom(at._item?.right ?? null)
    if (sibling) return sibling
  }
  return undefined
}

function livingFrom(start: Y.Item | null): AnyType | undefined {
  for (let item = start; item; item = item.right) {
    const type: unknown = item.content instanceof Y.ContentType ? item.content.type : undefined
    if (!item.deleted && (type instanceof Y.XmlText || type instanceof Y.XmlElement)) return type
  }
  return undefined
}

/** The block or list item whose line a type belongs to: links stand inside a line. */
function lineOf(type: AnyType): AnyType | undefined {
  let at: AnyType | undefined = type
  while (at && (at instanceof Y.XmlText || at.nodeName === 'link' || at.nodeName === 'linebreak'))
    at = parentOf(at)
  return at
}

function chainOf(type: AnyType): AnyType[] {
  const chain: AnyType[] = []
  for (let at: AnyType | undefined = type; at; at = parentOf(at)) chain.unshift(at)
  return chain
}

function parentOf(type: AnyType): AnyType | undefined {
  const { parent } = type
  return parent instanceof Y.XmlText || parent instanceof Y.XmlElement ? parent : undefined
}

/** Of two children of one parent: walks right from both, so that close ones are found soon. */
function standsBefore(a: AnyType, b: AnyType): boolean {
  let [left, right] = [a._item, b._item]
  while (left || right) {
    left = left?.right ?? null
    if (left && left === b._item) return true
    right = right?.right ?? null
    if (right && right === a._item) return false
  }
  return true
}
