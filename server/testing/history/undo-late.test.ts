/**
 * Two people type in one line, key by key, while a third makes it another block; then one of them
 * takes back all that they typed. Their letters are few, so that each of them types what the other does.
 */
import { expect, test } from 'vitest'
import { Random } from '#server/testing/random.ts'
import { replayAll } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben, cy] = [0, 1, 2]
const LETTERS = ['X', 'Y', 'Z']
const PLAYS = Number(process.env.FUZZ_HISTORIES ?? 12)
/** In so many of the first twelve a letter of one's own stays; it may only fall. */
const LEFT = 0

function generate(seed: number) {
  const random = new Random(seed)
  const word = () => Array.from({ length: 4 + random.below(4) }, () => random.pick(LETTERS))
  const words = [word(), word()] as const
  const left = words.map((letters) => [...letters])
  const steps: Step[] = []
  const type = (n: number) => {
    const [text] = left[n]!.splice(0, 1)
    // Ben's caret stands behind `Plan`, Cy's behind `words`.
    const isFirst = left[n]!.length === words[n]!.length - 1
    const at = [4, 10][n]!
    if (text) steps.push({ who: [ben, cy][n]!, do: 'type', text, ...(isFirst && { at }) })
  }
  const typeAndCarry = () => {
    type(random.below(2))
    for (let more = random.below(3); more > 0; more--) {
      const who = random.pick([ada, ben, cy])
      steps.push({ who, do: 'carry', up: random.below(3), down: random.below(4) })
    }
  }
  // Both carets stand in the line before anything happens to it.
  type(0)
  type(1)
  for (let n = random.below(5); n > 0; n--) typeAndCarry()
  steps.push({ who: ada, do: 'mark', block: 0, mark: random.pick(['# ', '> ', '- ']) })
  while (left.some(({ length }) => length > 0)) typeAndCarry()
  steps.push({ do: 'quiet' })
  const who = random.pick([ben, cy])
  for (let n = 0; n < 8; n++) steps.push({ who, do: 'undo' }, { do: 'quiet' })
  const others = words[who === ben ? 1 : 0].join('')
  const play = { seed, markdown: 'Plan words stand.\n\nEnd.', people: 3, calm: false, steps }
  return { play, others, place: who === ben ? 'words' : 'Plan' }
}

test('[M37] undo takes all that one typed while the line became another block, and nothing of another', () => {
  const all = Array.from({ length: PLAYS }, (_, n) => generate(n + 1))
  const found = replayAll(all.map(({ play }) => play))
  let left = 0
  for (const [n, { others, place }] of all.entries()) {
    const page = found[n]!.page!
    const whole = 'Plan words stand.'.replace(place, place + others)
    if (!page.includes(`"${whole}"`)) left++
    expect(page, `seed ${n + 1}`).toContain(place + others)
  }
  expect(left / PLAYS).toBeLessThanOrEqual(LEFT / 12)
})
