/**
 * Making the blocks of a run in the form that Lexical's V2 binding has them: elements with only the
 * properties that are not default, one text in each, nested lists within list items. Remembers the
 * lists under way, so that items that follow each other share one.
 */

import * as Y from 'yjs'
import type { BlockSpec } from '#shared/document/piece.ts'
import { body, formatFlag } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'
import { isGone, removeElement, setFlag, typesIn } from './items.ts'
import { listsAround, type OpenList, placeBeside } from './lists.ts'
import type { StoredChunk } from './types.ts'

type ListItem = Extract<BlockSpec, { type: 'listitem' }>
type Attributes = Record<string, string | boolean>

/** Behind a top-level block, at the very beginning, or as the neighbour of a list item. */
export type BlockPlace = { behind: Y.XmlElement | undefined } | { item: Y.XmlElement }

export class NewBlocks {
  readonly #book: ChunkBook
  /** By depth; each nested in an item beside the last one of the list above. */
  #lists: OpenList[] = []
  /** Top-level lists that the run has made: these it may leave. */
  readonly #own = new WeakSet<Y.XmlElement>()

  constructor(book: ChunkBook) {
    this.#book = book
  }

  get #doc(): Y.Doc {
    return this.#book.doc
  }

  /**
   * Opens a block behind a top-level block (at the very beginning where there is none), or as the
   * next item of the list under way. Returns it; its text is its first child.
   */
  open(spec: BlockSpec, place: BlockPlace, chunk: StoredChunk): Y.XmlElement {
    if ('item' in place) return this.#openBeside(spec, place.item, chunk)
    const { behind } = place
    if (spec.type === 'listitem') return this.#openItem(spec, behind, chunk)
    this.#lists = []
    const block = element(
      spec.type === 'divider' ? 'horizontalrule' : spec.type,
      attributesOf(spec),
    )
    this.#insert(block, behind, chunk)
    if (spec.type !== 'divider') block.insert(0, [new Y.XmlText()])
    return block
  }

  /**
   * A list cannot be parted without moving people's text. So what does not belong into it stands
   * before or behind it where that keeps the order, and else becomes one of its items.
   */
  #openBeside(spec: BlockSpec, item: Y.XmlElement, chunk: StoredChunk): Y.XmlElement {
    const around = this.#lists.some((list) => list.item === item) ? this.#lists : listsAround(item)
    const [top] = around
    if (!top || this.#own.has(top.element)) {
      return this.open(spec, { behind: top?.element }, chunk)
    }
    const level = around.findIndex((list) => list.item === item)
    const depth = spec.type === 'listitem' ? Math.min(spec.depth, around.length) : level
    const kind = (around[depth] ?? around.at(-1)!).kind
    if (spec.type === 'listitem' && (spec.list === kind || depth > level)) {
      this.#lists = around
      return this.#openItem({ ...spec, depth }, top.element, chunk)
    }
    const side = level === 0 ? placeBeside(this.#book, top.element, item) : 'within'
    if (side === 'within') {
      this.#lists = around
      return this.#openItem({ type: 'listitem', list: kind, depth }, top.element, chunk)
    }
    const { prevSibling } = top.element
    const before = prevSibling instanceof Y.XmlElement ? prevSibling : undefined
    return this.open(spec, { behind: side === 'before' ? before : top.element }, chunk)
  }

  #openItem(spec: ListItem, behind: Y.XmlElement | undefined, chunk: StoredChunk): Y.XmlElement {
    const lost = this.#lists.findIndex((list) => isGone(list.element))
    if (lost >= 0) this.#lists.length = lost
    if (this.#lists[0] && this.#lists[0].element !== behind) this.#lists = []
    const depth = Math.min(spec.depth, this.#lists.length)
    this.#lists.length = Math.min(this.#lists.length, depth + 1)

    const item = element('listitem', spec.checked ? { __checked: true } : {})
    const open = this.#lists[depth]
    if (open?.kind === spec.list) {
      insertAfter(open.element, open.item, item)
      open.item = item
    } else {
      const list = element('list', listAttributes(spec.list))
      const above = this.#lists[depth - 1]
      if (above) {
        const wrapper = element('listitem', {})
        insertAfter(above.element, open ? lastOf(above.element) : above.item, wrapper)
        setFlag(wrapper, formatFlag({ op: 'ins', chunk: chunk.id }))
        wrapper.insert(0, [list])
        setFlag(list, formatFlag({ op: 'ins', chunk: chunk.id }))
        above.item = wrapper
      } else {
        this.#insert(list, behind, chunk)
        this.#own.add(list)
      }
      list.insert(0, [item])
      this.#lists[depth] = { element: list, kind: spec.list, item }
    }
    setFlag(item, formatFlag({ op: 'ins', chunk: chunk.id }))
    item.insert(0, [new Y.XmlText()])
    return item
  }

  #insert(block: Y.XmlElement, behind: Y.XmlElement | undefined, chunk: StoredChunk): void {
    if (behind) body(this.#doc).insertAfter(behind, [block])
    else body(this.#doc).insert(0, [block])
    setFlag(block, formatFlag({ op: 'ins', chunk: chunk.id }))
  }
}

/** A block that was opened and then got no character is not worth a decision. */
export function removeEmptyBlocks(book: ChunkBook, chunk: StoredChunk): void {
  if (book.hasText(chunk) || chunk.del.length > 0) return
  for (const made of [...typesIn(book.doc, chunk.ins).elements].reverse()) {
    if (made.toArray().every((child) => child instanceof Y.XmlText && child.length === 0)) {
      removeElement(made)
    }
  }
}

/** An element that is in no document yet, with its properties. */
export function element(name: string, attributes: Attributes): Y.XmlElement {
  const made = new Y.XmlElement<{ [name: string]: string | boolean }>(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  return made as unknown as Y.XmlElement
}

function attributesOf(spec: Exclude<BlockSpec, { type: 'listitem' }>): Attributes {
  if (spec.type === 'heading' && spec.level > 1) return { __tag: `h${spec.level}` }
  if (spec.type === 'code' && spec.language) return { __language: spec.language }
  return {}
}

function listAttributes(kind: ListItem['list']): Attributes {
  return kind === 'number' ? {} : { __listType: kind, __tag: 'ul' }
}

function insertAfter(parent: Y.XmlElement, before: Y.XmlElement, added: Y.XmlElement): void {
  if (isGone(before) || before.parent !== parent) parent.push([added])
  else parent.insertAfter(before, [added])
}

const lastOf = (parent: Y.XmlElement): Y.XmlElement => parent.get(parent.length - 1) as Y.XmlElement
