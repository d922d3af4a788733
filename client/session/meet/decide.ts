/** Decide writes one's own decisions into the document, from which the room takes them. */
import type * as Y from 'yjs'
import { type DecisionEntry, decisionKey, decisionMap } from '#shared/document/shape.ts'

/**
 * Says `decision` of each chunk of which `user` has not said anything that still stands: who clicks
 * "Reject all" right after an Accept may still have the accepted chunk on the card, and both would
 * write the same key. A decision that was taken back, or was lost, is no longer in the document.
 */
export function decide(
  doc: Y.Doc,
  chunks: readonly string[],
  user: string,
  decision: DecisionEntry['decision'],
): void {
  const decisions = decisionMap(doc)
  for (const chunk of chunks) {
    const key = decisionKey(chunk, user)
    if (!decisions.has(key)) decisions.set(key, { decision, at: Date.now() })
  }
}
