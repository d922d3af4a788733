/**
 * Trace follows characters to where they are now: undo brings a deleted one back under a new id, and
 * an edit that takes text along writes it again.
 */
import * as Y from 'yjs'
import { MOST_HOPS, type Moves } from '#shared/document/moves.ts'

/** Ids as Yjs keeps those of one transaction. */
export type Ids = Y.Transaction['deleteSet']

export interface Traced {
  id: Y.ID
  /** For so many characters the answer is the same, one after the other. */
  length: number
  /** Else this is the last one, and it is deleted. */
  alive: boolean
  /** Somebody has written it again; else it was at most brought back. */
  moved: boolean
}

/** What became of the character `id`, and of at most `length` - 1 behind it. */
export function trace({ store }: Y.Doc, moves: Moves, id: Y.ID, length: number): Traced {
  const traced: Traced = { id, length, alive: false, moved: false }
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const item: Y.Item | Y.GC = Y.getItem(store, traced.id)
    const offset = traced.id.clock - item.id.clock
    traced.length = Math.min(traced.length, item.length - offset)
    if (item instanceof Y.Item && !item.deleted) {
      traced.alive = true
      return traced
    }
    if (item instanceof Y.Item && item.redone) {
      traced.id = Y.createID(item.redone.client, item.redone.clock + offset)
      continue
    }
    traced.length = moves.reach(traced.id, traced.length)
    const copy = moves.next(traced.id)
    if (!copy || Y.getState(store, copy.client) <= copy.clock) return traced
    traced.id = copy
    traced.moved = true
  }
  return traced
}

/** All that the character has become, dead or alive, one after the other. */
export function* copiesOf({ store }: Y.Doc, moves: Moves, from: Y.ID): Generator<Y.ID> {
  let id: Y.ID | undefined = from
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const item: Y.Item | Y.GC = Y.getItem(store, id)
    if (item instanceof Y.Item && !item.deleted) return
    const redone = item instanceof Y.Item ? item.redone : null
    id = redone
      ? Y.createID(redone.client, redone.clock + id.clock - item.id.clock)
      : moves.next(id)
    if (!id || Y.getState(store, id.client) <= id.clock) return
    yield id
  }
}

/**
 * Visits what these ids are, cut to them. What Yjs has collected cannot be cut: it may reach beyond
 * the ids, of which `from` is the first and `length` the number.
 */
export function visit(
  transaction: Y.Transaction,
  ids: Ids,
  act: (struct: Y.Item | Y.GC, from: Y.ID, length: number) => void,
): void {
  for (const [client, ranges] of [...ids.clients]) {
    for (const { clock, len } of [...ranges]) {
      const end = Math.min(clock + len, Y.getState(transaction.doc.store, client))
      const range = noIds()
      addIds(range, Y.createID(client, clock), len)
      Y.iterateDeletedStructs(transaction, range, (struct) => {
        const first = Math.max(clock, struct.id.clock)
        const last = Math.min(end, struct.id.clock + struct.length)
        act(struct, Y.createID(client, first), last - first)
      })
    }
  }
}

export const noIds = (): Ids => Y.createDeleteSet()

export function addIds(ids: Ids, { client, clock }: Y.ID, length: number): void {
  const ranges = ids.clients.get(client)
  const last = ranges?.at(-1)
  if (last && last.clock + last.len === clock) last.len += length
  else if (ranges) ranges.push({ clock, len: length })
  else ids.clients.set(client, [{ clock, len: length }])
}

/** In the order in which they can be searched. */
export const inOrder = (...ids: Ids[]): Ids => Y.mergeDeleteSets(ids)

export const hasIds = (ids: Ids): boolean => ids.clients.size > 0

/** The ids of `all` that are not in `some`. */
export const without = (all: Ids, some: Ids): Ids => filter(all, (id) => !Y.isDeleted(some, id))

/** The ids that are in both. */
export const both = (one: Ids, other: Ids): Ids => filter(one, (id) => Y.isDeleted(other, id))

function filter(all: Ids, isWanted: (id: Y.ID) => boolean): Ids {
  const wanted = noIds()
  for (const [client, ranges] of all.clients) {
    for (const { clock, len } of ranges) {
      for (let n = clock; n < clock + len; n++) {
        const id = Y.createID(client, n)
        if (isWanted(id)) addIds(wanted, id, 1)
      }
    }
  }
  return wanted
}
