/**
 * EditOriginal watches, while an edit is being written, over the text that it was made for. Where that
 * is changed, the chunk under way becomes stale: it strikes nothing, and its text stands beside.
 */

import type * as Y from 'yjs'
import { itemsIn } from '#shared/document/item-order.ts'
import type { ItemSpan, OriginalText } from '#shared/document/piece.ts'
import { topBlock, typeOf } from '../items.ts'
import type { Spot } from '../pen.ts'
import { spotBeside } from '../strike.ts'
import type { Suggestions } from '../suggestions.ts'
import type { StoredChunk } from '../types.ts'
import { Composition } from './composition.ts'
import { compareWithSent, strikesOf } from './original.ts'

export class EditOriginal {
  readonly #suggestions: Suggestions
  #text: OriginalText | undefined
  #composition: Composition | undefined

  constructor(suggestions: Suggestions) {
    this.#suggestions = suggestions
  }

  /** What follows is made for this text. */
  begin(text: OriginalText): void {
    this.#text = text
    this.#composition = new Composition(text)
  }

  start(chunk: StoredChunk): void {
    this.keep(chunk)
    this.judge(chunk)
  }

  end(chunk: StoredChunk): void {
    this.keep(chunk, true)
    this.restart()
  }

  /** Forgets what the edit has done so far. */
  restart(): void {
    this.#composition = this.#text && new Composition(this.#text)
  }

  /** What the edit does to the text. */
  get composition(): Composition | undefined {
    return this.#composition
  }

  /** Writes down how far the edit is. */
  keep(chunk: StoredChunk, isComplete = false): void {
    if (!this.#composition) return
    const { book } = this.#suggestions
    const original = this.#composition.toOriginal(isComplete)
    // An edit may strike the space behind a sentence, too, which is not of what was sent.
    if (isComplete && chunk.state !== 'stale') original.struck = strikesOf(book, chunk)
    book.setOriginal(chunk, original)
  }

  /** Makes the chunk stale, or fresh again, as the text is now. */
  judge(chunk: StoredChunk): void {
    if (!chunk.original || (chunk.state !== 'writing' && chunk.state !== 'stale')) return
    const verdict = compareWithSent(this.#suggestions.book, chunk.original)
    if (verdict === 'gone') return
    if (verdict !== 'same') this.#suggestions.expire(chunk, verdict, { early: true })
    else if (chunk.state === 'stale') this.#suggestions.refreshen(chunk, 'writing')
  }

  /** Where the text of a stale chunk goes when none of these characters is left. */
  spotInstead(chunk: StoredChunk, spans: readonly ItemSpan[]): Spot | undefined {
    const last = spans.findLast(({ length }) => length > 0)
    const { doc } = this.#suggestions
    const spot = last && spotBeside(doc, { ...last, clock: last.clock + last.length - 1 }, 'after')
    if (spot) return spot
    const item = this.#lastInstead(chunk)
    return (
      item &&
      spotBeside(doc, { client: item.id.client, clock: item.id.clock + item.length - 1 }, 'after')
    )
  }

  /** The block behind which a stale chunk's blocks go when the original's is gone. */
  blockInstead(chunk: StoredChunk): Y.XmlElement | undefined {
    const item = this.#lastInstead(chunk)
    return item && topBlock(this.#suggestions.doc, item.parent as Y.XmlElement)
  }

  /** The last character of what was written in the original's stead. */
  #lastInstead(chunk: StoredChunk): Y.Item | undefined {
    const items = [...itemsIn(this.#suggestions.doc, chunk.stale?.instead ?? [])]
    return items.findLast((item) => item.countable && typeOf(item) === undefined)
  }
}
