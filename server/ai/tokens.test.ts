import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atBest, timed } from '#server/testing/at-best.ts'
import { estimateTokens } from './tokens.ts'

/** Well-known counts of the o200k vocabulary. */
const KNOWN: [string, number][] = [
  ['The quick brown fox jumps over the lazy dog.', 10],
  ['Hello, world!', 4],
  ['hello world', 2],
  ['1234567890', 4],
  ['\n\n', 1],
]

test.each(KNOWN)('[A26] an estimate of %j is not below the count, nor far above', (text, count) => {
  expect(estimateTokens(text)).toBeGreaterThanOrEqual(count)
  expect(estimateTokens(text)).toBeLessThanOrEqual(count * 1.5 + 1)
})

test('[A26] scripts without spaces are not taken for one long word', () => {
  // A quarter of the letters, the usual rule, would be 4: this is about 11 to 16 tokens.
  expect(estimateTokens('我们今天讨论新的设计方案和时间表')).toBeGreaterThanOrEqual(11)
  expect(estimateTokens('Мы обсуждаем новый план')).toBeGreaterThanOrEqual(6)
  expect(estimateTokens('👩‍🚀')).toBeGreaterThanOrEqual(3)
})

test('[A26] nothing is nothing, anything is something, and more text is never fewer tokens', () => {
  expect(estimateTokens('')).toBe(0)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.string(), (text, more) => {
      expect(estimateTokens(text)).toBeGreaterThanOrEqual(1)
      expect(estimateTokens(`${text}\n${more}`)).toBeGreaterThanOrEqual(estimateTokens(text))
    }),
  )
})

test('[A26] a megabyte is estimated without delay', async () => {
  const took = await atBest(2_000, () =>
    timed(() => {
      estimateTokens('word and '.repeat(120_000))
      estimateTokens('好'.repeat(350_000))
      estimateTokens('-'.repeat(1_000_000))
    }),
  )

  expect(took).toBeLessThan(2_000)
})
