/** ListUndecided tells what is left to decide of a document's suggestions, for whoever lists them. */
import { chunkNumber, suggestionOf } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'
import type { ListedSuggestion } from './types.ts'

/** Undecided chunks of which something is left, by suggestion. */
export function listUndecided(book: ChunkBook): ListedSuggestion[] {
  const suggestions = new Map<string, ListedSuggestion>()
  for (const chunk of book.undecided()) {
    const { id, state } = chunk
    const isStale = state === 'stale'
    if (isStale ? book.isWithdrawn(chunk) : book.isEmpty(chunk)) continue
    const suggestion = suggestionOf(id)
    const listed = suggestions.get(suggestion) ?? { suggestion, chunks: [] }
    suggestions.set(suggestion, listed)
    const inserted = book.textOf(chunk, 'ins')
    const deleted = isStale ? '' : book.textOf(chunk, 'del')
    listed.chunks.push({ id, n: chunkNumber(id), state, inserted, deleted })
  }
  for (const { chunks } of suggestions.values()) chunks.sort((a, b) => a.n - b.n)
  return [...suggestions.values()]
}
