/** ChangeWords says a chunk's change in a sentence, for the names of its line and its buttons. */
import type { ChangePart } from '#client/session/changes/change-parts.ts'

/** One change: something struck, something written, or the one in place of the other. */
export interface Change {
  deleted: string
  inserted: string
  /** Words that stay stand between the change before and this one. */
  apart: boolean
  /** Those words and the spaces around them, where they are few. */
  between?: string
}

/** Pairs what is struck with what is written in its place. */
export function changesOf(parts: readonly ChangePart[]): Change[] {
  const changes: Change[] = []
  let last: ChangePart | undefined
  for (const part of parts) {
    const { op, text, apart, kept } = part
    const change = changes.at(-1)
    if (change && !apart && op === 'ins' && last?.op === 'del') change.inserted = text
    else {
      const between = kept === undefined ? {} : { between: `${spaceBehind(last)}${kept}` }
      changes.push({ ...NOTHING, [WORDS[op]]: text, apart, ...between })
    }
    last = part
  }
  return changes.map(trimmed)
}

const NOTHING = { deleted: '', inserted: '' }
const WORDS = { del: 'deleted', ins: 'inserted' } as const
const spaceBehind = (part: ChangePart | undefined) => /\s*$/.exec(part?.text ?? '')?.[0] ?? ''

/** The spaces at a change's ends belong to what stands between it and its neighbours. */
function trimmed({ deleted, inserted, between, ...change }: Change): Change {
  const first = deleted || inserted
  const spaced = between === undefined ? {} : { between: between + (/^\s*/.exec(first)?.[0] ?? '') }
  return { ...change, deleted: deleted.trim(), inserted: inserted.trim(), ...spaced }
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
