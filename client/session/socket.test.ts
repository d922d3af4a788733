import { expect, test } from 'vitest'
import { backOff } from './socket.ts'

test('[V6] one comes back after half a second at first, ten at last, and not all at once', () => {
  for (let failures = 0; failures < 40; failures++) {
    for (const random of [0, 0.5, 0.999]) {
      expect(backOff(failures, random)).toBeGreaterThanOrEqual(500)
      expect(backOff(failures, random)).toBeLessThanOrEqual(10_000)
    }
  }
  expect(backOff(0, 0)).toBe(1_000)
  expect(backOff(9, 0)).toBe(10_000)
  expect(new Set([0.1, 0.2, 0.3].map((random) => backOff(3, random))).size).toBe(3)
})
