import { expect, test } from 'vitest'
import { goneWords } from './when-words.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

test('[V205] how long a deleted document is kept is told in whole days, then hours, and rather too short than too long', () => {
  const told: [number, string][] = [
    [30 * DAY - 2_000, 'in 30 days'],
    [30 * DAY + 60_000, 'in 30 days'],
    [2 * DAY - HOUR, 'in 1 day'],
    [DAY - HOUR, 'in 23 hours'],
    [HOUR, 'in 1 hour'],
    [HOUR / 2, 'within the hour'],
    [-DAY, 'within the hour'],
  ]
  for (const [left, words] of told) {
    expect(goneWords(5 * DAY + left, 5 * DAY)).toBe(`Gone for good ${words}`)
  }
})
