/**
 * Places tells where something stood that Yjs has collected: an element that was deleted takes its
 * texts, markers and tombstones along, and what comes late for one of them finds no neighbour. Each
 * is known by the moved character that it stood behind or before, or by the element that went.
 */
import * as Y from 'yjs'
import { type IdRange, RangeMap } from '#shared/document/moves/range-map.ts'
import type { Moves } from '#shared/document/moves.ts'
import { heirsOf } from './finding/heirs.ts'

export type Side = 'behind' | 'before' | 'in' | 'grave'

/**
 * `grave`: nothing of it was moved; the id is the deleted element's. `in`: its line was empty, and
 * the id is of the one that was written in its stead.
 */
export interface PlaceRange extends IdRange {
  side: Side
  toClient: number
  toClock: number
}

export interface Spot {
  side: Side
  id: Y.ID
}

const MOST_PLACES = 5_000

export class Places {
  readonly #ranges = new RangeMap<PlaceRange>({
    cut: (range, offset, length) => ({ ...range, clock: range.clock + offset, length }),
    continues: (last, next) =>
      last.side === next.side && last.toClient === next.toClient && last.toClock === next.toClock,
  })

  get(id: Y.ID): Spot | undefined {
    const range = this.#ranges.get(id.client, id.clock)
    return range && { side: range.side, id: Y.createID(range.toClient, range.toClock) }
  }

  /** Takes over what was known before. */
  addOlder(older: Places): void {
    this.#ranges.setOlder(older.#ranges)
    this.#ranges.keep(MOST_PLACES)
  }

  add(ranges: readonly PlaceRange[]): void {
    for (const range of ranges) this.#ranges.set(range)
    this.#ranges.keep(MOST_PLACES)
  }
}

/**
 * Where each item stood that a transaction took away with its element, but for the characters that
 * were moved. To be called before Yjs collects them, when the moves of the same transaction are
 * known; `isNamed` tells of characters that whoever sent the update had seen.
 */
export function placesGone(
  transaction: Y.Transaction,
  moves: Moves,
  isNamed: (id: Y.ID) => boolean,
): PlaceRange[] {
  const deleted = deletedTypes(transaction)
  if (deleted.length === 0) return []
  const places = deleted.flatMap((item) => placesIn(item, moves))
  const inHeirs = heirsOf(transaction, isNamed).map(({ line, heir }) =>
    [...itemsUnder(line)].map(({ id: { client, clock }, length }) =>
      placeRange({ client, clock, length }, 'in', heir),
    ),
  )
  return [...places, ...inHeirs.flatMap(joined)]
}

/** The elements and texts that a transaction deletes from something that lives on. */
function deletedTypes(transaction: Y.Transaction): Y.Item[] {
  const found: Y.Item[] = []
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentType)) return
    const parent = struct.parent as Y.AbstractType<unknown>
    if (!parent._item?.deleted) found.push(struct)
  })
  return found
}

function placesIn(deleted: Y.Item, moves: Moves): PlaceRange[] {
  const found: PlaceRange[] = []
  /** Those that nothing moved stands in front of. */
  let first: IdRange[] = []
  let last: Y.ID | undefined
  const place = (range: IdRange) => {
    if (last) found.push(placeRange(range, 'behind', last))
    else first.push(range)
  }
  for (const item of itemsUnder(deleted)) {
    const { client, clock } = item.id
    const end = clock + item.length
    let at = clock
    for (const moved of moves.within(client, clock, end)) {
      if (moved.clock > at) place({ client, clock: at, length: moved.clock - at })
      const begin = Y.createID(client, moved.clock)
      if (!last) found.push(...first.map((range) => placeRange(range, 'before', begin)))
      first = []
      at = moved.clock + moved.length
      last = Y.createID(client, at - 1)
    }
    if (at < end) place({ client, clock: at, length: end - at })
  }
  found.push(...first.map((range) => placeRange(range, 'grave', deleted.id)))
  return joined(found)
}

const placeRange = (range: IdRange, side: Side, to: Y.ID): PlaceRange => ({
  ...range,
  side,
  toClient: to.client,
  toClock: to.clock,
})

/** In the order of the text, attributes first; an element before what is in it. */
function* itemsUnder(item: Y.Item): Generator<Y.Item> {
  yield item
  const type = item.content instanceof Y.ContentType ? item.content.type : undefined
  if (!type) return
  for (const attribute of type._map.values()) yield attribute
  for (let child = type._start; child; child = child.right) yield* itemsUnder(child)
}

/** Ids that follow each other with the same place, as one: most of what goes was written at once. */
function joined(ranges: PlaceRange[]): PlaceRange[] {
  const all: PlaceRange[] = []
  for (const range of ranges.sort((a, b) => a.client - b.client || a.clock - b.clock)) {
    const last = all.at(-1)
    const same =
      last?.client === range.client &&
      last.clock + last.length === range.clock &&
      last.side === range.side &&
      last.toClient === range.toClient &&
      last.toClock === range.toClock
    if (same) last.length += range.length
    else all.push(range)
  }
  return all
}
