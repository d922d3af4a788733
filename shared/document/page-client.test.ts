/** The Yjs clients of pages stand apart from those under which the room writes. */
import { expect, test, vi } from 'vitest'
import { ABOVE_LATE_CLIENTS, newPageClient } from './shape.ts'

test.each([
  0,
  0.5,
  1 - Number.EPSILON,
])('[M44] a page takes a client above the room’s, in 32 bits (chance %d)', (chance) => {
  const random = vi.spyOn(Math, 'random').mockReturnValue(chance)
  const client = newPageClient()
  random.mockRestore()
  expect(client).toBeGreaterThanOrEqual(ABOVE_LATE_CLIENTS)
  expect(client).toBeLessThan(2 ** 32)
  expect(Number.isInteger(client)).toBe(true)
})
