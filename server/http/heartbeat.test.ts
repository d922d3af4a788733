import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Heartbeat } from './heartbeat.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('[H116] ten thousand are asked once in a period each, and never many at once', () => {
  const heartbeat = new Heartbeat(15_000)
  const beats = new Map<object, number>()
  let now = 0
  let burst = 0
  for (let n = 0; n < 10_000; n++) {
    const one = {
      beat: () => {
        now++
        beats.set(one, (beats.get(one) ?? 0) + 1)
      },
    }
    heartbeat.add(one)
  }

  for (let ms = 0; ms < 60_000; ms += 250) {
    now = 0
    vi.advanceTimersByTime(250)
    burst = Math.max(burst, now)
  }

  expect(burst).toBeLessThan(200)
  expect(beats.size).toBe(10_000)
  for (const count of beats.values()) expect([2, 3, 4]).toContain(count)
})

test('[H116] one alone is asked once in a period, and when it is gone no timer is left', () => {
  const heartbeat = new Heartbeat(15_000)
  let beats = 0
  const one = {
    beat: () => {
      beats++
      if (beats === 3) heartbeat.delete(one)
    },
  }
  heartbeat.add(one)

  vi.advanceTimersByTime(46_000)
  expect(beats).toBe(3)
  vi.advanceTimersByTime(60_000)

  expect(beats).toBe(3)
  expect(vi.getTimerCount()).toBe(0)
})
