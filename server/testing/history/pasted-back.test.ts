/** People cut a text, paste it back and undo that, while others type in it: all is as they meant. */
import { beforeAll, expect, test } from 'vitest'
import { type Replayed, replayAll } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben, cy] = [0, 1, 2]
const carry = (who: number, up: number, down: number): Step => ({ who, do: 'carry', up, down })
const ALL = { from: 0, length: 9999 }

const block = (words: string) => `[paragraph "${words}"]`

/** A text, what is done with it, and the test of what comes of it. */
interface Case {
  title: string
  text: string
  steps: Step[]
  people?: number
  /** By it the ids of the pages come in another order. */
  seed?: number
  check(found: Replayed): void
}

const undoOfPaste = (text: string, pasted: string): Case => ({
  title: `[U50] undo of what was cut and pasted back leaves its words in their order: ${JSON.stringify(text)}`,
  text,
  steps: [
    { who: ben, do: 'type', at: text.length, text: 'x' },
    { who: ada, do: 'erase', ...ALL },
    { who: ada, do: 'paste', at: 0, lines: pasted.split('\n\n') },
    { who: ada, do: 'undo' },
    { do: 'quiet' },
  ],
  check: ({ page }) =>
    // The letter that came too late stands at the end, or is proposed.
    expect(page?.replace('x', '')).toContain(text.split('\n\n').map(block).join(' | ')),
})

const CASES: Case[] = [
  undoOfPaste('First para words.', 'First para bo words.'),
  undoOfPaste('A line\n\nand another one', 'A line\n\nand one more, another one'),
  {
    title:
      '[U51] words typed on behind what is proposed because its place went stay in their order',
    text: 'First words.\n\nitem two',
    steps: [
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
    ],
    check: ({ page }) => expect(lettersOf(page)).toBe(' CYDS'),
  },
  {
    title:
      '[U53] whoever types on where the text was cut types behind what the room proposes of their words',
    text: '# Head line\n\n> quoted words here',
    steps: [
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
    ],
    check: ({ page }) => {
      expect(page).toMatch(/^\[h1 "Head line"\] \| \[quote "quoted words here"\]/)
      expect(lettersOf(page)).toBe('Head linequoted words hereCYD')
    },
  },
  {
    title: '[U52] what others type behind words that a paste takes along goes back with them',
    text: 'First para words.\n\nitem',
    steps: [
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
    ],
    check: ({ page }) =>
      expect(page).toBe(['First parabobs own words.', 'item'].map(block).join(' | ')),
  },
  {
    title:
      '[U54] a letter that went unseen with its line is not taken for an equal one of what is pasted',
    text: '# Head line\n\n> quoted words here',
    steps: [
      { who: ada, do: 'cut', ...ALL },
      { who: ada, do: 'paste-cut' },
      carry(ada, 1, 2),
      { who: ben, do: 'type', text: 'w' },
      carry(ada, 1, 0),
      carry(ben, 1, 2),
      { who: ben, do: 'type', text: 'n' },
      { do: 'quiet' },
    ],
    check: ({ page }) => expect(page).toContain('[quote "quoted words here"]'),
  },
  {
    title:
      '[U55] words that undo of a cut brings back stay together beside what others typed there',
    text: '# Head line\n\n> quoted words here',
    people: 3,
    seed: 28,
    steps: [
      { who: ada, do: 'cut', ...ALL },
      { who: ben, do: 'type', text: 's' },
      carry(ben, 9, 9),
      { who: cy, do: 'type', text: ' ' },
      carry(cy, 9, 9),
      carry(ada, 9, 9),
      { do: 'wait', ms: 600 },
      { who: ada, do: 'paste-cut' },
      { who: ben, do: 'type', text: 's' },
      { do: 'quiet' },
      { who: ada, do: 'undo' },
      { who: ada, do: 'undo' },
      { do: 'quiet' },
    ],
    check: ({ page }) => {
      expect(lettersOf(page)).toContain('Head line')
      expect(page).toContain('[quote "quoted words here"]')
    },
  },
]

let found: Replayed[] = []
beforeAll(() => {
  found = replayAll(
    CASES.map(({ text: markdown, steps, people = 2, seed = 1 }) => ({
      seed,
      markdown,
      people,
      steps,
      calm: false,
    })),
  )
}, 120_000)

for (const [n, { title, check }] of CASES.entries()) {
  test(title, () => {
    expect(found[n]?.broke).toEqual([])
    check(found[n]!)
  })
}

/** All that stands in a page. */
const lettersOf = (page = '') => [...page.matchAll(/"([^"]*)"/g)].map(([, words]) => words).join('')
