/** ChangeWords says a chunk's change in a sentence, for the names of its line and its buttons. */
import type { ChangePart } from '#client/session/changes/change-parts.ts'

/** One change: something struck, something written, or the one in place of the other. */
export interface Change {
  deleted: string
  inserted: string
  /** Words that stay stand between the change before and this one. */
  apart: boolean
}

/** Pairs what is struck with what is written in its place. */
export function changesOf(parts: readonly ChangePart[]): Change[] {
  const changes: Change[] = []
  let last: ChangePart['op'] | undefined
  for (const { op, text, apart } of parts) {
    const change = changes.at(-1)
    if (change && !apart && op === 'ins' && last === 'del') change.inserted = text
    else
      changes.push({
        deleted: op === 'del' ? text : '',
        inserted: op === 'ins' ? text : '',
        apart: changes.length > 0,
      })
    last = op
  }
  return changes.map(({ deleted, inserted, apart }) => ({
    deleted: deleted.trim(),
    inserted: inserted.trim(),
    apart,
  }))
}

/** "replace Their by There; delete and". Of a sentence that is only added: its words alone. */
export function changeWords(parts: readonly ChangePart[]): string {
  const changes = changesOf(parts)
  const [only] = changes
  if (changes.length === 1 && only?.deleted === '') return only.inserted
  return changes.map(wordsOf).join('; ')
}

function wordsOf({ deleted, inserted }: Change): string {
  if (deleted === '') return inserted === '' ? 'insert a space' : `insert ${inserted}`
  if (inserted === '') return `delete ${deleted}`
  return deleted === inserted
    ? `change the format of ${deleted}`
    : `replace ${deleted} by ${inserted}`
}
