/**
 * Unseen is what an update deletes that was moved or deleted before it came, unknown to its sender.
 * A copy stands for each such character, so that what the update did can be read as its sender saw it.
 */
import * as Y from 'yjs'
import { itemAt } from '#shared/document/characters.ts'
import { type MovedRange, movedRanges } from '#shared/document/moves/moved-range.ts'
import type { IdRange, RangeMap } from '#shared/document/moves/range-map.ts'
import type { DeleteSet } from '#shared/document/moves/stretches.ts'
import { MOST_HOPS, type Moves } from '#shared/document/moves.ts'
import type { Sent } from '../sent.ts'

/** What is known of who sent an update. */
export interface Sender {
  /** False where the sender cannot have had this character when it wrote. Errs on that side. */
  knows(id: Y.ID): boolean
  /** The update is what one transaction did: it deletes what lived for its sender, and only that. */
  fresh: boolean
}

export interface Unseen {
  /** From what stands for a character, dead or alive, to the character that the update names. */
  standIns: RangeMap<MovedRange>
  /** Characters that the update names, and that Yjs has collected with all that stood around them. */
  orphans: IdRange[]
  /** Characters that the update names, and of which its sender had another copy that it leaves. */
  hasAnother: RangeMap<MovedRange>
  /** The update names what its sender saw alive, also where somebody has deleted it since. */
  namesLiving: boolean
  /** The update may hold several edits. */
  mayBeSeveral: boolean
}

/** Of an update that deletes nothing its sender had not seen. */
export const nothingUnseen = (): Unseen => ({
  standIns: movedRanges(),
  hasAnother: movedRanges(),
  orphans: [],
  namesLiving: false,
  mayBeSeveral: true,
})

/** To be called before the update is applied. */
export function findUnseen(doc: Y.Doc, moves: Moves, { named }: Sent, sender: Sender): Unseen {
  const standIns = movedRanges()
  const hasAnother = movedRanges()
  const orphans: IdRange[] = []
  for (const [client, ranges] of named.clients) {
    const end = Y.getState(doc.store, client)
    for (const { clock, len } of ranges) {
      const last = Math.min(clock + len, end)
      let at = clock
      for (const moved of moves.within(client, clock, last)) {
        const knowsCopy = sender.knows(Y.createID(moved.toClient, moved.toClock))
        const seen = moved.isDouble ? !sender.fresh : knowsCopy
        // No transaction deletes what its sender knew to be gone: this names all that ever was, or
        // was written before the sender knew, and is sent once more.
        if (seen && sender.fresh && namesAllGone(moves, named, sender)) return nothingUnseen()
        if (moved.isDouble && knowsCopy) hasAnother.set(moved)
        if (sender.fresh) addDead(doc, { standIns, orphans }, client, at, moved.clock)
        at = moved.clock + moved.length
        if (seen && !sender.fresh) continue
        for (const range of endsOf(doc, moves, moved)) {
          if (range.lives || sender.fresh) addStandIn(doc, standIns, range, named)
        }
      }
      if (sender.fresh) addDead(doc, { standIns, orphans }, client, at, last)
    }
  }
  const { fresh } = sender
  return { standIns, hasAnother, orphans, namesLiving: fresh, mayBeSeveral: !fresh }
}

/**
 * Whether the update names all that its sender knows to be gone, as one does that holds all that a
 * page has. A page that comes back tells how far it is by then, and sends again, one by one, what it
 * wrote before that: each of those names what it deleted itself. Taken for the former, undo and a
 * link that somebody set before a restart doubled the words (seeds 2769 and 300).
 */
function namesAllGone(moves: Moves, named: DeleteSet, { knows }: Sender): boolean {
  for (const { client, clock, length, toClient, toClock } of moves.ranges()) {
    if (!knows(Y.createID(toClient, toClock))) continue
    for (let n = 0; n < length; n++) {
      if (!Y.isDeleted(named, Y.createID(client, clock + n))) return false
    }
  }
  return true
}

/**
 * Cuts items where what is named begins and ends, and what stands for a character: each item is then
 * one or none. Yjs itself does not cut what goes with its element before its turn comes.
 */
export function cutAtEnds(transaction: Y.Transaction, { named }: Sent, { standIns }: Unseen): void {
  const { store } = transaction.doc
  const cut = (client: number, from: number, to: number) => {
    const last = Math.min(to, Y.getState(store, client)) - 1
    if (from > last) return
    Y.getItemCleanStart(transaction, Y.createID(client, from))
    Y.getItemCleanEnd(transaction, store, Y.createID(client, last))
  }
  for (const [client, ranges] of named.clients) {
    for (const { clock, len } of ranges) cut(client, clock, clock + len)
  }
  for (const { client, clock, length } of standIns.ranges()) cut(client, clock, clock + length)
}

/**
 * The copy stands for the character, unless the update deletes it too, or another one that it stands
 * for: then its sender had two copies of the same text, and each stands where it stood.
 */
function addStandIn(
  doc: Y.Doc,
  standIns: RangeMap<MovedRange>,
  { client, clock, length, toClient, toClock }: MovedRange,
  named: DeleteSet,
): void {
  for (let n = 0; n < length; n++) {
    const id = Y.createID(client, clock + n)
    const copy = Y.createID(toClient, toClock + n)
    const isTaken = Y.isDeleted(named, copy) || standIns.get(copy.client, copy.clock)
    const at = isTaken ? id : copy
    if (at === id && !itemAt(doc, id)) continue
    standIns.set({ ...at, length: 1, toClient: client, toClock: clock + n })
  }
}

/** Characters that are dead and were not moved stand for themselves. */
function addDead(
  doc: Y.Doc,
  { standIns, orphans }: Pick<Unseen, 'standIns' | 'orphans'>,
  client: number,
  from: number,
  to: number,
): void {
  const structs = doc.store.clients.get(client) ?? []
  if (from >= to) return
  for (let n = Y.findIndexSS(structs, from); n < structs.length; n++) {
    const struct = structs[n]!
    if (struct.id.clock >= to) return
    const clock = Math.max(from, struct.id.clock)
    const length = Math.min(to, struct.id.clock + struct.length) - clock
    if (!struct.deleted) continue
    if (!(struct instanceof Y.Item)) orphans.push({ client, clock, length })
    else standIns.set({ client, clock, length, toClient: client, toClock: clock })
  }
}

/**
 * The last copies of moved characters, range by range: alive, or the last that Yjs has not collected,
 * which may be the moved one itself.
 */
function* endsOf(
  doc: Y.Doc,
  moves: Moves,
  { client, clock, length, toClient, toClock }: MovedRange,
  before: Y.ID = Y.createID(client, clock),
  hops = 0,
): Generator<MovedRange & { lives: boolean }> {
  const known = Y.getState(doc.store, toClient)
  for (let at = toClock; at < Math.min(toClock + length, known); ) {
    const { id, length: size } = Y.getItem(doc.store, Y.createID(toClient, at))
    const end = Math.min(id.clock + size, toClock + length)
    const item = itemAt(doc, Y.createID(toClient, at))
    const lives = item !== undefined && !item.deleted
    const shift = item ? 0 : before.clock - toClock
    const placeClient = item ? toClient : before.client
    const dead = function* (to: number) {
      if (at < to) {
        const ids = { client, clock: clock + at - toClock, length: to - at }
        yield { ...ids, toClient: placeClient, toClock: at + shift, lives }
      }
      at = to
    }
    for (const next of lives || hops > MOST_HOPS ? [] : moves.within(toClient, at, end)) {
      yield* dead(next.clock)
      const step = { ...next, client, clock: clock + next.clock - toClock }
      const place = Y.createID(placeClient, next.clock + shift)
      yield* endsOf(doc, moves, step, place, hops + 1)
      at = next.clock + next.length
    }
    yield* dead(end)
  }
}
