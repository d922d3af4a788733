import { expect, test } from 'vitest'
import { type ConnectionState, steady } from './connection.ts'

const saving = (since: number): ConnectionState => ({ kind: 'saving', since })
const SAVED: ConnectionState = { kind: 'saved' }

test('[V37] what the page says of saving does not flicker with every keystroke', () => {
  const before = saving(1_000)
  expect(steady(before, saving(1_400), 1_450)).toBe(before)
  expect(steady(before, SAVED, 1_100)).toBe(before)
  expect(steady(before, SAVED, 1_400)).toEqual(SAVED)
  expect(steady(before, saving(2_100), 2_150)).toEqual(saving(2_100))
})

test('[V38] “Saved” gives way at once, and everything but saving is told as it comes', () => {
  expect(steady(SAVED, saving(5), 5)).toEqual(saving(5))
  expect(steady(saving(5), { kind: 'frozen' }, 6)).toEqual({ kind: 'frozen' })
  expect(steady(SAVED, { kind: 'saved' }, 9)).toBe(SAVED)
})
