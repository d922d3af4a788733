/** API first; bodies follow within the half hour. */
import type * as Y from 'yjs'
import type { CompleteChunk, Decision, OpenDecision, StoredChunk } from './types.ts'

export interface ListedSuggestion {
  suggestion: string
  chunks: {
    id: string
    n: number
    state: StoredChunk['state']
    inserted: string
    deleted: string
  }[]
}

export interface SuggestionsOptions {
  /** How long a decision can be taken back. Ten minutes unless said otherwise. */
  reopenMs?: number
}

export class Suggestions {
  readonly doc: Y.Doc

  constructor(doc: Y.Doc, _options: SuggestionsOptions = {}) {
    this.doc = doc
  }

  /** Takes over rows of the database: after the content was applied, before any write. */
  restore(_chunks: readonly StoredChunk[]): void {
    throw new Error('body follows')
  }

  /** Whole rows of the chunks that changed since the last call, to be committed with the updates. */
  takeChanges(): StoredChunk[] {
    throw new Error('body follows')
  }

  /** `repair` would have something to look at. */
  get dirty(): boolean {
    throw new Error('body follows')
  }

  /** Makes the flags in the texts touched since the last time show who owns what. */
  repair(_origin: unknown): void {
    throw new Error('body follows')
  }

  /** What people have decided and `settle` has not done yet, first come first; complete chunks only. */
  openDecisions(): OpenDecision[] {
    throw new Error('body follows')
  }

  /** Keys that came too late or name no chunk: to be deleted from the map by the room. */
  lateKeys(): string[] {
    throw new Error('body follows')
  }

  /** Decided chunks whose winner took the key back (or changed it), and that can still be reopened. */
  withdrawn(): string[] {
    throw new Error('body follows')
  }

  /** Settles undecided chunks in one transaction; others are left as they are. */
  settle(_chunks: readonly string[], _decision: Decision, _user: string, _origin: unknown): void {
    throw new Error('body follows')
  }

  /** Brings a settled chunk back as an open one; false where that is not possible any more. */
  reopen(_chunk: string, _origin: unknown): boolean {
    throw new Error('body follows')
  }

  /** Completes what a run that is no more left under way; for runs whose RunText is gone. */
  complete(_suggestion: string): CompleteChunk[] {
    throw new Error('body follows')
  }

  /** Undecided chunks of which something is left, by suggestion. */
  list(): ListedSuggestion[] {
    throw new Error('body follows')
  }

  destroy(): void {
    throw new Error('body follows')
  }
}
