import fc from 'fast-check'
import { expect, test } from 'vitest'
import { thinned } from './trimming.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A month of compactions: minutes between one and the next. */
const gaps = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 300 })

const historyOf = (minutes: readonly number[]) => {
  let at = 1_700_000_000_000
  return minutes.map((minute, n) => {
    at += minute * MINUTE_MS
    return { seq: n + 1, at }
  })
}

test('[D131] thinned snapshots are few, their newest stays, and every day keeps its last', () => {
  const seed = Date.now()
  fc.assert(
    fc.property(gaps, (minutes) => {
      const all = historyOf(minutes)
      const going = new Set(thinned(all))
      const kept = all.filter(({ seq }) => !going.has(seq))
      const newest = all.at(-1)!
      const old = kept.filter(({ at }) => newest.at - at > HOUR_MS)
      const days = new Set(all.map(({ at }) => Math.floor(at / DAY_MS)))

      expect(kept.at(-1)).toEqual(newest)
      expect(all.filter(({ at }) => newest.at - at <= HOUR_MS)).toEqual(kept.slice(old.length))
      expect(old.length).toBeLessThanOrEqual(days.size + 26)
      for (const day of days) {
        const last = all.findLast(({ at }) => Math.floor(at / DAY_MS) === day)!
        expect(kept).toContainEqual(last)
      }
      expect(thinned(kept)).toEqual([])
    }),
    { seed, numRuns: 300 },
  )
})
