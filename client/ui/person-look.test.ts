import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contrastOf, initials, inkOn, PERSON_COLORS } from './person-look.ts'

test('[V82] letters on a person’s colour can be read, whatever the colour', () => {
  const channel = fc.integer({ min: 0, max: 255 })
  fc.assert(
    fc.property(channel, channel, channel, (...rgb) => {
      const color = `#${rgb.map((value) => value.toString(16).padStart(2, '0')).join('')}`

      expect(contrastOf(inkOn(color), color)).toBeGreaterThanOrEqual(4.2)
    }),
  )
  for (const color of PERSON_COLORS) {
    expect(contrastOf('#ffffff', color), color).toBeGreaterThanOrEqual(4.5)
  }
})

test.each([
  ['Ada Lovelace', 'AL'],
  ['ada', 'A'],
  ['  Grace  Brewster Hopper ', 'GH'],
  ['𝒜da Lovelace', '𝒜L'],
  ['', '?'],
])('[V83] the name %j becomes the letters %j', (name, letters) => {
  expect(initials(name)).toBe(letters)
})
