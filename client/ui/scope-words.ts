/** What the co-pilot would work on, in the words of the ask bar. */
import type { SelectionState } from '#client/editor/handle.ts'
import { unreachable } from '#shared/errors.ts'

export function scopeWords({
  kind,
  sentences,
}: Pick<SelectionState, 'kind' | 'sentences'>): string {
  switch (kind) {
    case 'none':
      return 'Whole document'
    case 'caret':
      return 'At the caret'
    case 'range':
      return sentences > 1 ? `${sentences} sentences selected` : '1 sentence selected'
    default:
      return unreachable(kind)
  }
}
