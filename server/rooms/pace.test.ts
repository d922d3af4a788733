import { expect, test } from 'vitest'
import { Pace } from './pace.ts'

/** When each of the key strokes, which come at these times, is in a transaction that starts. */
function starts(strokes: readonly number[], pace: Pace): number[] {
  const started: number[] = []
  for (const at of strokes) {
    if ((started.at(-1) ?? -1) >= at) continue // it goes along
    const start = at + pace.wait(at)
    pace.started(start)
    started.push(start)
  }
  return started
}

const every = (ms: number, count: number) => Array.from({ length: count }, (_, n) => n * ms)

test('[R90] where people type in one room, no key stroke waits for another', () => {
  const strokes = every(20, 100)
  expect(starts(strokes, new Pace(5))).toEqual(strokes)
})

test('[R91] under load transactions start five milliseconds apart, and no key stroke waits longer', () => {
  const started = starts(every(1, 1000), new Pace(5))
  expect(started.length).toBeLessThan(230)
  const gaps = started.slice(1).map((at, n) => at - started[n]!)
  expect(Math.max(...gaps)).toBeLessThanOrEqual(6)
})

test('[R90] after a burst the next key stroke does not wait', () => {
  const pace = new Pace(5)
  starts(every(1, 200), pace)
  expect(pace.wait(300)).toBe(0)
})
