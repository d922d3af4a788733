/**
 * One of two is offline. Meanwhile Ben makes Ada's line another one, by a mark, Enter, a join or Tab,
 * and Ada types in it; then she takes back all of hers. Both type the same few letters.
 */
import { expect, test } from 'vitest'
import { Random } from '#server/testing/random.ts'
import { replayAll } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben] = [0, 1]
const PLAYS = Number(process.env.FUZZ_HISTORIES ?? 8)
const LISTS = '- one\n- two\n- drink\n\nEnd.'
const LINES = [LISTS, '> one\n\n> two\n\n> drink\n\nEnd.', 'one\n\ntwo\n\ndrink\n\nEnd.']
const LINE = { start: 'one|two|'.length, letters: 'drink'.length }

function generate(seed: number) {
  const random = new Random(seed)
  const markdown = random.pick(LINES)
  const steps: Step[] = []
  const word = () => Array.from({ length: 3 }, () => random.pick(['X', 'Y', 'Z']))
  const type = (who: number, letters: string[], at?: number) => {
    for (const [n, text] of letters.entries()) {
      steps.push({ who, do: 'type', text, ...(n === 0 && at !== undefined && { at }) })
      if (who === ada) steps.push({ who, do: 'carry', up: random.below(3), down: random.below(3) })
    }
  }
  const rest = () => {
    if (random.below(2) > 0) steps.push({ do: 'wait', ms: 700 })
  }
  const reshape = (): Step => {
    const shapes: Step[] = [
      { who: ben, do: 'mark', block: 2, mark: random.pick(['# ', '> ']) },
      { who: ben, do: 'enter', at: LINE.start + 1 + random.below(LINE.letters - 1) },
      { who: ben, do: 'join', block: 2, forward: false },
      { who: ben, do: 'indent', at: LINE.start },
    ]
    return shapes[random.below(markdown === LISTS ? 4 : 3)]!
  }
  const away = random.pick([ada, ben])
  steps.push({ who: away, do: 'offline' }, reshape())
  rest()
  const others = random.below(2) > 0 ? word() : []
  type(ben, others)
  rest()
  type(ada, word(), LINE.start + random.below(LINE.letters + 1))
  rest()
  if (random.below(2) > 0) {
    steps.push({ who: ada, do: 'enter' })
    type(ada, word())
  }
  steps.push({ who: away, do: 'online' }, { do: 'quiet' })
  for (let n = 0; n < 6; n++) steps.push({ who: ada, do: 'undo' }, { do: 'quiet' })
  return { play: { seed, markdown, people: 2, calm: false, steps }, others: others.join('') }
}

test('[U57] undo takes all that one typed in a line that another had reshaped, and nothing of the other', () => {
  const all = Array.from({ length: PLAYS }, (_, n) => generate(n + 1))
  const pages = replayAll(all.map(({ play }) => play))
  for (const [n, { others }] of all.entries()) {
    const { page } = pages[n]!
    expect(page, `seed ${n + 1}`).toContain(others)
    expect(page!.replaceAll(/[^XYZ]/g, ''), `seed ${n + 1}: ${page}`).toBe(others)
  }
})
