/**
 * Reopening keeps the items that settling deleted, so that Yjs can re-create them where they were;
 * flags are not kept, they follow from ownership. One object per settled decision; several chunks
 * may have been settled in it, and each can come back alone, with the blocks around it, whichever
 * decision took those.
 */

import * as Y from 'yjs'
import { betweenReachable } from '#shared/document/moves/reachable.ts'
import { body } from '#shared/document/shape.ts'
import { inRanges } from './items.ts'
import type { Copy, Restored, Restorer } from './restorer.ts'
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
  restore(ranges: readonly ItemRange[]): Restored {
    const client = this.#doc.clientID
    const from = Y.getState(this.#doc.store, client)
    const copies: Copy[] = []
    this.#doc.transact((transaction) => {
      for (const kept of this.#manager.undoStack) {
        const wanted = within(transaction, kept.deletions, ranges)
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

/**
 * The items in the ranges that a decision deleted, and the deleted types (with attributes) around
 * them. Those may have gone with another decision: what is kept has its blocks kept with it.
 */
function within(
  transaction: Y.Transaction,
  deletions: DeleteSet,
  ranges: readonly ItemRange[],
): Y.Item[] {
  const wanted = new Set<Y.Item>()
  const want = (item: Y.Item) => {
    if (wanted.has(item)) return
    wanted.add(item)
    const { parent } = item
    if (!(parent instanceof Y.AbstractType) || !parent._item?.deleted) return
    want(parent._item)
    for (const attribute of parent._map.values()) wanted.add(attribute)
  }
  Y.iterateDeletedStructs(transaction, deletions, (struct) => {
    if (!(struct instanceof Y.Item)) return
    if (inRanges(ranges, struct.id.client, struct.id.clock)) want(struct)
  })
  return [...wanted].filter(({ deleted }) => deleted)
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
