/** List-suggestions makes the list of pending suggestions that the contract has. */
import { ownsBy } from '#server/suggestions/owns.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import { presentText, textOfParts } from '#shared/document/present-text.ts'
import { noteOf, suggestionMap } from '#shared/document/shape.ts'
import type { SuggestionInfo } from '#shared/protocol/api.ts'
import type { StaleReason } from '#shared/protocol/event.ts'

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
      chunks: chunks.map((chunk) => ({
        ...chunk,
        reason: chunk.state === 'stale' ? reasonOf(suggestions, chunk.id) : null,
        rivals: noteOf(suggestions.doc, chunk.id)?.rivals ?? [],
      })),
    }))
}

/** Why a chunk is stale, with the text as it is now; null where nothing is noted of it. */
export function reasonOf(suggestions: Suggestions, chunk: string): StaleReason | null {
  const note = noteOf(suggestions.doc, chunk)?.stale
  if (!note) return null
  const { kind, by, original, proposal } = note
  const present = textOfParts(presentText(suggestions.doc, note, ownsBy(suggestions, 'without')))
  return { kind, by, original, proposal, present }
}
