import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesOf, type Piece, type TextChange } from './text-diff.ts'

const piece = (words: string, key = 'a'): Piece => ({ key, words })

/** What the changes make of a text. */
function applied(text: string, changes: readonly TextChange[]): string {
  let result = text
  for (const { index, remove, insert } of changes.toReversed()) {
    result = result.slice(0, index) + insert + result.slice(index + remove)
  }
  return result
}

/** Few different letters, so that equal ones stand side by side. */
const letters = (length: { minLength?: number; maxLength: number }) =>
  fc.array(fc.constantFrom('a', 'b', ' ', '😀', '😁'), length).map((all) => all.join(''))

/** Places between whole characters. */
const placesIn = (text: string): number[] => {
  const places = [0]
  for (const character of text) places.push(places.at(-1)! + character.length)
  return places
}

test('[E1] what is typed is found exactly where it was typed, whatever stands beside it', () => {
  fc.assert(
    fc.property(
      letters({ maxLength: 12 }),
      letters({ minLength: 1, maxLength: 3 }),
      fc.nat(),
      (old, insert, n) => {
        const places = placesIn(old)
        const index = places[n % places.length]!
        const now = old.slice(0, index) + insert + old.slice(index)
        expect(changesOf([piece(old)], [piece(now)], index + insert.length)).toEqual([
          { index, remove: 0, insert },
        ])
      },
    ),
  )
})

test('[E1] the character that Backspace or Delete takes is the one beside the caret', () => {
  fc.assert(
    fc.property(letters({ minLength: 1, maxLength: 12 }), fc.nat(), (old, n) => {
      const places = placesIn(old)
      const at = n % (places.length - 1)
      const [index, end] = [places[at]!, places[at + 1]!]
      const now = old.slice(0, index) + old.slice(end)
      expect(changesOf([piece(old)], [piece(now)], index)).toEqual([
        { index, remove: end - index, insert: '' },
      ])
    }),
  )
})

test('[E1] a line that is joined to another comes whole behind the caret, also where both end alike', () => {
  const joined = (old: string, line: string) =>
    changesOf([piece(old)], [piece(old + line)], old.length)

  expect(joined('One ends.', 'So does two.')).toEqual([
    { index: 9, remove: 0, insert: 'So does two.' },
  ])
  fc.assert(
    fc.property(
      letters({ maxLength: 6 }),
      letters({ minLength: 7, maxLength: 12 }),
      (old, line) => {
        const index = old.length
        expect(joined(old, line)).toEqual([{ index, remove: 0, insert: line }])
      },
    ),
  )
})

test('[E1] what a command changes far from the caret is told by the text alone', () => {
  const now = 'One ends.So does two.'
  expect(changesOf([piece('One ends.')], [piece(now)], 3)).toEqual([
    { index: 9, remove: 0, insert: 'So does two.' },
  ])
})

const pieces = fc.array(
  fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), words: letters({ maxLength: 6 }) }),
  { maxLength: 5 },
)

test('[E2] the changes make the new text of any old one, apart from each other, and cut no character in two', () => {
  fc.assert(
    fc.property(
      pieces,
      pieces,
      fc.option(fc.nat(20), { nil: undefined }),
      (before, after, caret) => {
        const [old, now] = [before, after].map((all) => all.map(({ words }) => words).join('')) as [
          string,
          string,
        ]
        const changes = changesOf(before, after, caret)
        expect(applied(old, changes)).toBe(now)
        let end = -1
        for (const { index, remove, insert } of changes) {
          expect(index).toBeGreaterThan(end)
          end = index + remove
          for (const part of [old.slice(0, index), old.slice(index, end), insert]) {
            expect(part.isWellFormed()).toBe(true)
          }
        }
      },
    ),
  )
})

test.each([
  ['the marks of a format go, the word between them stays', 'so **bold** it', 'so bold it', 4],
  ['a word is put right', 'I recieve it', 'I receive it', 2],
])('[E2] of a text that changes in one go the better part stays: %s', (_, old, now, most) => {
  const changes = changesOf([piece(old)], [piece(now)], undefined)

  expect(applied(old, changes)).toBe(now)
  expect(changes.reduce((sum, { remove }) => sum + remove, 0)).toBeLessThanOrEqual(most)
})

test('[E2] of words that have little in common nothing is kept by chance', () => {
  expect(changesOf([piece('so tender')], [piece('so bright')], undefined)).toEqual([
    { index: 3, remove: 6, insert: 'bright' },
  ])
})

test('[E2] nodes that stay as they are are not looked into, however alike they are', () => {
  const before = [piece('la la', 'a'), piece('la la', 'b'), piece('la la', 'c')]
  const after = [piece('la la', 'a'), piece('la la', 'c')]

  expect(changesOf(before, after, undefined)).toEqual([{ index: 5, remove: 5, insert: '' }])
})

test('[S103] of two ways to keep as many characters the one is taken in which each keeps its flag', () => {
  const flagged = (words: string, key: string): Piece => ({ key, words, flag: 'ins:run.1' })
  const before = [piece('la xy', 'a'), flagged('q la', 'b'), piece('end', 'c')]

  expect(changesOf(before, [flagged('la', 'd'), piece('end', 'c')], undefined)).toEqual([
    { index: 0, remove: 7, insert: '' },
  ])
  expect(changesOf(before, [piece('la', 'd'), piece('end', 'c')], undefined)).toEqual([
    { index: 2, remove: 7, insert: '' },
  ])
  // Where flags would keep fewer, only the words count: a flag that is taken away is no new text.
  const [proposed] = [flagged('la', 'a')]
  expect(changesOf([proposed], [piece('lax', 'a')], 3)).toEqual([
    { index: 2, remove: 0, insert: 'x' },
  ])
})
