/** What is cut and pasted back, and then undone, while others type in it, is as its people meant. */
import { expect, test } from 'vitest'
import { replay } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben] = [0, 1]
const ALL = { from: 0, length: 9999 }

const block = (words: string) => `[paragraph "${words}"]`

test.each([
  ['First para words.', 'First para bo words.'],
  ['one two three', 'one 2 two three'],
  ['A line\n\nand another one', 'A line\n\nand one more, another one'],
])('[U50] undo of what was cut and pasted back leaves its words in their order: `%s`', (text, pasted) => {
  const steps: Step[] = [
    { who: ben, do: 'type', at: text.length, text: 'x' },
    { who: ada, do: 'erase', ...ALL },
    { who: ada, do: 'paste', at: 0, lines: pasted.split('\n\n') },
    { who: ada, do: 'undo' },
    { do: 'quiet' },
  ]
  const found = replay(text, 2, steps, { calm: false })

  expect(found.broke).toEqual([])
  // The letter that came too late stands at the end, or is proposed.
  expect(found.page?.replace('x', '')).toContain(text.split('\n\n').map(block).join(' | '))
})
