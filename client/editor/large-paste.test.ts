import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parts } from './large-paste.ts'

test('[V36] a large paste loses nothing, and no part of it is too large to send', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.nat(180_000).map((length) => 'word and '.repeat(length / 9)),
    fc.nat(120_000).map((length) => 'x'.repeat(length)),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
      const text = lines.map((one) => one.replaceAll(/[\r\n]/g, ' ')).join('\n')
      const all = parts(text)
      expect(all.flat().join('')).toBe(text.replaceAll('\n', ''))
      for (const part of all) {
        for (const paragraph of part) expect(paragraph.length).toBeLessThanOrEqual(50_000)
        expect(part.join('').length).toBeLessThanOrEqual(100_000)
      }
    }),
    { numRuns: 40 },
  )
})
