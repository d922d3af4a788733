/** Plays in which somebody deletes the place of a run that writes, and brings it back or not. */
import { expect, test } from 'vitest'
import { Random } from '#server/testing/random.ts'
import { replayAll } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben] = [0, 1]

/** A document with what its pages show, and the caret place that a run goes on behind. */
const STARTS = [
  ['Start\n\n- item\n- tea', '[paragraph "Start"] | [bullet [item "item"] [item "tea"]]', 14],
  ['Start\n\nEnd', '[paragraph "Start"] | [paragraph "End"]', 5],
  ['# Head\n\nStart', '[h1 "Head"] | [paragraph "Start"]', 10],
  ['> Start', '[quote "Start"]', 5],
] as const

/** No character is in the document, so that each is known again. */
const WORDS = ' zqj vkw lgu Zy. Dfp oxc Cb. QUV JKW.'

interface Play {
  markdown: string
  plain: string
  steps: Step[]
}

/** Ada's run writes; Ben deletes all there is, more is written, and he undoes that or not. */
function generate(seed: number, isUndone: boolean): Play {
  const random = new Random(seed)
  const [markdown, plain, from] = random.pick(STARTS)
  const steps: Step[] = [
    { who: ada, do: 'ask', command: 'continue', from, length: 0, words: WORDS },
    { do: 'say', run: 0, tokens: 2 + random.below(3) },
    { do: 'wait', ms: 300 },
    { who: ada, do: 'carry', up: 6, down: 6 },
    { who: ben, do: 'carry', up: 6, down: 6 },
  ]
  const goOn = () => {
    if (random.chance(0.8)) steps.push({ do: 'say', run: 0, tokens: 1 + random.below(2) })
    for (const who of [ada, ben]) {
      if (random.chance(0.6))
        steps.push({ who, do: 'carry', up: random.below(5), down: random.below(5) })
    }
    if (random.chance(0.3)) steps.push({ do: 'wait', ms: random.below(400) })
  }
  goOn()
  steps.push({ who: ben, do: random.pick(['erase', 'cut']), from: 0, length: 1_000 })
  goOn()
  goOn()
  if (isUndone) steps.push({ who: ben, do: 'undo' })
  goOn()
  steps.push({ do: 'quiet' }, { do: 'say', run: 0, tokens: 60 }, { do: 'quiet' })
  return { markdown, plain, steps }
}

/** What a page shows without what is proposed, and what is proposed: by which suggestions, in which blocks. */
function read(page = '') {
  const blocks = new Set<number>()
  const suggestions = new Set<string>()
  let words = ''
  const plain = page.split(' | ').map((line, block) =>
    line.replace(/ ?\{ins:(\S+?)\.\d+\}"([^"]*)"/g, (_, suggestion: string, text: string) => {
      blocks.add(block)
      suggestions.add(suggestion)
      words += text
      return ''
    }),
  )
  return { plain: plain.join(' | '), words, blocks: blocks.size, suggestions: suggestions.size }
}

function playAll(from: number, count: number, instances: number, isUndone: boolean) {
  const plays = Array.from({ length: count }, (_, n) => ({
    ...{ seed: from + n, people: 2, instances, calm: false },
    ...generate(from + n, isUndone),
  }))
  const played = replayAll(plays)
  return plays.map(({ seed, plain }, n) => ({
    wanted: { seed, plain, words: WORDS, blocks: 1, suggestions: 1, broke: [] },
    came: { seed, ...read(played[n]?.page), broke: played[n]?.broke },
  }))
}

test.each([
  1, 2,
])('[S118] a run goes on in its own text where somebody brings its deleted place back: %i instances', (instances) => {
  const played = playAll(100, 4, instances, true)

  expect(played.map(({ came }) => came)).toEqual(played.map(({ wanted }) => wanted))
})

test.each([
  1, 2,
])('[S119] where a run’s place stays deleted, what is left of it is its own suggestion and nobody’s words: %i instances', (instances) => {
  const played = playAll(200, 2, instances, false)

  for (const { came } of played) {
    expect(came).toMatchObject({ plain: expect.stringMatching(/^\[\w+\]$/), broke: [] })
    expect(WORDS.endsWith(came.words)).toBe(true)
    expect(came.suggestions).toBe(came.words === '' ? 0 : 1)
  }
})
