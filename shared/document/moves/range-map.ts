/**
 * RangeMap keeps moved ranges sorted by the ids that they move, without overlaps. A range that is
 * set replaces what older ranges say of the same characters.
 */
import type { MovedRange } from '../moves.ts'

/** So many ranges that were replaced may be remembered for nothing. */
const REPLACED = 1_000

export class RangeMap {
  readonly #ofClient = new Map<number, MovedRange[]>()
  /** All of them, the oldest first; those that were replaced meanwhile are skipped. */
  #order: MovedRange[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  /** The range that holds this character. */
  get(client: number, clock: number): MovedRange | undefined {
    const ranges = this.#ofClient.get(client)
    const range = ranges?.[firstEndingAfter(ranges, clock)]
    return range && range.clock <= clock ? range : undefined
  }

  /** For how many characters from this one on, at most `length`, the answer of `get` is the same. */
  reach(client: number, clock: number, length: number): number {
    const ranges = this.#ofClient.get(client)
    const range = ranges?.[firstEndingAfter(ranges, clock)]
    if (!range) return length
    return Math.min(length, range.clock > clock ? range.clock - clock : range.clock + range.length - clock)
  }

  set(added: MovedRange): void {
    const { client, clock, length } = added
    let ranges = this.#ofClient.get(client)
    if (!ranges) {
      ranges = []
      this.#ofClient.set(client, ranges)
    }
    const end = clock + length
    const at = firstEndingAfter(ranges, clock)
    let until = at
    const kept: MovedRange[] = []
    for (let range = ranges[until]; range && range.clock < end; range = ranges[++until]) {
      if (range.clock < clock) kept.push(partOf(range, range.clock, clock))
      if (range.clock + range.length > end)
        kept.push(partOf(range, end, range.clock + range.length))
    }
    const before = kept.filter((range) => range.clock < clock)
    const behind = kept.filter((range) => range.clock >= end)
    const last = before.at(-1) ?? ranges[at - 1]
    if (last && until === at && continues(last, added)) {
      last.length += length
      return
    }
    const range = { ...added }
    this.#size += kept.length + 1 - (until - at)
    ranges.splice(at, until - at, ...before, range, ...behind)
    this.#order.push(...before, range, ...behind)
    if (this.#order.length > 2 * this.#size + REPLACED) this.#forgetReplaced()
  }

  forgetOldest(count: number): void {
    let left = count
    let n = 0
    for (; n < this.#order.length && left > 0; n++) {
      const range = this.#order[n]!
      if (!this.#holds(range)) continue
      const ranges = this.#ofClient.get(range.client)!
      ranges.splice(ranges.indexOf(range), 1)
      if (ranges.length === 0) this.#ofClient.delete(range.client)
      this.#size--
      left--
    }
    this.#order = this.#order.slice(n)
  }

  #forgetReplaced(): void {
    this.#order = this.#order.filter((range) => this.#holds(range))
  }

  #holds(range: MovedRange): boolean {
    return this.get(range.client, range.clock) === range
  }
}

function partOf(range: MovedRange, from: number, to: number): MovedRange {
  const toClock = range.toClock + from - range.clock
  return { ...range, clock: from, length: to - from, toClock }
}

const continues = (last: MovedRange, next: MovedRange): boolean =>
  last.clock + last.length === next.clock &&
  last.toClient === next.toClient &&
  last.toClock + last.length === next.toClock

/** Index of the first range that ends behind `clock`. */
function firstEndingAfter(ranges: readonly MovedRange[], clock: number): number {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    const { clock: from, length } = ranges[middle]!
    if (from + length > clock) high = middle
    else low = middle + 1
  }
  return low
}
