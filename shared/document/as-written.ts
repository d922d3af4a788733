/**
 * AsWritten lets a Y.Doc say what its updates say and nothing else. Yjs deletes markers of format by
 * itself after others' changes, those that are needless by what stands there at that moment: of two
 * who read the same updates one by one and all at once, one would show words plain that are bold.
 */
import * as Y from 'yjs'

/** To be called after each transaction of a document that is to keep all markers. */
export function leaveMarkers(transaction: Y.Transaction): void {
  transaction._needFormattingCleanup = false
}

/** A Y.Doc in which nothing is deleted but what the updates that are applied to it delete. */
export function docAsWritten(options?: { gc?: boolean }): Y.Doc {
  const doc = new Y.Doc(options)
  doc.on('afterTransaction', leaveMarkers)
  return doc
}
