/** Stale-words says why a suggestion is out of date, and which suggestions are for the same words. */
import type { RivalView, StaleView } from '#client/session/views.ts'

/** The words that differ, between the words that both texts begin and end with. */
export interface Difference {
  before: string
  deleted: string
  inserted: string
  behind: string
}

/** "Ben changed the text meanwhile." */
export function staleWords({ kind, by, present }: StaleView): string {
  const who = by || 'Somebody'
  if (kind === 'accepted') return `${who} accepted another suggestion for these words.`
  return present === ''
    ? `${who} removed the text that this was written for.`
    : `${who} changed the text that this was written for.`
}

/** "Another suggestion is for the same words: Make shorter, asked by Ben." */
export function rivalWords(rivals: readonly RivalView[]): string {
  const names = rivals.map(({ title, by }) => `${title}, asked by ${by}`).join('; ')
  return rivals.length === 1
    ? `Another suggestion is for the same words: ${names}`
    : `${rivals.length} other suggestions are for the same words: ${names}`
}

export function differenceOf(original: string, present: string): Difference {
  const [old, now] = [wordsOf(original), wordsOf(present)]
  let front = 0
  while (front < Math.min(old.length, now.length) && old[front] === now[front]) front++
  let back = 0
  const most = Math.min(old.length, now.length) - front
  while (back < most && old.at(-1 - back) === now.at(-1 - back)) back++
  return {
    before: old.slice(0, front).join(''),
    deleted: old.slice(front, old.length - back).join(''),
    inserted: now.slice(front, now.length - back).join(''),
    behind: old.slice(old.length - back).join(''),
  }
}

/** "“100” became “10000”": the difference for those who hear it. */
export function differenceWords({ deleted, inserted }: Difference): string {
  const [old, now] = [deleted.trim(), inserted.trim()]
  if (old && now) return `“${old}” became “${now}”`
  if (now) return `“${now}” was added`
  return old ? `“${old}” was removed` : 'the same words stand there again'
}

/** Words with the spaces behind them; together they are the text. */
const wordsOf = (text: string): string[] => text.match(/\S+\s*|\s+/gu) ?? []
