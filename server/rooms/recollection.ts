/**
 * Recollection pages backwards through a document's log until what decisions have taken away is found
 * (recall.ts). The instance that settled a decision remembers it; any other, or the same one after a
 * restart, has only the log.
 */
import type * as Y from 'yjs'
import type { DocumentStore } from '#server/store/document-store.ts'
import { type Forgotten, Recall } from '#server/suggestions/recall.ts'
import { ROOM } from './own-writes.ts'

export interface RecollectionDeps {
  store: Pick<DocumentStore, 'loadPast'>
  document: string
  epoch: number
  /** The copy that everybody works with, where things come back. */
  doc: Y.Doc
}

/** Reads as far back as it takes; a chunk of which nothing is found comes back as it is. */
export async function recollect(
  forgotten: readonly Forgotten[],
  { store, document, epoch, doc }: RecollectionDeps,
): Promise<Recall> {
  const recall = new Recall(doc)
  let before = Number.MAX_SAFE_INTEGER
  while (before > 0 && forgotten.some(({ chunk }) => !recall.has(chunk))) {
    const past = await store.loadPast(document, epoch, before)
    if (!past) break
    const updates = past.updates.map(({ actor, data }) => ({ data, isSettling: actor === ROOM }))
    recall.read({ snapshot: past.snapshot, updates }, forgotten)
    before = past.snapshot?.seq ?? 0
  }
  return recall
}
