import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DiffOp, diffWords } from './word-diff.ts'

function show(old: string, ops: readonly DiffOp[]): string {
  return ops
    .map((op) => {
      if (op.kind === 'insert') return `{+${op.text}}`
      const text = old.slice(op.from, op.to)
      return op.kind === 'keep' ? text : `[-${text}]`
    })
    .join('')
}

test('[A36] a corrected sentence keeps its equal words', () => {
  const old = 'I definately agree with the the plan.'
  const shown = show(old, diffWords(old, 'I definitely agree with the plan.'))

  expect(shown).toContain('I [-definately]{+definitely} agree with')
  expect(shown.match(/\[-/g)!.length).toBeLessThanOrEqual(2)
})

const words = fc
  .array(
    fc.constantFrom('the', 'a', 'plan', 'is', 'small', ',', '.', 'don’t', '日本', '😀', '  '),
    {
      maxLength: 30,
    },
  )
  .map((list) => list.join(' '))

test('[A36] a diff makes exactly the new text out of the old, in order and in whole words', () => {
  fc.assert(
    fc.property(words, words, (old, text) => {
      let at = 0
      let made = ''
      for (const op of diffWords(old, text)) {
        if (op.kind === 'insert') made += op.text
        else {
          expect(op.from).toBe(at)
          at = op.to
          if (op.kind === 'keep') made += old.slice(op.from, op.to)
          expect(`${old[op.to - 1]}${old[op.to] ?? ' '}`).not.toMatch(/^[a-z]{2}$/)
        }
      }

      expect(at).toBe(old.length)
      expect(made).toBe(text)
    }),
  )
})

test('[A36] texts of a book’s length are replaced as a whole, not compared word by word', () => {
  const long = (word: string) => `same ${`${word} `.repeat(20_000)}end`

  expect(show(long('a'), diffWords(long('a'), long('b')))).toMatch(/^same \[-a .*\]\{\+b .*\} end$/)
})
