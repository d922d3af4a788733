/**
 * Reopening keeps the items that settling deleted, so that Yjs can re-create them where they were;
 * flags are not kept, they follow from ownership. One object per settled decision; several chunks
 * may have been settled in it, and each can come back alone, with the blocks around it, whichever
 * decision took those.
 */

import * as Y from 'yjs'
import { betweenReachable } from '#shared/document/moves/reachable.ts'
import { body } from '#shared/document/shape.ts'
import { runsAmong } from './gone-runs.ts'
import { inRanges } from './items.ts'
import type { Carrier, Copy, Restored, Restorer } from './restorer.ts'
import type { ItemRange } from './types.ts'

type DeleteSet = ReturnType<typeof Y.createDeleteSet>

export class Reopening implements Restorer {
  readonly #doc: Y.Doc
  readonly #manager: Y.UndoManager

  /** Runs `settle` in a transaction and keeps what it deletes. */
  constructor(doc: Y.Doc, origin: unknown, settle: () => void) {
    this.#doc = doc
    this.#manager = new Y.UndoManager(body(doc), {
      captureTimeout: 0,
      trackedOrigins: new Set([origin]),
    })
    doc.transact(settle, origin)
    // It has what it needs; from here on nobody's transactions are its business.
    this.#manager.destroy()
  }

  /** Re-creates the deleted items in these ranges, with the blocks around them. */
  restore(ranges: readonly ItemRange[], carrier?: Carrier): Restored {
    const client = this.#doc.clientID
    const from = Y.getState(this.#doc.store, client)
    const copies: Copy[] = []
    this.#doc.transact((transaction) => {
      for (const kept of this.#manager.undoStack) {
        const found = deletedIn(transaction, kept.deletions, ranges)
        const carried = new Set(carrier && carryAway(found, kept.deletions, carrier))
        const wanted = withTypes(withoutCarried(found, carried))
        const { undoStack } = this.#manager
        const part = {
          deletions: toDeleteSet(wanted),
          insertions: Y.createDeleteSet(),
          meta: new Map(),
        }
        this.#manager.undoStack = [part]
        betweenReachable(() => this.#manager.undo())
        this.#manager.undoStack = undoStack
        for (const { id, length, redone } of wanted) {
          if (redone) copies.push({ from: id, to: redone, length })
        }
      }
    })
    return { created: { client, from, to: Y.getState(this.#doc.store, client) }, copies }
  }

  /** Lets go of the deleted items. */
  close(): void {
    this.#manager.clear()
  }
}

/** The items in the ranges that a decision deleted. */
function deletedIn(
  transaction: Y.Transaction,
  deletions: DeleteSet,
  ranges: readonly ItemRange[],
): Y.Item[] {
  const found: Y.Item[] = []
  Y.iterateDeletedStructs(transaction, deletions, (struct) => {
    if (!(struct instanceof Y.Item) || !struct.deleted) return
    if (inRanges(ranges, struct.id.client, struct.id.clock)) found.push(struct)
  })
  return found
}

/**
 * With them the deleted types (with attributes) around them. Those may have gone with another decision:
 * what is kept has its blocks kept with it.
 */
function withTypes(items: readonly Y.Item[]): Y.Item[] {
  const wanted = new Set<Y.Item>()
  const want = (item: Y.Item) => {
    if (wanted.has(item)) return
    wanted.add(item)
    const { parent } = item
    if (!(parent instanceof Y.AbstractType) || !parent._item?.deleted) return
    want(parent._item)
    for (const attribute of parent._map.values()) wanted.add(attribute)
  }
  for (const item of items) want(item)
  return [...wanted].filter(({ deleted }) => deleted)
}

/** The items that have gone elsewhere now. */
function* carryAway(
  items: readonly Y.Item[],
  deletions: DeleteSet,
  carrier: Carrier,
): Generator<Y.Item> {
  for (const { run, of } of runsAmong(items, deletions, (id) => carrier.isKnown(id))) {
    if (carrier.carry(run)) yield* of
  }
}

/** Markers of format stay with the text that they were in, and go where nothing of that comes back. */
function withoutCarried(items: readonly Y.Item[], carried: ReadonlySet<Y.Item>): Y.Item[] {
  if (carried.size === 0) return [...items]
  const rest = items.filter((item) => !carried.has(item))
  const empty = new Set([...carried].map(({ parent }) => parent))
  for (const { parent, countable } of rest) if (countable) empty.delete(parent)
  return rest.filter(({ parent, countable }) => countable || !empty.has(parent))
}

function toDeleteSet(items: readonly Y.Item[]): DeleteSet {
  const set = Y.createDeleteSet()
  for (const { id, length } of [...items].sort((a, b) => a.id.clock - b.id.clock)) {
    const sorted = set.clients.get(id.client) ?? []
    sorted.push({ clock: id.clock, len: length } as (typeof sorted)[number])
    set.clients.set(id.client, sorted)
  }
  return set
}
