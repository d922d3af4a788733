/** Spots reads a text at one place: the character there, its attributes, what stands in front of it. */
import * as Y from 'yjs'
import { indexOf, itemAt } from '#shared/document/characters.ts'
import { INLINE_TYPES } from '#shared/document/shape.ts'
import { isGone } from '../items.ts'
import type { Attributes } from './sent.ts'

/** In front of the living character at `index`. */
export interface TextSpot {
  text: Y.XmlText
  index: number
}

/** Behind or before a living character; undefined where it is none of a text. */
export function spotAt(doc: Y.Doc, id: Y.ID, side: 'behind' | 'before'): TextSpot | undefined {
  const item = itemAt(doc, id)
  if (!item || item.deleted || !(item.parent instanceof Y.XmlText)) return undefined
  if (isGone(item.parent)) return undefined
  const offset = id.clock - item.id.clock + (side === 'behind' ? 1 : 0)
  return { text: item.parent, index: indexOf(item) + offset }
}

/** At the end of a living line, in its last text or a new one. To be called in a transaction. */
export function spotInLine(doc: Y.Doc, id: Y.ID): TextSpot | undefined {
  const item = itemAt(doc, id)
  const line = item?.content instanceof Y.ContentType ? item.content.type : undefined
  if (!item || item.deleted || !(line instanceof Y.XmlElement)) return undefined
  const last = line.toArray().at(-1)
  if (last instanceof Y.XmlText) return { text: last, index: last.length }
  const text = new Y.XmlText()
  line.push([text])
  return { text, index: 0 }
}

/** The attributes of the character in front of an index. */
export function attributesBefore(text: Y.XmlText, index: number): Attributes {
  const attributes: Attributes = {}
  let rest = index
  for (let item = text._start; item && rest > 0; item = item.right) {
    if (item.deleted) continue
    note(attributes, item)
    if (item.countable) rest -= item.length
  }
  return attributes
}

/** Notes what a marker says of all that follows it. */
export function note(attributes: Attributes, { content }: Y.Item): void {
  if (!(content instanceof Y.ContentFormat)) return
  const { key, value } = content as unknown as { key: string; value: unknown }
  if (value === null) delete attributes[key]
  else attributes[key] = value
}

/** The line that a text is in: a link stands within a line. */
export function blockOf({ parent }: Y.XmlText): Y.XmlElement | undefined {
  let at: unknown = parent
  while (at instanceof Y.XmlElement && INLINE_TYPES.has(at.nodeName)) at = at.parent
  return at instanceof Y.XmlElement ? at : undefined
}

/** How many living characters of its line stand in front of a character. */
export function leadOf(doc: Y.Doc, id: Y.ID): number {
  const spot = spotAt(doc, id, 'before')
  if (!spot) return 0
  let lead = spot.index
  let type: Y.XmlText | Y.XmlElement = spot.text
  const block = blockOf(spot.text)
  while (type !== block) {
    for (let left = type._item?.left; left; left = left.left) {
      if (!left.deleted && left.content instanceof Y.ContentType) {
        lead += lengthOf(left.content.type as Y.XmlText | Y.XmlElement)
      }
    }
    if (!(type.parent instanceof Y.XmlElement)) break
    type = type.parent
  }
  return lead
}

function lengthOf(type: Y.XmlText | Y.XmlElement): number {
  if (type instanceof Y.XmlText) return type.length
  if (!INLINE_TYPES.has(type.nodeName)) return 0
  return type.toArray().reduce((sum, child) => sum + lengthOf(child as Y.XmlText), 0)
}

/** Nothing in it that anybody could see. */
export const isEmptied = (element: Y.XmlElement): boolean =>
  element
    .toArray()
    .every((child) =>
      child instanceof Y.XmlText
        ? child.length === 0
        : child instanceof Y.XmlElement && child.nodeName === 'link' && isEmptied(child),
    )
