/** The end of a run whose pen is gone: written by whoever finds it, once. */
import type { DocumentStore, RunRow } from '#server/store/document-store.ts'
import { progressWith, readProgress } from '#server/store/run-progress.ts'
import { cutIn, endBrokenOff } from '#server/suggestions/broken-off.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Usage } from '#shared/protocol/event.ts'
import { chunkEvents, outcomeOf, suggestionBy } from './lane-events.ts'
import { ORIGIN, type OwnWrites } from './own-writes.ts'
import { markEnded } from './run-pen.ts'
import type { RunEnd } from './run-writer.ts'

type WithoutUsage<T> = T extends unknown ? Omit<T, 'usage'> : never
export type RunBreak = WithoutUsage<Extract<RunEnd, { kind: 'stopped' | 'failed' }>>

interface Deps {
  store: Pick<DocumentStore, 'getRun'>
  suggestions: Suggestions
  writes: OwnWrites
}

/** True where this was its end; false where it had one. */
export async function interrupt(
  { store, suggestions, writes }: Deps,
  run: RunRow,
  end: RunBreak,
): Promise<boolean> {
  const { id, fence, tokens } = run
  // A refused change of the document costs the room, so it is tried where it can succeed only.
  const row = await store.getRun(id)
  const isLive = row?.status === 'queued' || row?.status === 'streaming'
  if (!isLive || row.fence !== fence) return false
  const usage: Usage = { input: 0, output: tokens, estimated: true }
  const { event, status, problem, set } = outcomeOf(id, { ...end, usage })
  const expired = end.kind === 'failed' && { expired: true }
  const answer = await writes.write(() => {
    const complete = endBrokenOff(suggestions, suggestionBy(run), ORIGIN)
    markEnded(suggestions, suggestionBy(run), status, problem)
    const progress = progressWith(readProgress(row.progress), cutIn(complete))
    return {
      actor: id,
      extras: () => ({
        chunks: suggestions.takeChanges(),
        events: [...chunkEvents(id, complete), event],
        run: {
          ...{ id, fence, from: ['queued', 'streaming'], leaseMs: 0, ...expired },
          set: { ...set, ...progress },
        },
      }),
    }
  })
  return typeof answer === 'object'
}
