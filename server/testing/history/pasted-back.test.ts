/** What is cut and pasted back, and then undone, while others type in it, is as its people meant. */
import { expect, test } from 'vitest'
import { replay } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben] = [0, 1]
const carry = (who: number, up: number, down: number): Step => ({ who, do: 'carry', up, down })
const ALL = { from: 0, length: 9999 }

const block = (words: string) => `[paragraph "${words}"]`

test.each([
  ['First para words.', 'First para bo words.'],
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

test('[U51] words typed on behind what is proposed because its place went stay in their order', () => {
  const steps: Step[] = [
    { who: ben, do: 'type', at: 21, text: ' C' },
    carry(ben, 9, 9),
    { who: ada, do: 'erase', ...ALL },
    { who: ben, do: 'type', text: 'Y' },
    carry(ada, 1, 0),
    carry(ben, 1, 1),
    { who: ben, do: 'type', text: 'D' },
    carry(ben, 0, 1),
    { who: ben, do: 'type', text: 'S' },
    { do: 'quiet' },
  ]
  const found = replay('First words.\n\nitem two', 2, steps, { calm: false })

  expect(found.broke).toEqual([])
  expect(lettersOf(found.page)).toBe(' CYDS')
})

test('[U53] whoever types on where the text was cut types behind what the room proposes of their words', () => {
  const steps: Step[] = [
    { who: ben, do: 'type', text: 'C', at: 24 },
    carry(ben, 1, 2),
    { who: ada, do: 'cut', ...ALL },
    carry(ada, 1, 2),
    { who: ben, do: 'type', text: 'Y' },
    carry(ben, 1, 2),
    { who: ben, do: 'type', text: 'D' },
    { do: 'quiet' },
    { who: ada, do: 'paste-cut' },
    { do: 'quiet' },
  ]
  const found = replay('# Head line\n\n> quoted words here', 2, steps, { calm: false })

  expect(found.broke).toEqual([])
  expect(found.page).toMatch(/^\[h1 "Head line"\] \| \[quote "quoted words here"\]/)
  expect(lettersOf(found.page)).toBe('Head linequoted words hereCYD')
})

test('[U52] what others type behind words that a paste takes along goes back with them', () => {
  const steps: Step[] = [
    { who: ben, do: 'type', text: 'bo', at: 10 },
    { do: 'quiet' },
    { who: ada, do: 'erase', ...ALL },
    { who: ben, do: 'type', text: 'bs' },
    ...[ada, ben, ada].map((who) => carry(who, 9, 9)),
    { who: ada, do: 'paste', at: 0, lines: ['First parabo words.', 'item'] },
    ...[ada, ben].map((who) => carry(who, 9, 9)),
    { who: ben, do: 'type', text: ' own' },
    { do: 'quiet' },
    { who: ada, do: 'undo' },
    { do: 'quiet' },
  ]

  expect(replay('First para words.\n\nitem', 2, steps, { calm: false })).toEqual({
    page: ['First parabobs own words.', 'item'].map(block).join(' | '),
    broke: [],
  })
})

/** All that stands in a page. */
const lettersOf = (page = '') => [...page.matchAll(/"([^"]*)"/g)].map(([, words]) => words).join('')
