/**
 * Ada decides, Ben changes the line, and Ada takes her decision back: old words and new ones stand in
 * their order where the line's words stand now, and nothing of the run is anybody's text.
 */
import { expect, test } from 'vitest'
import { Random } from '#server/testing/random.ts'
import { replayAll } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben] = [0, 1]
const PLAYS = Number(process.env.FUZZ_HISTORIES ?? 5)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
const TEXT = 'Aa bb cc dd. Ee ff gg hh. Ii jj kk ll.'
const WHOLE = `Zz.${TEXT}Yy.`.replaceAll(' ', '')
/** Each document begins with the line `Zz.`, or item. */
const STARTS = ['Zz.\n\nTEXT\n\nYy.', '- Zz.\n- TEXT\n- Yy.', '> Zz.\n\nTEXT\n\nYy.'] as const
/** Where the line begins: behind `Zz.` and the end of its line. */
const LINE = 4

/** Ben's change of the line, at a place of its text as it is then. */
function change(random: Random): Step[] {
  const at = LINE + random.below(30)
  return random.pick<Step[]>([
    [{ who: ben, do: 'enter', at }],
    [{ who: ben, do: 'enter', at: LINE }],
    [{ who: ben, do: 'mark', block: 1, mark: random.pick(['# ', '> ', '- ']) }],
    [{ who: ben, do: 'join', block: 1, forward: false }],
    [{ who: ben, do: 'indent', at: LINE + 2 }],
    [
      { who: ben, do: 'enter', at },
      { do: 'quiet' },
      { who: ben, do: 'enter', at: LINE + random.below(10) },
    ],
  ])
}

function generateEdit(seed: number): { markdown: string; steps: Step[] } {
  const random = new Random(seed)
  const markdown = random.pick(STARTS).replace('TEXT', TEXT)
  const steps: Step[] = [
    {
      who: ada,
      do: 'ask',
      command: random.pick(['rewrite', 'proofread', 'shorten']),
      from: LINE,
      length: TEXT.length,
      words: 'qu vw xy',
    },
    { do: 'say', run: 0, tokens: 100 },
    { do: 'quiet' },
    { who: ada, do: 'decide-all', run: 0, decision: random.pick(['accepted', 'rejected']) },
    ...changeAndTakeBack(random),
  ]
  return { markdown, steps }
}

function changeAndTakeBack(random: Random): Step[] {
  const restart: Step[] = random.chance(0.3) ? [{ do: 'restart' }, { do: 'quiet' }] : []
  const quiet: Step = { do: 'quiet' }
  return [quiet, ...change(random), quiet, ...restart, { who: ada, do: 'undo' }, quiet]
}

/** Of three sentences that a run wrote behind the line one or all are rejected. */
function generateInsert(seed: number): { markdown: string; steps: Step[] } {
  const random = new Random(seed)
  const markdown = random.pick(STARTS).replace('TEXT', 'Aa bb cc dd.')
  const rejects: Step[] = [
    { who: ada, do: 'decide', chunk: random.below(3), decision: 'rejected' },
    { who: ada, do: 'decide-all', run: 0, decision: 'rejected' },
    { who: ada, do: 'decide-all', run: 0, decision: 'accepted' },
  ]
  const steps: Step[] = [
    {
      who: ada,
      do: 'ask',
      command: 'continue',
      from: LINE + 12,
      length: 0,
      words: ' Ee ff gg hh. Ii jj kk ll. Oo pp qq rr.',
    },
    { do: 'say', run: 0, tokens: 100 },
    { do: 'quiet' },
    random.pick(rejects),
    ...changeAndTakeBack(random),
    { who: ada, do: 'decide-all', run: 0, decision: 'accepted' },
    { do: 'quiet' },
  ]
  return { markdown, steps }
}

/** What is struck stands in a block in which what takes its place stands too. */
function areTogether(page = ''): boolean {
  const blocks = page.split(/ \| |\[/)
  const chunksOf = (op: string) =>
    blocks.map(
      (block) =>
        new Set([...block.matchAll(new RegExp(`{${op}:(\\S+?)}`, 'g'))].map(([, id]) => id)),
    )
  const [ins, del] = [chunksOf('ins'), chunksOf('del')]
  const proposed = new Set(ins.flatMap((ids) => [...ids]))
  const struck = new Set(del.flatMap((ids) => [...ids]))
  return [...struck].every(
    (id) => !proposed.has(id) || ins.some((ids, n) => ids.has(id) && del[n]!.has(id)),
  )
}

/** What stands in each block that is not proposed. */
const plainOf = (page = '') =>
  page
    .split(/ \| |\[/)
    .map((line) => line.replace(/\{ins:\S+?\}"[^"]*"/g, ''))
    .map((line) => [...line.matchAll(/"([^"]*)"/g)].map(([, words]) => words).join(''))
    .filter((words) => words !== '')

test(`[S129] case 30.8: a decision that is taken back after the line was changed leaves its words where the line’s words are (${PLAYS} plays from seed ${SEED})`, () => {
  const { wrong, told } = playAll(generateEdit, (page) => {
    // A join leaves no space, and `> ` typed in an item stays there.
    const lines = plainOf(page)
      .join('')
      .replace(/[\s>#-]/g, '')
    return areTogether(page) && lines === WHOLE && page.includes('{ins:')
  })
  expect(wrong, told).toEqual([])
})

test(`[S129] case 30.8: of sentences that are rejected and brought back after the line was changed each stands in its order (${PLAYS} plays from seed ${SEED})`, () => {
  const all = 'Zz.Aabbccdd.Eeffgghh.Iijjkkll.Ooppqqrr.Yy.'
  const { wrong, told } = playAll(generateInsert, (page) => {
    return (
      plainOf(page)
        .join('')
        .replace(/[\s>#-]/g, '') === all && !page.includes('{ins:')
    )
  })
  expect(wrong, told).toEqual([])
})

function playAll(
  generate: (seed: number) => { markdown: string; steps: Step[] },
  isRight: (page: string) => boolean,
) {
  const plays = Array.from({ length: PLAYS }, (_, n) => {
    const seed = SEED + n
    return { seed, people: 2, instances: 1 + (seed % 2), calm: true, ...generate(seed) }
  })
  const wrong = replayAll(plays).flatMap(({ page = '', broke }, n) =>
    broke.length === 0 && isRight(page) ? [] : [{ ...plays[n]!, page, broke }],
  )
  const told = wrong.map(
    ({ seed, page, broke, steps }) =>
      `seed ${seed}: ${page} ${broke} ${JSON.stringify(steps.slice(3))}`,
  )
  return { wrong: wrong.map(({ seed }) => seed), told: told.join('\n') }
}
