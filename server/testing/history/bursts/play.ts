/** PlayBurst plays a burst with its other person's change and compares with the change alone. */
import { play } from '../play.ts'
import type { Script } from '../script.ts'
import type { Burst } from './generate.ts'

export interface PlayedBurst {
  name: string
  expected: string
  seen: string
  faults: string[]
}

export async function playBurst({
  name,
  script,
  alone,
  word,
  becomes,
}: Burst): Promise<PlayedBurst> {
  const without = await viewAfter(alone)
  const expected = plain(without.view).replace(word, becomes)
  const { view, faults } = await viewAfter(script)
  return { name, expected, seen: plain(view), faults }
}

async function viewAfter(script: Script): Promise<{ view: string; faults: string[] }> {
  let last = ''
  const outcome = await play(script, { onStep: (line) => (last = line) })
  const [first, second] = last.split('\n').map((line) => line.trim().replace(/^\w+: /, ''))
  const faults = outcome.faults.map(({ kind, what }) => `${kind}: ${what}`)
  if (first !== second) faults.push('pages differ')
  return { view: first ?? '', faults }
}

/** Lines and their kinds; what a letter looks like between two looks is nobody's to say. */
const plain = (view: string): string =>
  view
    .replace(/\[link \S+((?: (?:\/\d+ )?"[^"]*")*)\]/g, '$1')
    .replace(/\/\d+ /g, '')
    .replace(/" +"/g, '')
