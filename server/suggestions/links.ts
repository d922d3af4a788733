/**
 * Links tells of what a server brought back which deleted block or words it is the copy of. Yjs knows
 * it where that happened, but the log does not say: without it, what comes back later stands in a block
 * of its own, three items of one list in three lists, or in another order.
 */
import * as Y from 'yjs'
import { newItems } from '#shared/document/new-items.ts'
import { stringOf, typeOf } from './items.ts'

/** Whether two items are of the same chunk. */
export type AreKin = (a: Y.ID, b: Y.ID) => boolean

export class Links {
  readonly #copy: Y.Doc
  readonly #areKin: AreKin
  /** The originals by their copies. */
  readonly #originals = new Map<Y.Item, Y.Item>()

  /** `copy` forgets nothing. */
  constructor(copy: Y.Doc, areKin: AreKin) {
    this.#copy = copy
    this.#areKin = areKin
  }

  /** Applies what a server wrote, and links what that brought back. */
  follow(apply: () => void): void {
    this.#copy.once('afterTransaction', (transaction: Y.Transaction) => {
      for (const item of newItems(transaction)) this.#link(item)
    })
    apply()
  }

  #link(item: Y.Item): void {
    const text = stringOf(item)
    if (text !== undefined) return this.#linkWords(item, text)
    const original = this.#originalOf(item)
    if (!original) return
    original.redone = item.id
    this.#originals.set(item, original)
  }

  /** The words of one chunk may stand in several items, since Yjs joins and cuts them. */
  #linkWords(item: Y.Item, text: string): void {
    const words = this.#deletedAround(item).filter(
      (one) => stringOf(one) !== undefined && this.#areKin(one.id, item.id),
    )
    for (let first = 0; first < words.length; first++) {
      let end = first
      let found = ''
      while (end < words.length && found.length < text.length) found += stringOf(words[end++]!)
      if (found !== text) continue
      let { clock } = item.id
      for (const original of words.slice(first, end)) {
        original.redone = Y.createID(item.id.client, clock)
        clock += original.length
      }
      return
    }
  }

  /** Something deleted of the same chunk: right there, or in the block around it; else the only thing. */
  #originalOf(item: Y.Item): Y.Item | undefined {
    const look = lookOf(item)
    if (look === undefined) return undefined
    const right = item.rightOrigin && Y.getItem(this.#copy.store, item.rightOrigin)
    const isThere = right instanceof Y.Item && isLost(right) && lookOf(right) === look
    const there = isThere ? right : undefined
    const inside = this.#deletedAround(item).filter((one) => lookOf(one) === look)
    const kin = [...(there ? [there] : []), ...inside]
    // Whose a text is says little: the chunk in front may have made it. Whose its words are counts.
    const words = wordsOf(item)
    const same = words[0] && kin.find((one) => this.#haveKin(wordsOf(one), words[0]!))
    if (same) return same
    const only = inside.length === 1 ? inside[0] : undefined
    return kin.find((one) => this.#areKin(one.id, item.id)) ?? there ?? only
  }

  #haveKin(words: readonly Y.Item[], first: Y.Item): boolean {
    return words.some((one) => isLost(one) && this.#areKin(one.id, first.id))
  }

  /** What was deleted of the block of which the one around this is a copy, and is not back. */
  #deletedAround({ parent }: Y.Item): Y.Item[] {
    const around = parent instanceof Y.AbstractType && parent._item
    const original = around && this.#originals.get(around)
    return original ? childrenOf(original).filter(isLost) : []
  }
}

const isLost = ({ deleted, redone }: Y.Item): boolean => deleted && redone === null

/** By this an original and its copy are alike: the kind of a block, that it is a text, or a format. */
function lookOf(item: Y.Item): string | undefined {
  if (item.content instanceof Y.ContentFormat) {
    const { key, value } = item.content as unknown as { key: string; value: unknown }
    return JSON.stringify([key, value])
  }
  const type = typeOf(item)
  return type instanceof Y.XmlElement ? `<${type.nodeName}>` : type && 'text'
}

/** The words of a text. */
const wordsOf = (item: Y.Item): Y.Item[] =>
  typeOf(item) instanceof Y.XmlText
    ? childrenOf(item).filter((one) => stringOf(one) !== undefined)
    : []

function childrenOf({ content }: Y.Item): Y.Item[] {
  const children: Y.Item[] = []
  const start = content instanceof Y.ContentType ? content.type._start : null
  for (let item = start; item; item = item.right) children.push(item)
  return children
}
