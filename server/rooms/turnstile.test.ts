import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Turnstile } from './turnstile.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

const settle = () => vi.advanceTimersByTimeAsync(0)

test('[H114] after a restart rooms open in the order of asking: so many at once, so many a second', async () => {
  const turnstile = new Turnstile({ atOnce: 2, perSecond: 10, waitMs: 5_000 })
  const entered: number[] = []
  const inside: (() => void)[] = []
  const open = (n: number) =>
    turnstile.pass(() => {
      entered.push(n)
      return new Promise<void>((resolve) => inside.push(resolve))
    })
  const all = Array.from({ length: 6 }, (_, n) => open(n))
  await settle()
  expect(entered).toEqual([0, 1])

  inside.splice(0).map((leave) => leave())
  await settle()
  expect(entered).toEqual([0, 1, 2])

  for (let n = 0; n < 10; n++) {
    inside.splice(0).map((leave) => leave())
    await vi.advanceTimersByTimeAsync(50)
  }
  expect(entered).toEqual([0, 1, 2, 3, 4, 5])
  await Promise.all(all)
})

test('[H115] who would wait longer than one may is told at once, with the time to come back', async () => {
  const turnstile = new Turnstile({ atOnce: 1, perSecond: 10, waitMs: 2_000 })
  const stuck = () => new Promise<void>(() => undefined)
  const told: number[] = []
  for (let n = 0; n < 23; n++) {
    turnstile.pass(stuck).catch(({ code, retryAfterS }) => {
      expect(code).toBe('unavailable')
      told.push(retryAfterS)
    })
  }
  await settle()
  expect(told).toEqual([3])

  await vi.advanceTimersByTimeAsync(2_000)
  expect(told).toHaveLength(22) // what is inside hangs; nobody hangs with it
})

test('[H114] one that fails makes way like one that does not', async () => {
  const turnstile = new Turnstile({ atOnce: 1, perSecond: 1_000, waitMs: 1_000 })
  const failing = turnstile.pass(() => Promise.reject(new Error('no such room')))
  const next = turnstile.pass(async () => 'open')

  await expect(failing).rejects.toThrow('no such room')
  await vi.advanceTimersByTimeAsync(10)
  expect(await next).toBe('open')
})
