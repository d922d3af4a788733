/**
 * Ownership tells whose an item is: undecided chunks by Yjs item id, looked up by interval. Two
 * layers, since a character may be proposed by one chunk and struck by another. A character is
 * proposed by one chunk at most; struck it may be by several, each for itself. Knows ids only.
 */

import type * as Y from 'yjs'
import { type Run, runsOf } from './items.ts'
import type { StoredChunk } from './types.ts'

export type Op = 'ins' | 'del'

/** Characters with the same owners, or none. */
export interface Segment extends Omit<Run, 'item'> {
  item: Y.Item
  ins: StoredChunk | undefined
  /** The chunks that strike them, the first of them in front. */
  dels: readonly StoredChunk[]
}

interface Interval {
  from: number
  to: number
  /** Never empty; of proposed items exactly one. */
  chunks: readonly StoredChunk[]
}

const NONE: readonly StoredChunk[] = []

export class Ownership {
  readonly #layers: Record<Op, Map<number, Interval[]>> = { ins: new Map(), del: new Map() }
  readonly #compare: (a: StoredChunk, b: StoredChunk) => number
  #mayBeShared = false

  /** `compare` says which of the chunks that strike one character comes first. */
  constructor(compare: (a: StoredChunk, b: StoredChunk) => number) {
    this.#compare = compare
  }

  /**
   * Gives items to the chunk: proposed ones that have no owner yet, struck ones whoever strikes
   * them too. Returns what it got.
   */
  add(op: Op, chunk: StoredChunk, client: number, from: number, to: number) {
    const layer = this.#layers[op]
    const intervals = layer.get(client) ?? []
    layer.set(client, intervals)
    const got: { from: number; to: number }[] = []
    const first = firstEndingAfter(intervals, from)
    const made: Interval[] = []
    let at = from
    let n = first
    for (; n < intervals.length && intervals[n]!.from < to; n++) {
      const taken = intervals[n]!
      if (taken.from > at) made.push({ from: at, to: taken.from, chunks: [chunk] })
      if (taken.from > at) got.push({ from: at, to: taken.from })
      if (op === 'ins' || taken.chunks.includes(chunk)) made.push(taken)
      else {
        const within = { from: Math.max(at, taken.from), to: Math.min(to, taken.to) }
        const chunks = [...taken.chunks, chunk].sort(this.#compare)
        if (taken.from < within.from) made.push({ ...taken, to: within.from })
        made.push({ ...within, chunks })
        if (within.to < taken.to) made.push({ ...taken, from: within.to })
        got.push(within)
        this.#mayBeShared = true
      }
      at = Math.max(at, taken.to)
    }
    if (at < to) {
      made.push({ from: at, to, chunks: [chunk] })
      got.push({ from: at, to })
    }
    intervals.splice(first, n - first, ...made)
    join(intervals, first - 1)
    return got
  }

  /** Takes every interval of the chunk out of the layers. */
  remove(chunk: StoredChunk, ops: readonly Op[] = ['ins', 'del']): void {
    for (const op of ops) {
      for (const client of new Set(chunk[op].map((range) => range.client))) {
        const kept = (this.#layers[op].get(client) ?? []).flatMap((interval) => {
          if (!interval.chunks.includes(chunk)) return [interval]
          const chunks = interval.chunks.filter((owner) => owner !== chunk)
          return chunks.length > 0 ? [{ ...interval, chunks }] : []
        })
        if (kept.length > 0) this.#layers[op].set(client, kept)
        else this.#layers[op].delete(client)
      }
    }
  }

  /** The owner; of a character that several strike the first. */
  owner(op: Op, client: number, clock: number): StoredChunk | undefined {
    return this.owners(op, client, clock)[0]
  }

  owners(op: Op, client: number, clock: number): readonly StoredChunk[] {
    return this.#within(op, client, clock, clock + 1)[0]?.chunks ?? NONE
  }

  /** Some chunk proposes or strikes one of these items. */
  has(client: number, from: number, to: number): boolean {
    return (['ins', 'del'] as const).some((op) => this.#within(op, client, from, to).length > 0)
  }

  /** Items that several chunks strike. */
  shared(): { client: number; from: number; to: number; chunks: readonly StoredChunk[] }[] {
    if (!this.#mayBeShared) return []
    const shared = [...this.#layers.del].flatMap(([client, intervals]) =>
      intervals.filter(({ chunks }) => chunks.length > 1).map((one) => ({ client, ...one })),
    )
    this.#mayBeShared = shared.length > 0
    return shared
  }

  /** The text's characters, cut where an owner changes. */
  *segments(text: Y.XmlText): Generator<Segment> {
    for (const run of runsOf(text)) {
      const { client, clock, length } = run
      const ends = clock + length
      const owners = (['ins', 'del'] as const).flatMap((op) =>
        this.#within(op, client, clock, ends),
      )
      const cuts = new Set([clock, ends])
      for (const { from, to } of owners) cuts.add(Math.max(from, clock)).add(Math.min(to, ends))
      const sorted = [...cuts].sort((a, b) => a - b)
      for (let n = 0; n + 1 < sorted.length; n++) {
        const from = sorted[n]!
        const to = sorted[n + 1]!
        yield {
          ...run,
          clock: from,
          index: run.index + from - clock,
          length: to - from,
          text: run.text.slice(from - clock, to - clock),
          ins: this.owner('ins', client, from),
          dels: this.owners('del', client, from),
        }
      }
    }
  }

  #within(op: Op, client: number, from: number, to: number): Interval[] {
    const intervals = this.#layers[op].get(client)
    if (!intervals) return []
    const found: Interval[] = []
    for (let n = firstEndingAfter(intervals, from); n < intervals.length; n++) {
      const interval = intervals[n]!
      if (interval.from >= to) break
      found.push(interval)
    }
    return found
  }
}

function firstEndingAfter(intervals: readonly Interval[], clock: number): number {
  let low = 0
  let high = intervals.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (intervals[middle]!.to > clock) high = middle
    else low = middle + 1
  }
  return low
}

/** A run's text grows item by item: what follows the interval `at` and has the same owner joins it. */
function join(intervals: Interval[], at: number): void {
  const before = intervals[at]
  const next = intervals[at + 1]
  if (!before || !next || before.to !== next.from) return
  if (before.chunks.length !== 1 || next.chunks.length !== 1) return
  if (before.chunks[0] !== next.chunks[0]) return
  intervals.splice(at, 2, { ...before, to: next.to })
}
