import { expect, test } from 'vitest'
import { FAULTS } from './faults.ts'

test.each(Object.entries(FAULTS))('[A25] %s is told in short plain sentences', (_, meaning) => {
  expect(meaning.message).toMatch(/^[A-Z][^!]*\.$/)
  expect(meaning.message.length).toBeLessThan(140)
  expect(meaning.message).not.toMatch(/oops|sorry|error|HTTP|status|\d/i)
  // What happened, what is safe, what to do.
  expect(meaning.message.match(/\. |\.$/g)).toHaveLength(3)
})

test('[A25] what is tried again by itself may also be continued by hand', () => {
  const retried = Object.values(FAULTS).filter(({ retryable }) => retryable)

  expect(retried.length).toBeGreaterThan(5)
  expect(retried.every(({ continuable }) => continuable)).toBe(true)
})
