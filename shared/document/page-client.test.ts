/** The Yjs clients of pages stand apart from those under which the room writes. */
import { expect, test, vi } from 'vitest'
import { ABOVE_LATE_CLIENTS, mayBeLateClientOf, newLateClient, newPageClient } from './shape.ts'

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

test('[U58] a client for late words tells whose they may be, and of 256 others takes about one for them', () => {
  const owners = Array.from({ length: 400 }, (_, n) => `user-${n * 7919}`)
  let mistaken = 0
  for (const owner of owners) {
    const client = newLateClient(owner)
    expect(client).toBeLessThan(ABOVE_LATE_CLIENTS)
    expect(mayBeLateClientOf(client, owner)).toBe(true)
    expect(mayBeLateClientOf(newPageClient(), owner)).toBe(false)
    mistaken += owners.filter((other) => other !== owner && mayBeLateClientOf(client, other)).length
  }
  expect(mistaken / owners.length ** 2).toBeLessThan(2 / 256)
})
