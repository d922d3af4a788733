/**
 * Abandoned ends suggestions that say of themselves that they are being written though their run is
 * over, or was never heard of here: a server of an older version died in it, or the document came
 * from a backup. Until then nothing of such a suggestion could be decided.
 */
import { chunkEvents } from '#server/rooms/lane-events.ts'
import { ORIGIN, type OwnWrites, ROOM } from '#server/rooms/own-writes.ts'
import { markEnded } from '#server/rooms/run-pen.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import { endBrokenOff } from '#server/suggestions/broken-off.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import { suggestionMap } from '#shared/document/shape.ts'

const PROBLEM = 'Interrupted: the server that wrote it stopped. What was written is kept.'

export interface AbandonedDeps {
  store: Pick<DocumentStore, 'getRun'>
  suggestions: Suggestions
  writes: OwnWrites
  /** Acts with all that other instances have written, while none of them settles anything. */
  alone<T>(act: () => Promise<T>): Promise<T>
}

/** To be called once when a document is opened. */
export async function endAbandoned(deps: AbandonedDeps): Promise<void> {
  const claimed = streaming(deps.suggestions)
  const over = claimed.length > 0 ? await overOf(claimed, deps) : []
  if (over.length > 0) await deps.alone(() => endAll(over, deps))
}

interface Claim {
  suggestion: string
  run: string | null
}

/** Suggestions that say that a run writes them, with that run. */
function streaming({ doc }: Suggestions): Claim[] {
  return [...suggestionMap(doc)].flatMap(([suggestion, { status, run }]) =>
    status === 'streaming' ? [{ suggestion, run }] : [],
  )
}

/** Those whose run is not at work. A run whose lease has expired is the sweeper's to end. */
async function overOf(claimed: readonly Claim[], { store }: AbandonedDeps): Promise<Claim[]> {
  const rows = await Promise.all(
    claimed.map(({ suggestion, run }) => store.getRun(run ?? suggestion)),
  )
  return claimed.filter((_, n) => !rows[n] || rows[n].endedAt !== null)
}

/** A run ends in its row and in its suggestion at once: who says otherwise by now never will. */
async function endAll(over: readonly Claim[], { suggestions, writes }: AbandonedDeps) {
  await writes.write(() => {
    const still = new Map(streaming(suggestions).map(({ suggestion, run }) => [suggestion, run]))
    const left = over.filter(({ suggestion, run }) => still.get(suggestion) === run)
    if (left.length === 0) return undefined
    const events = left.flatMap(({ suggestion, run }) => {
      const complete = endBrokenOff(suggestions, suggestion, ORIGIN)
      markEnded(suggestions, suggestion, 'interrupted', PROBLEM)
      return chunkEvents(run ?? suggestion, complete)
    })
    return { actor: ROOM, extras: () => ({ chunks: suggestions.takeChanges(), events }) }
  })
}
