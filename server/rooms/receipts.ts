/**
 * The numbers of one connection's messages. An ack says that the first n are committed, but they
 * are dealt with out of order: a sync step 2 overtakes what was held for it.
 */
export class Receipts {
  /** Those beyond a gap; mostly there is none. */
  #done: Set<number> | undefined
  #given = 0
  #first = 0

  /** The number of the next message; the first is 1. */
  next(): number {
    return ++this.#given
  }

  /** How many messages, from the first on, are dealt with without a gap. */
  get dealtWith(): number {
    return this.#first
  }

  /** Notes that messages `from` to `to` are. True where `dealtWith` has grown by it. */
  note(from: number, to: number): boolean {
    const before = this.#first
    if (from === before + 1) this.#first = to
    else {
      this.#done ??= new Set()
      for (let n = from; n <= to; n++) this.#done.add(n)
    }
    while (this.#done?.delete(this.#first + 1)) this.#first++
    return this.#first > before
  }
}
