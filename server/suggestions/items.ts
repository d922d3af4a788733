/**
 * Reading a document by its items: the characters of a text with their ids, the shared types that
 * id ranges lie in, and what a block holds. Everything here finds its way through the struct store
 * or within one text or block; nothing walks the document.
 */

import * as Y from 'yjs'
import { itemsIn } from '#shared/document/item-order.ts'
import { body, FLAG } from '#shared/document/shape.ts'
import type { ItemRange } from './types.ts'

/** Characters of one item, alive, with the flag they show. */
export interface Run {
  item: Y.Item
  client: number
  clock: number
  /** Index of the first one in its text. */
  index: number
  length: number
  text: string
  flag: string | null
}

export function* runsOf(text: Y.XmlText): Generator<Run> {
  let flag: string | null = null
  let index = 0
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue
    if (item.content instanceof Y.ContentFormat) {
      const { key, value } = item.content as unknown as { key: string; value: unknown }
      if (key === FLAG) flag = typeof value === 'string' ? value : null
    } else if (item.countable) {
      const { client, clock } = item.id
      const { length } = item
      yield { item, client, clock, index, length, text: stringOf(item) ?? '', flag }
      index += length
    }
  }
}

export const stringOf = (item: Y.Item): string | undefined =>
  item.content instanceof Y.ContentString ? item.content.str : undefined

/** The element or text that an item is; undefined for characters and markers. */
export function typeOf(item: Y.Item): Y.XmlElement | Y.XmlText | undefined {
  const type = item.content instanceof Y.ContentType ? item.content.type : undefined
  return type instanceof Y.XmlElement || type instanceof Y.XmlText ? type : undefined
}

export const isGone = (type: Y.XmlElement | Y.XmlText): boolean => type._item?.deleted ?? false

export const inRanges = (ranges: readonly ItemRange[], client: number, clock: number): boolean =>
  ranges.some((range) => range.client === client && clock >= range.from && clock < range.to)

/** The living texts that hold characters of these ranges, and the living elements in them. */
export function typesIn(doc: Y.Doc, ranges: readonly ItemRange[]) {
  const texts = new Set<Y.XmlText>()
  const elements = new Set<Y.XmlElement>()
  for (const item of itemsIn(doc, ranges)) {
    const type = typeOf(item)
    if (type instanceof Y.XmlElement) elements.add(type)
    else if (item.parent instanceof Y.XmlText && item.countable) texts.add(item.parent)
  }
  return { texts, elements }
}

export function* textsUnder(element: Y.XmlElement): Generator<Y.XmlText> {
  for (const child of element.toArray()) {
    if (child instanceof Y.XmlText) yield child
    else if (child instanceof Y.XmlElement) yield* textsUnder(child)
  }
}

export function* elementsUnder(element: Y.XmlElement): Generator<Y.XmlElement> {
  for (const child of element.toArray()) {
    if (!(child instanceof Y.XmlElement)) continue
    yield child
    yield* elementsUnder(child)
  }
}

/** Anything that a person could miss if the element went: all but texts and links without words. */
export const holdsContent = (element: Y.XmlElement): boolean =>
  element.toArray().some((child) => {
    if (child instanceof Y.XmlText) return child.length > 0
    return child instanceof Y.XmlElement && (child.nodeName !== 'link' || holdsContent(child))
  })

/** The block right under the root that this type is, or is in. */
export function topBlock(doc: Y.Doc, type: Y.XmlElement | Y.XmlText): Y.XmlElement | undefined {
  const root = body(doc)
  let at: unknown = type
  while (at instanceof Y.AbstractType && at.parent !== root) at = at.parent
  return at instanceof Y.XmlElement && !isGone(at) ? at : undefined
}

export function depthOf(type: Y.XmlElement | Y.XmlText): number {
  let depth = 0
  for (let at: unknown = type.parent; at instanceof Y.AbstractType; at = at.parent) depth++
  return depth
}

/** Deletes an element where it stands. */
export function removeElement(element: Y.XmlElement): void {
  const parent = element.parent
  if (!(parent instanceof Y.XmlElement) || isGone(element)) return
  parent.delete(parent.toArray().indexOf(element), 1)
}

/** Typed access to an element's attributes, whose values need not be strings. */
export const flagOf = (element: Y.XmlElement): string | null => {
  const value: unknown = element.getAttribute(FLAG)
  return typeof value === 'string' ? value : null
}
export function setFlag(element: Y.XmlElement, flag: string | null): void {
  if (flagOf(element) === flag) return
  if (flag === null) element.removeAttribute(FLAG)
  else element.setAttribute(FLAG, flag)
}
