/**
 * RememberedText keeps what was deleted lately, character by character: Yjs collects it at once, and
 * a copy of it that comes late can only be told by what it was.
 */
import * as Y from 'yjs'
import { RangeMap } from '#shared/document/moves/range-map.ts'
import type { TextRange } from '#shared/document/moves/stretches.ts'

const MOST_RANGES = 5_000
const MOST_CHARACTERS = 100_000

export class RememberedText {
  readonly #ranges = new RangeMap<TextRange>({
    cut: (range, offset, length) => ({
      ...range,
      clock: range.clock + offset,
      length,
      text: range.text.slice(offset, offset + length),
    }),
    // A range grows by its ids alone, so that each keeps its own text.
    continues: () => false,
  })
  #characters = 0

  /** To be called in `beforeObserverCalls`: later the characters cannot be read any more. */
  notice(transaction: Y.Transaction): void {
    if (transaction.deleteSet.clients.size === 0) return
    const deleted: { id: Y.ID; text: string }[] = []
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return
      deleted.push({ id: struct.id, text: struct.content.str })
    })
    this.remember(deleted)
  }

  /** Keeps these too, which nobody has seen alive here: Yjs collected them as they came. */
  remember(pieces: Iterable<{ id: Y.ID; text: string }>): void {
    for (const { id, text } of pieces) {
      if (text.length > MOST_CHARACTERS) continue
      this.#ranges.set({ client: id.client, clock: id.clock, length: text.length, text })
      this.#characters += text.length
    }
    this.#ranges.keep(MOST_RANGES)
    while (this.#characters > MOST_CHARACTERS) this.#forgetHalf()
  }

  /** Takes over what was known before. */
  addOlder(older: RememberedText): void {
    this.#ranges.setOlder(older.#ranges)
    this.#characters += older.#characters
    while (this.#characters > MOST_CHARACTERS) this.#forgetHalf()
  }

  /** What is remembered of the characters from…to. */
  within(client: number, from: number, to: number): Iterable<TextRange> {
    return this.#ranges.within(client, from, to)
  }

  #forgetHalf(): void {
    this.#ranges.keep(this.#ranges.size >> 1)
    this.#characters = 0
    for (const { length } of this.#ranges.ranges()) this.#characters += length
  }
}
