import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LIMITS } from '#shared/protocol/limits.ts'
import { Paced } from './paced.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('[M24] many messages go in their order and no faster than the server takes them', () => {
  const paced = new Paced(() => Date.now())
  const begin = Date.now()
  const went: { n: number; at: number }[] = []
  const send = (n: number) => paced.send(() => went.push({ n, at: Date.now() - begin }))
  for (let n = 0; n < 1_000; n++) send(n)
  vi.advanceTimersByTime(5_000)
  for (let n = 1_000; n < 1_100; n++) send(n)
  vi.advanceTimersByTime(20_000)

  expect(went.map(({ n }) => n)).toEqual(Array.from({ length: 1_100 }, (_, n) => n))
  for (const [n, { at }] of went.entries()) {
    const may = LIMITS.messagesBurst + (at / 1_000) * LIMITS.messagesPerSecond
    expect(n + 1).toBeLessThanOrEqual(may)
  }
  expect(went[149]?.at).toBe(0)
  expect(went.at(-1)?.at).toBeLessThan(15_000)
})

test('[M24] what waits when the connection goes is not sent on it', () => {
  const paced = new Paced(() => Date.now())
  let went = 0
  for (let n = 0; n < 500; n++) paced.send(() => went++)
  const before = went
  paced.close()
  vi.advanceTimersByTime(60_000)
  expect(went).toBe(before)
})
