/**
 * How a text would go on if it says again what it has said before. Silent unless the same words
 * went on in the same way at least twice: it repeats, it does not invent.
 */

const LONGEST = 5
const SHORTEST = 2
const MOST_WORDS = 24
const TOKENS = /[\p{L}\p{N}'’-]+|[.,;:!?]|\n/gu

const tokensOf = (text: string): string[] => text.match(TOKENS) ?? []
const keyOf = (tokens: readonly string[]): string => tokens.join('\u0001').toLowerCase()

/** The next words, up to the end of the sentence; empty when unsure. */
export function completePhrase(before: string, corpus: string): string {
  const table = continuations(tokensOf(corpus))
  const context = tokensOf(before).slice(-LONGEST)
  const written: string[] = []
  while (written.length < MOST_WORDS) {
    const next = surest(table, context)
    if (next === undefined || next === '\n') break
    written.push(next)
    context.push(next)
    if (/[.!?]/.test(next)) break
  }
  return written.join(' ').replace(/ ([.,;:!?])/g, '$1')
}

function continuations(tokens: readonly string[]): Map<string, Map<string, number>> {
  const table = new Map<string, Map<string, number>>()
  for (let size = SHORTEST; size <= LONGEST; size++)
    for (let at = size; at < tokens.length; at++) {
      const key = keyOf(tokens.slice(at - size, at))
      const seen = table.get(key) ?? new Map<string, number>()
      seen.set(tokens[at]!, (seen.get(tokens[at]!) ?? 0) + 1)
      table.set(key, seen)
    }
  return table
}

/** What followed the longest known context more often than all else together. */
function surest(
  table: ReadonlyMap<string, ReadonlyMap<string, number>>,
  context: readonly string[],
): string | undefined {
  for (let size = LONGEST; size >= SHORTEST; size--) {
    if (context.length < size) continue
    const seen = table.get(keyOf(context.slice(-size)))
    if (!seen) continue
    const total = [...seen.values()].reduce((sum, times) => sum + times, 0)
    const [word, times] = [...seen].sort((a, b) => b[1] - a[1])[0]!
    if (times >= 2 && times / total > 0.5) return word
  }
  return undefined
}
