/**
 * Recollection pages backwards through a document's log until what decisions have taken away, or what
 * people have erased of pending chunks, is found. The instance where that happened remembers it; any
 * other, or the same one after a restart, has only the log.
 */
import type { DocumentStore } from '#server/store/document-store.ts'
import { type ErasedItem, readErased } from '#server/suggestions/erased/erased.ts'
import { type Forgotten, Recall } from '#server/suggestions/recall.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { ItemRange } from '#server/suggestions/types.ts'
import { ROOM } from './own-writes.ts'

export interface RecollectionDeps {
  store: Pick<DocumentStore, 'loadPast'>
  document: string
  epoch: number
  /** Of the copy that everybody works with, where things come back. */
  suggestions: Pick<Suggestions, 'doc' | 'book'>
}

/** Reads as far back as it takes; a chunk of which nothing is found comes back as it is. */
export async function recollect(
  forgotten: readonly Forgotten[],
  { store, document, epoch, suggestions }: RecollectionDeps,
): Promise<Recall> {
  const { doc, book } = suggestions
  const recall = new Recall(doc, book.areKin)
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

/** What of these items can still be read; what the log has trimmed away is not found. */
export async function recollectErased(
  erased: readonly ItemRange[],
  { store, document, epoch }: Omit<RecollectionDeps, 'suggestions'>,
): Promise<ErasedItem[]> {
  const all: ErasedItem[] = []
  let missing = erased
  let before = Number.MAX_SAFE_INTEGER
  while (before > 0 && missing.length > 0) {
    const past = await store.loadPast(document, epoch, before)
    if (!past) break
    const updates = past.updates.map(({ data }) => ({ data, isSettling: false }))
    const reading = readErased({ snapshot: past.snapshot, updates }, missing)
    all.push(...reading.found)
    missing = reading.missing
    before = past.snapshot?.seq ?? 0
  }
  return all
}
