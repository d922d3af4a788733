import fc from 'fast-check'
import { expect, test } from 'vitest'
import { certainEnds, sentences } from './sentences.ts'

const texts = (text: string) => sentences(text).map((sentence) => sentence.text)

test('[A30] a full stop inside an abbreviation, a number or a name ends no sentence', () => {
  expect(texts('Mr. Smith pays 3.5 euros, e.g. on Friday. He is happy!')).toEqual([
    'Mr. Smith pays 3.5 euros, e.g. on Friday.',
    'He is happy!',
  ])
  expect(texts('See Fig. 3 by J. R. Miller et al. in No. 7. Then stop.')).toEqual([
    'See Fig. 3 by J. R. Miller et al. in No. 7.',
    'Then stop.',
  ])
  expect(texts('1. First comes this. 2. Then that.')).toHaveLength(2)
  expect(texts('“Really?” she asked. “Yes.” He left.')).toEqual([
    '“Really?” she asked.',
    '“Yes.”',
    'He left.',
  ])
  expect(texts('I said no. Then I left.')).toHaveLength(2)
  expect(texts('これは文です。次の文です。')).toEqual(['これは文です。', '次の文です。'])
})

test('[A30] sentences cover every character that is not a space', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 120 }), (text) => {
      const found = sentences(text)

      expect(found.map((sentence) => text.slice(sentence.from, sentence.to))).toEqual(
        found.map((sentence) => sentence.text),
      )
      const bare = (value: string) => value.replace(/\s/gu, '')
      expect(bare(found.map((sentence) => sentence.text).join(''))).toBe(bare(text))
    }),
  )
})

test('[A31] a sentence end once told as certain is never taken back by what follows', () => {
  const word = fc.constantFrom(
    'the',
    'The',
    'Mr.',
    'e.g.',
    '3.5',
    'end.',
    'so!',
    'Why?',
    '“Yes.”',
    'he',
    'B.',
    '7.',
    'No.',
    '(see',
    'it.)',
    'etc.',
    '2026',
    '日本。',
    'und',
    'z. B.',
    '\n',
    '...',
    'A',
  )
  fc.assert(
    fc.property(fc.array(word, { maxLength: 25 }), (words) => {
      const text = words.join(' ')
      let told: number[] = []
      for (let length = 1; length <= text.length; length++) {
        const now = certainEnds(text.slice(0, length))
        expect(now.slice(0, told.length)).toEqual(told)
        told = now
      }
    }),
  )
})
