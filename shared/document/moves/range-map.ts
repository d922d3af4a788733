/**
 * RangeMap keeps what is known of ranges of ids, sorted and without overlaps. A range that is set
 * replaces what older ranges say of the same characters.
 */

/** `length` characters from (client, clock) on. */
export interface IdRange {
  client: number
  clock: number
  length: number
}

export interface RangeKind<R extends IdRange> {
  /** The part of a range from its `offset`th character on. */
  cut(range: R, offset: number, length: number): R
  /** Whether `next`, whose ids follow, says the same in continuation. */
  continues(last: R, next: R): boolean
}

/** So many ranges that were replaced may be remembered for nothing. */
const REPLACED = 1_000

export class RangeMap<R extends IdRange> {
  readonly #kind: RangeKind<R>
  readonly #ofClient = new Map<number, R[]>()
  /** All of them, the oldest first; those that were replaced meanwhile are skipped. */
  #order: R[] = []
  #size = 0

  constructor(kind: RangeKind<R>) {
    this.#kind = kind
  }

  get size(): number {
    return this.#size
  }

  /** The range that holds this character. */
  get(client: number, clock: number): R | undefined {
    const ranges = this.#ofClient.get(client)
    const range = ranges?.[firstEndingAfter(ranges, clock)]
    return range && range.clock <= clock ? range : undefined
  }

  /** What is known of the characters from…to, in their order, cut to them. */
  *within(client: number, from: number, to: number): Generator<R> {
    const ranges = this.#ofClient.get(client) ?? []
    for (let n = firstEndingAfter(ranges, from); n < ranges.length; n++) {
      const range = ranges[n]!
      if (range.clock >= to) return
      yield this.#part(range, Math.max(range.clock, from), Math.min(endOf(range), to))
    }
  }

  *ranges(): Generator<R> {
    for (const ranges of this.#ofClient.values()) yield* ranges
  }

  set(added: R): void {
    const { client, clock } = added
    let ranges = this.#ofClient.get(client)
    if (!ranges) {
      ranges = []
      this.#ofClient.set(client, ranges)
    }
    const end = endOf(added)
    const at = firstEndingAfter(ranges, clock)
    let until = at
    const before: R[] = []
    const behind: R[] = []
    for (let range = ranges[until]; range && range.clock < end; range = ranges[++until]) {
      if (range.clock < clock) before.push(this.#part(range, range.clock, clock))
      if (endOf(range) > end) behind.push(this.#part(range, end, endOf(range)))
    }
    const last = ranges[at - 1]
    if (until === at && last && endOf(last) === clock && this.#kind.continues(last, added)) {
      last.length += added.length
      return
    }
    const put = [...before, { ...added }, ...behind]
    this.#size += put.length - (until - at)
    ranges.splice(at, until - at, ...put)
    this.#order.push(...put)
    if (this.#order.length > 2 * this.#size + REPLACED) {
      this.#order = this.#order.filter((range) => this.#holds(range))
    }
  }

  /** Takes over what another one says of characters that nothing is known of here. */
  setOlder(older: RangeMap<R>): void {
    const newer = [...this.ranges()]
    for (const range of older.ranges()) this.set(range)
    for (const range of newer) this.set(range)
  }

  /** Forgets the oldest ranges beyond so many. */
  keep(most: number): void {
    let n = 0
    for (; this.#size > most && n < this.#order.length; n++) {
      const range = this.#order[n]!
      if (!this.#holds(range)) continue
      const ranges = this.#ofClient.get(range.client)!
      ranges.splice(ranges.indexOf(range), 1)
      if (ranges.length === 0) this.#ofClient.delete(range.client)
      this.#size--
    }
    if (n > 0) this.#order = this.#order.slice(n)
  }

  #holds(range: R): boolean {
    return this.get(range.client, range.clock) === range
  }

  #part(range: R, from: number, to: number): R {
    return this.#kind.cut(range, from - range.clock, to - from)
  }
}

const endOf = ({ clock, length }: IdRange): number => clock + length

/** Index of the first range that ends behind `clock`. */
function firstEndingAfter(ranges: readonly IdRange[], clock: number): number {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (endOf(ranges[middle]!) > clock) high = middle
    else low = middle + 1
  }
  return low
}
