import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type DiffOp, WordDiff } from './word-diff.ts'

function diff(old: string, text: string, size: number): DiffOp[] {
  const diff = new WordDiff(old)
  const ops: DiffOp[] = []
  for (let at = 0; at < text.length; at += size) ops.push(...diff.push(text.slice(at, at + size)))
  return [...ops, ...diff.end()]
}

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
  const shown = show(old, diff(old, 'I definitely agree with the plan.', 5))

  expect(shown).toContain('I {+definitely }[-definately ]agree with')
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
    fc.property(words, words, fc.integer({ min: 1, max: 9 }), (old, text, size) => {
      let at = 0
      let made = ''
      for (const op of diff(old, text, size)) {
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
