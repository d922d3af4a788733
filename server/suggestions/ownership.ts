/**
 * Who owns which items: undecided chunks by Yjs item id, looked up by interval. Two layers, since
 * a character may be proposed by one chunk and struck by another. Knows ids only.
 */

import type * as Y from 'yjs'
import { type Run, runsOf } from './items.ts'
import type { StoredChunk } from './types.ts'

export type Op = 'ins' | 'del'

/** Characters with one and the same owner, or none. */
export interface Segment extends Omit<Run, 'item'> {
  item: Y.Item
  ins: StoredChunk | undefined
  del: StoredChunk | undefined
}

interface Interval {
  from: number
  to: number
  chunk: StoredChunk
}

export class Ownership {
  readonly #layers: Record<Op, Map<number, Interval[]>> = { ins: new Map(), del: new Map() }

  /** Gives what of these items has no owner yet to the chunk. Returns what it got. */
  add(op: Op, chunk: StoredChunk, client: number, from: number, to: number) {
    const layer = this.#layers[op]
    let intervals = layer.get(client)
    if (!intervals) {
      intervals = []
      layer.set(client, intervals)
    }
    const got: { from: number; to: number }[] = []
    let at = from
    for (const taken of this.#within(op, client, from, to)) {
      if (taken.from > at) got.push({ from: at, to: taken.from })
      at = Math.max(at, taken.to)
    }
    if (at < to) got.push({ from: at, to })
    for (const part of got) insert(intervals, { ...part, chunk })
    return got
  }

  /** Takes every interval of the chunk out of the layers. */
  remove(chunk: StoredChunk): void {
    for (const op of ['ins', 'del'] as const) {
      for (const client of new Set(chunk[op].map((range) => range.client))) {
        const kept = (this.#layers[op].get(client) ?? []).filter((owned) => owned.chunk !== chunk)
        if (kept.length > 0) this.#layers[op].set(client, kept)
        else this.#layers[op].delete(client)
      }
    }
  }

  owner(op: Op, client: number, clock: number): StoredChunk | undefined {
    return this.#within(op, client, clock, clock + 1)[0]?.chunk
  }

  /** The text's characters, cut where the owner changes. */
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
          del: this.owner('del', client, from),
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

function insert(intervals: Interval[], added: Interval): void {
  const at = firstEndingAfter(intervals, added.from)
  const before = intervals[at - 1]
  if (before && before.to === added.from && before.chunk === added.chunk) before.to = added.to
  else intervals.splice(at, 0, added)
}
