/** FlagRepair makes the flags in texts and on blocks show who owns what, where that may have changed. */

import type * as Y from 'yjs'
import type { ChunkBook } from './chunk-book.ts'
import { flagOf, isGone, setFlag, typesIn } from './items.ts'
import type { StoredChunk } from './types.ts'

export class FlagRepair {
  readonly #book: ChunkBook
  readonly #texts = new Set<Y.XmlText>()
  readonly #elements = new Set<Y.XmlElement>()

  constructor(book: ChunkBook) {
    this.#book = book
  }

  /** There is something to look at. */
  get dirty(): boolean {
    return this.#texts.size > 0 || this.#elements.size > 0
  }

  touch(texts: Iterable<Y.XmlText>, elements: Iterable<Y.XmlElement>): void {
    for (const text of texts) this.#texts.add(text)
    for (const element of elements) {
      if (flagOf(element) !== null || this.#book.wantedElementFlag(element) !== null) {
        this.#elements.add(element)
      }
    }
  }

  touchChunk({ ins, del }: StoredChunk): void {
    const { texts, elements } = typesIn(this.#book.doc, [...ins, ...del])
    this.touch(texts, elements)
  }

  /** To be called in a transaction. */
  repair(): void {
    for (const text of this.#texts) if (!isGone(text)) this.#repairText(text)
    for (const element of this.#elements) {
      if (isGone(element) || !element._item) continue
      setFlag(element, this.#book.wantedElementFlag(element))
    }
    this.#texts.clear()
    this.#elements.clear()
  }

  #repairText(text: Y.XmlText): void {
    const formats: { index: number; length: number; flag: string | null }[] = []
    for (const segment of this.#book.ownership.segments(text)) {
      const { index, length, flag } = segment
      const wanted = this.#book.wantedFlag(flag, segment)
      if (wanted === flag) continue
      const last = formats.at(-1)
      if (last && last.flag === wanted && last.index + last.length === index) last.length += length
      else formats.push({ index, length, flag: wanted })
    }
    for (const { index, length, flag } of formats) text.format(index, length, { s_sg: flag })
  }
}
