/**
 * LostDecisions notices when the server takes back a decision of one's own: somebody decided first, or
 * the text has changed meanwhile (case 30.14).
 */
import type * as Y from 'yjs'
import {
  type DecisionEntry,
  decisionMap,
  noteOf,
  parseDecisionKey,
} from '#shared/document/shape.ts'

export interface LostDecision {
  chunk: string
  /** `changed`: the chunk is stale. */
  outcome: 'accepted' | 'rejected' | 'changed'
  /** User id of who decided first; of a change its author's, where that is known. */
  by: string | null
}

/** Listens until what it returns is called. */
export function watchLostDecisions(
  doc: Y.Doc,
  me: () => string,
  onLost: (lost: LostDecision) => void,
): () => void {
  const map = decisionMap(doc)
  const observe = (event: Y.YMapEvent<DecisionEntry>) => {
    if (event.transaction.local) return
    for (const [key, { action }] of event.changes.keys) {
      const parsed = parseDecisionKey(key)
      if (action !== 'delete' || parsed?.user !== me()) continue
      const { chunk } = parsed
      const stale = noteOf(doc, chunk)?.stale
      const winner = [...map.entries()].find(([other]) => parseDecisionKey(other)?.chunk === chunk)
      if (winner) {
        const by = parseDecisionKey(winner[0])?.user ?? null
        onLost({ chunk, outcome: winner[1].decision, by })
      } else if (stale) {
        onLost({ chunk, outcome: 'changed', by: stale.by?.id ?? null })
      }
    }
  }
  map.observe(observe)
  return () => map.unobserve(observe)
}

/** "Ada decided first: accepted." `name` is that of `by`, where it is known. */
export function lostWords({ outcome }: LostDecision, name: string | undefined): string {
  const who = name ?? 'Somebody'
  return outcome === 'changed'
    ? `${who} changed the text first: the suggestion is out of date, and nothing was decided.`
    : `${who} decided first: ${outcome}.`
}
