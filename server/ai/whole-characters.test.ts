import fc from 'fast-check'
import { expect, test } from 'vitest'
import { WholeCharacters } from './whole-characters.ts'

test('[A20] a character cut in two by its tokens comes out whole, wherever the cuts are', () => {
  const cuts = fc.array(fc.nat(40), { maxLength: 12 })
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), cuts, (text, places) => {
      const characters = new WholeCharacters()
      const ordered = [0, ...places.toSorted((a, b) => a - b), text.length]

      const given = ordered.map((at, n) => characters.push(text.slice(at, ordered[n + 1] ?? at)))

      expect(given.every((part) => part.isWellFormed())).toBe(true)
      expect(given.join('') + characters.rest()).toBe(text)
    }),
  )
})

test('[A20] half a character alone becomes a replacement character', () => {
  const characters = new WholeCharacters()

  expect(characters.push('a\udc00b\ud83d')).toBe('a\ufffdb')
  expect(characters.push('c\ud83d')).toBe('\ufffdc')
  expect(characters.rest()).toBe('\ufffd')
})
