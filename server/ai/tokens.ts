/**
 * A cheap estimate of how many tokens a text is, for reservations and for providers that tell no
 * usage. It would rather say too many than too few, in every script; a vocabulary of a model's
 * own would cost tens of megabytes and fit that model alone.
 */

/** What one character, or one run, of a kind comes to. Ordered: the first that matches counts. */
const KINDS: { pattern: string; tokens: (run: string) => number }[] = [
  // Common words are one token, with the space before them; rare and long ones are cut up.
  { pattern: '[A-Za-z]+', tokens: ({ length }) => 1 + Math.max(0, Math.ceil((length - 8) / 4)) },
  {
    pattern: '[\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}]+',
    tokens: perCharacter(1),
  },
  // Words with accents and words of other alphabets, with their combining marks.
  { pattern: '[\\p{L}\\p{M}]+', tokens: perCharacter(0.5) },
  { pattern: '\\p{N}+', tokens: perCharacter(1 / 3) },
  { pattern: '\\n+', tokens: () => 1 },
  { pattern: '\\s+', tokens: ({ length }) => (length > 1 ? 1 : 0) },
  { pattern: '[!-/:-@\\[-`{-~]+', tokens: perCharacter(0.6) },
  // Emoji, box drawing, rare symbols: written as bytes, two or three tokens each.
  { pattern: '[^]', tokens: () => 3 },
]

const RUNS = new RegExp(KINDS.map(({ pattern }) => `(${pattern})`).join('|'), 'gu')

/** Zero for an empty text, at least one for any other. */
export function estimateTokens(text: string): number {
  let tokens = 0
  for (const match of text.matchAll(RUNS)) {
    const kind = match.findIndex((group, index) => index > 0 && group !== undefined) - 1
    tokens += KINDS[kind]?.tokens(match[0]) ?? 0
  }
  return text === '' ? 0 : Math.max(1, Math.ceil(tokens))
}

function perCharacter(tokens: number): (run: string) => number {
  return (run) => Math.ceil(Array.from(run).length * tokens)
}
