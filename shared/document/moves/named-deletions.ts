/**
 * NamedDeletions keeps apart, on a page, what an update deletes by name from what only goes with its
 * element. Whoever pressed Enter had not seen what was typed meanwhile: it is no part of the copy
 * that came with the Enter (seed 989: a blank typed at the end of `Read ` was taken for the blank of
 * the copy, and undo of the one deleted the other).
 */
import * as Y from 'yjs'
import type { DeleteSet } from './stretches.ts'

/** Where a transaction keeps the update that it applies. */
const UPDATE = Symbol('update')

/** Applies an update as Yjs does; `namedIn` then tells of its transaction. */
export function applyNaming(doc: Y.Doc, update: Uint8Array, origin: unknown): void {
  const apply = (transaction: Y.Transaction) => {
    transaction.meta.set(UPDATE, update)
    Y.applyUpdate(doc, update, origin)
  }
  Y.transact(doc, apply, origin, false)
}

/** What the update that is being applied deletes by name; undefined where there is none. */
export function namedIn({ meta, deleteSet }: Y.Transaction): DeleteSet | undefined {
  const update = meta.get(UPDATE) as Uint8Array | undefined
  // Most updates only write, and need not be read twice.
  return update && deleteSet.clients.size > 0 ? (Y.decodeUpdate(update).ds as DeleteSet) : undefined
}
