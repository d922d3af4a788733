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
  const add = (words: string, attributes: Attributes) => {
    const last = parts.at(-1)
    const isTab = attributes[TYPE] === 'tab'
    if (last && !isTab && sameAttributes(last.attributes, attributes)) last.words += words
    else parts.push({ words, attributes })
  }
  for (const { insert, attributes = {} } of text.toDelta() as Delta[]) {
    if (typeof insert !== 'string') throw new Error('a text holds something that is no character')
    const { [INDEX]: _, ...kept } = attributes
    if (kept[TYPE] !== 'tab') add(insert, kept)
    else addTabs(insert, kept, add)
  }
  return parts
}

/**
 * Each tab is a node by itself. A letter that somebody typed right beside a tab while another
 * person made it can lie between the tab's marks; it is a letter all the same.
 */
function addTabs(
  insert: string,
  attributes: Attributes,
  add: (words: string, attributes: Attributes) => void,
): void {
  const { [TYPE]: _, ...plain } = attributes
  for (const words of insert.split(/(\t)/)) {
    if (words !== '') add(words, words === '\t' ? attributes : plain)
  }
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
