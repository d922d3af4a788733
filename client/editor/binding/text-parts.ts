/**
 * A text of the document falls into parts of equal attributes, each of which is one text node on
 * the page.
 */
import * as Y from 'yjs'
import { INDEX } from '#shared/document/shape.ts'
import { type Attributes, sameAttributes, TYPE } from './attributes.ts'

export interface TextPart {
  words: string
  /** Without the bookkeeping of V2 between equal neighbours. */
  attributes: Attributes
}

/** Characters that lie between two changes of the attributes, as Yjs holds them. */
export function partsOf(text: Y.XmlText): TextPart[] {
  const parts: TextPart[] = []
  for (const { insert, attributes = {} } of text.toDelta() as Delta[]) {
    if (typeof insert !== 'string') throw new Error('a text holds something that is no character')
    const { [INDEX]: _, ...kept } = attributes
    // Each tab is a node by itself.
    if (kept[TYPE] === 'tab') {
      for (const tab of insert) parts.push({ words: tab, attributes: kept })
      continue
    }
    const last = parts.at(-1)
    if (last && sameAttributes(last.attributes, kept)) last.words += insert
    else parts.push({ words: insert, attributes: kept })
  }
  return parts
}

interface Delta {
  insert: unknown
  attributes?: Attributes
}

/** The characters of a text, without what formats them. */
export function wordsOf(text: Y.XmlText): string {
  let words = ''
  for (let item = text._start; item; item = item.right) {
    if (!item.deleted && item.content instanceof Y.ContentString) words += item.content.str
  }
  return words
}
