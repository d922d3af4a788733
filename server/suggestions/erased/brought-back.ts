/**
 * BroughtBack adopts what people have brought back of provisional text while nobody looked on who knew
 * what had been erased: before a server has read that in the log.
 */
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import type { ChunkBook } from '../chunk-book.ts'
import { elementsUnder, type Run, runsOf, textsUnder } from '../items.ts'
import type { Op } from '../ownership.ts'
import type { StoredChunk } from '../types.ts'
import type { ErasedItem } from './erased.ts'
import { type Lost, type LostCharacter, shows, strikersOf } from './lost.ts'
import type { Outlines } from './outlines.ts'
import { shownBy, writtenAnew } from './written-anew.ts'

/** How whatever is found is adopted. */
export interface Adopter {
  /** One item that came in a transaction. */
  restored(item: Y.Item): void
  element(element: Y.XmlElement): void
  character(lost: LostCharacter, client: number, clock: number): void
  /** What of a text fits into one that stood there. */
  fitting(text: Y.XmlText): void
}

export class BroughtBack {
  readonly #book: ChunkBook
  readonly #lost: Lost
  readonly #outlines: Outlines
  readonly #adopt: Adopter
  /** What came since this began. */
  readonly #came: Y.Item[] = []

  constructor(
    book: ChunkBook,
    { lost, outlines }: { lost: Lost; outlines: Outlines },
    adopt: Adopter,
  ) {
    this.#book = book
    this.#lost = lost
    this.#outlines = outlines
    this.#adopt = adopt
  }

  /** An item came that may bring something back. */
  note(item: Y.Item): void {
    this.#came.push(item)
  }

  /** Learns what was erased, and adopts. Returns the texts of what came. */
  recall(erased: readonly ErasedItem[]): Set<Y.XmlText> {
    for (const item of erased) this.#learn(item)
    const texts = new Set<Y.XmlText>()
    for (const item of this.#came) {
      if (!item.deleted && item.parent instanceof Y.XmlText) texts.add(item.parent)
      this.#adopt.restored(item)
    }
    const root = body(this.#book.doc)
    for (const element of elementsUnder(root)) {
      const { client, clock } = element._item!.id
      if (!this.#book.ownership.owner('ins', client, clock)) this.#adopt.element(element)
    }
    for (const text of textsUnder(root)) {
      for (const run of [...runsOf(text)]) this.#adoptFlagged(run)
      this.#adoptWritten(text)
      this.#adopt.fitting(text)
    }
    return texts
  }

  #learn({ client, clock, ...item }: ErasedItem): void {
    const { ownership } = this.#book
    if ('name' in item) {
      const owner = ownership.owner('ins', client, clock)
      if (owner) this.#lost.addElement(owner, item.name)
      return
    }
    if ('outline' in item) {
      this.#outlines.add(Y.createID(client, clock), item.outline)
      return
    }
    const stale = this.#book.stale()
    for (let n = 0; n < item.text.length; n++) {
      const ins = ownership.owner('ins', client, clock + n)
      const dels = strikersOf(this.#book, client, clock + n, stale)
      if ((!ins && dels.length === 0) || this.#lost.of(client)?.has(clock + n)) continue
      this.#lost.add(client, clock + n, { character: item.text[n]!, ins, dels })
    }
  }

  /**
   * Text with a chunk's flag that nobody owns. A flag alone proves nothing: its characters stand where
   * the same ones were erased, or they are all of a text that was written anew.
   */
  #adoptFlagged(run: Run): void {
    const shown = shownBy(this.#book, run)
    if (!shown) return
    const { client, clock, item, text } = run
    const originals = this.#lostAt(item.rightOrigin, shown.op, shown.chunk, text)
    for (const [n, lost] of originals?.entries() ?? []) {
      this.#adopt.character(lost, client, clock + n)
    }
  }

  #adoptWritten(text: Y.XmlText): void {
    const made = text._item?.id
    const runs = [...runsOf(text)].filter(
      ({ client, clock }) => client === made?.client && clock > made.clock,
    )
    for (const { lost, client, clock } of writtenAnew(this.#book, this.#lost, runs)) {
      this.#adopt.character(lost, client, clock)
    }
  }

  /** The same characters from there on; Yjs may have cut what undo wrote, so not only right there. */
  #lostAt(
    from: Y.ID | null,
    op: Op,
    chunk: StoredChunk,
    text: string,
  ): LostCharacter[] | undefined {
    const characters = from && this.#lost.of(from.client)
    if (!characters) return undefined
    for (let at = from.clock; characters.has(at); at++) {
      const originals = Array.from({ length: text.length }, (_, n) => characters.get(at + n))
      const isSame = originals.every(
        (lost, n): lost is LostCharacter =>
          lost !== undefined && lost.character === text[n] && shows(lost, op, chunk),
      )
      if (isSame) return originals
    }
    return undefined
  }
}
