/**
 * The `decisions` map as people write it: which keys are there, in the order they arrived, and
 * which have not been judged yet. It does not know what became of them; the book of chunks does.
 */

import type * as Y from 'yjs'
import { type DecisionEntry, decisionMap, parseDecisionKey } from '#shared/document/shape.ts'
import type { Decision } from './types.ts'

export interface DecisionKey {
  key: string
  chunk: string
  user: string
  /** Undefined where the value is not a decision. */
  decision: Decision | undefined
}

export class DecisionKeys {
  readonly #map: Y.Map<DecisionEntry>
  readonly #unjudged = new Set<string>()
  readonly #onChange = (event: Y.YMapEvent<DecisionEntry>) => {
    for (const key of event.keysChanged) {
      if (this.#map.has(key)) this.#unjudged.add(key)
      else this.#unjudged.delete(key)
    }
  }

  constructor(doc: Y.Doc) {
    this.#map = decisionMap(doc)
    for (const key of this.#map.keys()) this.#unjudged.add(key)
    this.#map.observe(this.#onChange)
  }

  /** Not judged yet, first come first. */
  unjudged(): DecisionKey[] {
    return [...this.#unjudged].map((key) => {
      const { chunk, user } = parseDecisionKey(key) ?? { chunk: '', user: '' }
      return { key, chunk, user, decision: this.decision(key) }
    })
  }

  judge(key: string): void {
    this.#unjudged.delete(key)
  }

  has(key: string): boolean {
    return this.#map.has(key)
  }

  decision(key: string): Decision | undefined {
    const entry: unknown = this.#map.get(key)
    if (typeof entry !== 'object' || entry === null || !('decision' in entry)) return undefined
    const { decision } = entry
    return decision === 'accepted' || decision === 'rejected' ? decision : undefined
  }

  close(): void {
    this.#map.unobserve(this.#onChange)
  }
}
