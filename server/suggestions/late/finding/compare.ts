/**
 * Compare finds what an update took along, as far as its sender could know: which of its characters
 * are copies, of what, and which of those somebody had moved or deleted before it came.
 */
import * as Y from 'yjs'
import { type MovedRange, movedRanges, rangesOf } from '#shared/document/moves/moved-range.ts'
import { pairText } from '#shared/document/moves/pair-text.ts'
import type { Stretch } from '#shared/document/moves/parts.ts'
import type { IdRange } from '#shared/document/moves/range-map.ts'
import { type DeleteSet, stretchesOf } from '#shared/document/moves/stretches.ts'
import type { Moves } from '#shared/document/moves.ts'
import type { Arrival } from '../arrivals.ts'
import type { Places } from '../places.ts'
import type { RememberedText } from '../remembered-text.ts'
import type { Sent } from '../sent.ts'
import { addOrphans } from './orphans.ts'
import type { Unseen } from './unseen.ts'

/** Characters that were copied twice, by people who did not know of each other. */
export interface Double extends IdRange {
  /** The copy that was there, and the one that the update brings. */
  first: Y.ID
  second: Y.ID
}

export interface Comparison {
  /** What the update moved. */
  moved: MovedRange[]
  doubles: Double[]
  /** What stands for characters that the update deletes. */
  lateDeletes: IdRange[]
  /** What somebody had deleted before the update came with copies of it. */
  unwanted: MovedRange[]
}

/** What is known of the document beside what is in it. */
export interface Memory {
  moves: Moves
  places: Places
  remembered: RememberedText
}

/**
 * Adds what the update moved to `moves`. To be called before observers, while what the update
 * deletes can still be read.
 */
export function compare(
  transaction: Y.Transaction,
  { named }: Sent,
  { standIns, hasAnother, orphans, namesLiving, mayBeSeveral }: Unseen,
  arrivals: readonly Arrival[],
  { moves, places, remembered }: Memory,
): Comparison {
  const comparison: Comparison = { moved: [], doubles: [], lateDeletes: [], unwanted: [] }
  const { gone, come } = stretchesOf(transaction, {
    named,
    standIns,
    remembered: namesLiving ? (...range) => remembered.within(...range) : undefined,
  })
  addOrphans(gone, orphans, places, remembered)
  const paired = movedRanges()
  const before: MovedRange[] = []
  const pairs = pairText(gone, [...come, ...arrivals.map(stretchOf)], { mayBeSeveral })
  for (const range of rangesOf(pairs)) {
    paired.set(range)
    for (const { part, isIn } of cutBy(transaction.deleteSet, range)) {
      if (isIn) comparison.moved.push(part)
      else before.push(part)
    }
  }
  moves.add(comparison.moved)
  for (const range of before) sortIn(comparison, transaction.doc, moves, range)
  for (const { client, clock, length, toClient, toClock } of standIns.ranges()) {
    for (let n = 0; n < length; n++) {
      const stays = paired.get(toClient, toClock + n) ?? hasAnother.get(toClient, toClock + n)
      if (!stays) addRange(comparison.lateDeletes, client, clock + n, clock + n + 1)
    }
  }
  return comparison
}

/** A range in parts that are wholly in the set, or wholly not. */
function cutBy(set: DeleteSet, range: MovedRange): { part: MovedRange; isIn: boolean }[] {
  const { client, clock, length, toClock } = range
  const parts: { part: MovedRange; isIn: boolean }[] = []
  const add = (from: number, to: number, isIn: boolean) => {
    if (from >= to) return
    parts.push({
      part: { ...range, clock: from, length: to - from, toClock: toClock + from - clock },
      isIn,
    })
  }
  let at = clock
  for (const one of set.clients.get(client) ?? []) {
    const [from, to] = [Math.max(one.clock, at), Math.min(one.clock + one.len, clock + length)]
    if (from >= to) continue
    add(at, from, false)
    add(from, to, true)
    at = to
  }
  add(at, clock + length, false)
  return parts
}

/** What was gone before the update came with a copy of it: it has another copy, or was deleted. */
function sortIn(
  { doubles, unwanted }: Comparison,
  doc: Y.Doc,
  moves: Moves,
  { client, clock, length, toClient, toClock }: MovedRange,
): void {
  for (let n = 0; n < length; n++) {
    const first = moves.follow(doc, Y.createID(client, clock + n))
    const one = { client, clock: clock + n, length: 1 }
    if (!first) addMoved(unwanted, { ...one, toClient, toClock: toClock + n })
    else addDouble(doubles, { ...one, first, second: Y.createID(toClient, toClock + n) })
  }
}

function addMoved(list: MovedRange[], next: MovedRange): void {
  const last = list.at(-1)
  const follows =
    last?.client === next.client &&
    last.clock + last.length === next.clock &&
    isNext(Y.createID(last.toClient, last.toClock), last.length, next.toClient, next.toClock)
  if (follows) last.length++
  else list.push(next)
}

function addDouble(list: Double[], next: Double): void {
  const last = list.at(-1)
  const follows =
    last?.client === next.client &&
    last.clock + last.length === next.clock &&
    isNext(last.first, last.length, next.first.client, next.first.clock) &&
    isNext(last.second, last.length, next.second.client, next.second.clock)
  if (follows) last.length++
  else list.push(next)
}

const isNext = (id: Y.ID, length: number, client: number, clock: number): boolean =>
  id.client === client && id.clock + length === clock

function addRange(list: IdRange[], client: number, from: number, to: number): void {
  if (from >= to) return
  const last = list.at(-1)
  if (last?.client === client && last.clock + last.length === from) last.length += to - from
  else list.push({ client, clock: from, length: to - from })
}

function stretchOf({ parts, isInOldText }: Arrival): Stretch {
  return {
    text: parts.map(({ text }) => text).join(''),
    pieces: parts.map(({ id, text }) => ({ ...id, length: text.length })),
    block: undefined,
    withItsText: true,
    isInOldText,
  }
}
