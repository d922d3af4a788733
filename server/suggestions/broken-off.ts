/**
 * Broken-off ends what a run left under way: an edit's half is taken back, since half a replacement
 * is none; any other text is completed as it stands. Whoever goes on with the run takes that back.
 */
import type { Suggestions } from './suggestions.ts'
import type { CompleteChunk, StoredChunk } from './types.ts'

/** For runs whose RunText is gone. */
export function endBrokenOff(
  suggestions: Suggestions,
  suggestion: string,
  origin: unknown,
): CompleteChunk[] {
  const { book, doc } = suggestions
  const complete: CompleteChunk[] = []
  doc.transact(() => {
    for (const chunk of book.of(suggestion).filter(isUnderWay)) {
      if (chunk.kind === 'edit') suggestions.takeBack(chunk)
      else complete.push(book.complete(chunk))
    }
    suggestions.repair(origin)
  }, origin)
  return complete
}

const isUnderWay = ({ state, original }: StoredChunk): boolean =>
  state === 'writing' || (state === 'stale' && !original?.struck)

/** The chunk that was under way when a run broke off, where it is not a whole sentence. */
export const cutIn = (complete: readonly CompleteChunk[]): string | null =>
  complete.findLast(({ kind, text }) => kind !== 'none' && kind !== 'edit' && !isWhole(kind, text))
    ?.id ?? null

const isWhole = (kind: CompleteChunk['kind'], text: string): boolean =>
  kind === 'sentence' && /[.!?…。！？][\p{Pe}\p{Pf}"'’*_]*\s*$/u.test(text)
