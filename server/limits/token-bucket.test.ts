import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

function bucket(ratePerSecond: number, burst: number) {
  let now = 1_000
  return {
    bucket: new TokenBucket({ ratePerSecond, burst, now: () => now }),
    pass: (ms: number) => {
      now += ms
    },
  }
}

test('[W40] a burst goes through at once, one beyond it does not', () => {
  const { bucket: messages } = bucket(100, 300)

  for (let n = 0; n < 300; n++) expect(messages.take()).toBe(true)
  expect(messages.take()).toBe(false)
})

test('[W41] tokens come back at the rate, and never beyond the burst', () => {
  const { bucket: messages, pass } = bucket(100, 300)
  messages.take(300)

  pass(9)
  expect(messages.take()).toBe(false)
  pass(1)
  expect(messages.take()).toBe(true)
  pass(3_600_000)
  expect(messages.take(301)).toBe(false)
  expect(messages.take(300)).toBe(true)
})

test('[W42] a refused take costs nothing', () => {
  const { bucket: bytes } = bucket(10, 100)

  expect(bytes.take(101)).toBe(false)
  expect(bytes.take(100)).toBe(true)
})

test('[W43] the wait it tells is enough, and not a millisecond too long', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1_000 }),
      fc.integer({ min: 1, max: 1_000 }),
      fc.nat(1_000),
      (rate, burst, wanted) => {
        const { bucket: tokens, pass } = bucket(rate, burst)
        tokens.take(burst)
        const n = Math.max(1, wanted % (burst + 1))
        const wait = tokens.waitMs(n)

        if (wait > 1) {
          pass(wait - 1.001)
          expect(tokens.waitMs(n)).toBeGreaterThan(0)
          pass(1.002)
        } else pass(wait + 0.001)

        expect(tokens.take(n)).toBe(true)
      },
    ),
  )
})

test('[W44] what will never fit is waited for in vain', () => {
  const { bucket: tokens } = bucket(10, 10)

  expect(tokens.waitMs(10)).toBe(0)
  expect(tokens.waitMs(11)).toBe(Number.POSITIVE_INFINITY)
})

test('[H30] what may not be refused is spent on credit, and paid off before the next', () => {
  const { bucket: bytes, pass } = bucket(100, 300)

  expect(bytes.spend(300)).toBe(0)
  expect(bytes.spend(50)).toBe(500)
  pass(250)
  expect(bytes.spend(0)).toBe(250)
  expect(bytes.take(1)).toBe(false)
  pass(260)
  expect(bytes.take(1)).toBe(true)
})
