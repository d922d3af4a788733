/** The pending suggestions as the contract lists them. */
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import { suggestionMap } from '#shared/document/shape.ts'
import type { SuggestionInfo } from '#shared/protocol/api.ts'

/** Oldest first. */
export function listSuggestions(suggestions: Suggestions): SuggestionInfo[] {
  const entries = suggestionMap(suggestions.doc)
  return suggestions
    .list()
    .map(({ suggestion, chunks }) => ({ suggestion, chunks, entry: entries.get(suggestion) }))
    .sort((a, b) => (a.entry?.createdAt ?? 0) - (b.entry?.createdAt ?? 0))
    .map(({ suggestion, chunks, entry }) => ({
      id: suggestion,
      run: entry?.run ?? null,
      author: { id: entry?.author ?? '', name: entry?.authorName ?? '' },
      command: entry?.command ?? '',
      title: entry?.title ?? '',
      chunks,
    }))
}
