/**
 * Taking a decision back. The items that settling deleted are kept for a while, so that Yjs can
 * re-create them where they were; flags are not kept, they follow from ownership. One object per
 * settled decision; several chunks may have been settled in it, and each can come back alone.
 */

import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { inRanges } from './items.ts'
import type { Restorer } from './restorer.ts'
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

  /**
   * Re-creates the deleted items in these ranges, with the blocks around them where those are gone
   * too. Returns the ids of what is new.
   */
  restore(ranges: readonly ItemRange[]): ItemRange {
    const client = this.#doc.clientID
    const from = Y.getState(this.#doc.store, client)
    this.#doc.transact((transaction) => {
      for (const kept of this.#manager.undoStack) {
        const deletions = within(transaction, kept.deletions, ranges)
        const { undoStack } = this.#manager
        const part = { deletions, insertions: Y.createDeleteSet(), meta: new Map() }
        this.#manager.undoStack = [part]
        this.#manager.undo()
        this.#manager.undoStack = undoStack
      }
    })
    return { client, from, to: Y.getState(this.#doc.store, client) }
  }

  /** Lets go of the deleted items. */
  close(): void {
    this.#manager.clear()
  }
}

/** The deleted items that lie in the ranges, and the deleted types (with attributes) around them. */
function within(
  transaction: Y.Transaction,
  deletions: DeleteSet,
  ranges: readonly ItemRange[],
): DeleteSet {
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
  const part = Y.createDeleteSet()
  for (const { id, length } of [...wanted].sort((a, b) => a.id.clock - b.id.clock)) {
    if (!Y.isDeleted(deletions, id)) continue
    const items = part.clients.get(id.client) ?? []
    items.push({ clock: id.clock, len: length } as (typeof items)[number])
    part.clients.set(id.client, items)
  }
  return part
}
