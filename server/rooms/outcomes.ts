/** What became of chunks, and the events that tell everybody. */
import type * as Y from 'yjs'
import { chunkNumber, suggestionMap, suggestionOf } from '#shared/document/shape.ts'
import { eventOf, type NewEvent } from './lane-events.ts'

export interface Outcome {
  chunk: string
  decision: 'accepted' | 'rejected' | 'reopened'
  by: string
}

/** One event for all chunks of a suggestion that one person decided alike. */
export function decidedEvents(
  doc: Y.Doc,
  outcomes: readonly Outcome[],
  nameOf: (user: string) => string,
): NewEvent[] {
  const groups = Map.groupBy(
    outcomes,
    ({ chunk, decision, by }) => `${suggestionOf(chunk)} ${decision} ${by}`,
  )
  return [...groups.values()].map((group) => {
    const { chunk, decision, by } = group[0]!
    const suggestion = suggestionOf(chunk)
    return eventOf('suggestion.decided', {
      run: suggestionMap(doc).get(suggestion)?.run ?? suggestion,
      at: Date.now(),
      suggestion,
      chunks: group.map((outcome) => chunkNumber(outcome.chunk)),
      decision,
      by: { id: by, name: nameOf(by) },
    })
  })
}
