/** Stale-events makes the events that tell which chunks the text has left behind, or fits again. */
import type { StaleNews } from '#server/suggestions/meet/staleness.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import { chunkNumber, suggestionMap, suggestionOf } from '#shared/document/shape.ts'
import { eventOf, type NewEvent } from './lane-events.ts'
import { reasonOf } from './list-suggestions.ts'
import type { Names } from './names.ts'

/**
 * To be asked when the notes in the document are true, once for each write. What somebody did whose
 * name is not known yet is told with the next write, when it is.
 */
export function staleEvents(suggestions: Suggestions, names: Names): NewEvent[] {
  const isReady = ({ staleness }: StaleNews) =>
    staleness === null || staleness.by === null || names.knows(staleness.by)
  return suggestions.takeNews(isReady).map(({ chunk, staleness }) => {
    const suggestion = suggestionOf(chunk)
    return eventOf('suggestion.stale', {
      run: suggestionMap(suggestions.doc).get(suggestion)?.run ?? suggestion,
      at: Date.now(),
      suggestion,
      chunks: [chunkNumber(chunk)],
      reason: staleness && reasonOf(suggestions, chunk),
    })
  })
}
