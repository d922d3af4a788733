/**
 * LostDecisions notices when the server takes back a decision of one's own, since somebody decided
 * first or the text has changed meanwhile (case 30.14), and says so; and again when undo comes to it.
 */
import type * as Y from 'yjs'
import {
  type DecisionEntry,
  decisionMap,
  noteOf,
  parseDecisionKey,
} from '#shared/document/shape.ts'
import { createStore } from '../store.ts'

/** Of so many chunks; nobody undoes further back. */
const MOST_REMEMBERED = 1_000

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

/**
 * LostDecisions remembers what was said of the chunks that one decided too late. Undo comes to these
 * decisions again (case 30.14), and the key of who won may be gone by then.
 */
export class LostDecisions {
  readonly told = createStore<{ sentence: string } | null>(null)
  readonly #sentences = new Map<string, string>()
  readonly #unwatch: () => void

  /** `nameOf` is the name of a user, where it is known. */
  constructor(doc: Y.Doc, me: () => string, nameOf: (user: string) => string | undefined) {
    this.#unwatch = watchLostDecisions(doc, me, (lost) => {
      const sentence = lostWords(lost, lost.by === null ? undefined : nameOf(lost.by))
      this.#sentences.delete(lost.chunk)
      this.#sentences.set(lost.chunk, sentence)
      const [oldest] = this.#sentences.keys()
      if (this.#sentences.size > MOST_REMEMBERED && oldest) this.#sentences.delete(oldest)
      this.told.set({ sentence })
    })
  }

  /** Says once more to what the decision on these chunks was lost: undo has come to it. */
  tellAgain(chunks: readonly string[]): void {
    const known = chunks.map((chunk) => this.#sentences.get(chunk))
    const sentence = known.find((one) => one !== undefined) ?? 'Somebody decided first.'
    this.told.set({ sentence: `${sentence} There was nothing to undo.` })
  }

  close(): void {
    this.#unwatch()
  }
}
