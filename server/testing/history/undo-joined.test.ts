/**
 * One joins two lines and parts them again in one breath, and takes that back when all is still; two
 * others type in the lines all the while. What was typed between the join and Enter stood among words
 * that went on twice in one step of undo.
 */
import { expect, test } from 'vitest'
import { Random } from '#server/testing/random.ts'
import { replayAll } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben, cy] = [0, 1, 2]
const PLAYS = Number(process.env.FUZZ_HISTORIES ?? 6)
const LINES = [
  '> First wise words\n\n> Second wise words\n\nEnd.',
  'First wise words\n\nSecond wise words\n\nEnd.',
  '- First wise words\n- Second wise words\n\nEnd.',
]
const WORDS = { [ben]: ' BOBTYPES', [cy]: ' cyzdntpk' }

function generate(seed: number) {
  const random = new Random(seed)
  const left = { [ben]: [...WORDS[ben]!], [cy]: [...WORDS[cy]!] }
  const steps: Step[] = []
  const carry = (who: number, up: number, down: number) =>
    steps.push({ who, do: 'carry', up, down })
  const type = (who: number, at?: number) => {
    const text = left[who]!.shift()
    if (text) steps.push({ who, do: 'type', text, ...(at !== undefined && { at }) })
    for (let n = random.below(3); n > 0; n--) {
      carry(random.pick([ada, ben, cy]), random.below(3), random.below(4))
    }
  }
  type(ben, 'First wise'.length)
  type(cy, 'First wise words|Second wise'.length)
  for (let n = random.below(4); n > 0; n--) type(random.pick([ben, cy]))
  steps.push({ who: ada, do: 'join', block: 1, forward: false })
  for (let n = 1 + random.below(3); n > 0; n--) {
    if (random.below(2) > 0) carry(ada, 1, 0)
    type(cy)
    carry(cy, 3, 0)
    carry(ada, 0, 6)
  }
  steps.push({ who: ada, do: 'enter' })
  if (random.below(2) > 0) steps.push({ who: ada, do: 'type', text: 'ANN ' })
  while (left[ben]!.length > 0 || left[cy]!.length > 0) type(random.pick([ben, cy]))
  for (let n = 0; n < 2; n++) steps.push({ do: 'quiet' }, { who: ada, do: 'undo' })
  return { seed, markdown: random.pick(LINES), people: 3, calm: false, steps }
}

test('[U56] undo of a join and a break of one breath leaves each word in its line, whole', () => {
  const pages = replayAll(Array.from({ length: PLAYS }, (_, n) => generate(n + 1)))
  for (const [n, { page }] of pages.entries()) {
    expect(page, `seed ${n + 1}`).toContain(`"First wise${WORDS[ben]} words"`)
    expect(page, `seed ${n + 1}`).toContain(`"Second wise${WORDS[cy]} words"`)
  }
})
