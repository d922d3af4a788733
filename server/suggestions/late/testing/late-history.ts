/**
 * LateHistory plays people who take one text along and type in it at once, online and offline, and
 * counts what became of each character. A character is one of its kind, so that it can be counted.
 */
import type { Person } from '#server/testing/editors.ts'
import { Random } from '#server/testing/random.ts'
import { type Action, Alphabet } from '#server/testing/typing.ts'
import { LateWorld, linesOf } from './late-world.ts'

export interface Account {
  typed: number
  /** Nobody deleted them, and they are not there. */
  lost: number
  doubled: number
  /** Their person deleted them, and they are there. */
  back: number
  /** They were proposed, for their place was gone. */
  rescued: number
  /** Editors that show something else than the others, or that wrote because of others. */
  apart: number
}

const STEPS = 30
const LINES = ['abcdefgh', 'ijklmnop', 'qrstuvwx']

/** People do one of these at a time; each network step brings one update somewhere. */
export function playLate(seed: number, actions: readonly Action[]): Account {
  const random = new Random(seed)
  const alphabet = new Alphabet(0x4e00, 0x9fff)
  const world = new LateWorld(LINES)
  const people = ['ada', 'ben', 'cy'].map((name) => world.join(name))
  const all = new Set(LINES.join(''))
  const deleted = new Set<string>()
  /** Somebody saw two copies and took one of them away: whether they meant both, nobody knows. */
  const unsure = new Set<string>()
  try {
    for (let n = 0; n < STEPS; n++) {
      const person = random.pick(people)
      const before = lettersOf(linesOf(person.doc))
      random.pick(actions)(person, random, alphabet)
      const after = lettersOf(linesOf(person.doc))
      for (const letter of after.keys()) all.add(letter)
      for (const [letter, times] of before) {
        if (times > 1 && (after.get(letter) ?? 0) < times) unsure.add(letter)
        if (!after.has(letter)) deleted.add(letter)
      }
      wander(world, random)
    }
    world.settle()
    return account(world, { all, deleted, unsure })
  } finally {
    world.close()
  }
}

function wander(world: LateWorld, random: Random): void {
  if (random.chance(0.15)) {
    const person = random.pick(world.people)
    if (world.isOnline(person)) world.cutOff(person)
    else world.reconnect(person)
  }
  for (let n = 0; n < 6; n++) world.step(random.next)
}

function account(
  world: LateWorld,
  { all, deleted, unsure }: Record<'all' | 'deleted' | 'unsure', ReadonlySet<string>>,
): Account {
  const { people } = world
  const present = lettersOf(world.lines)
  const isWrong = (person: Person) =>
    person.view !== people[0]?.view ||
    linesOf(person.doc) !== world.lines ||
    person.echoes + person.errors.length > 0
  const letters = [...all]
  const count = (holds: (times: number, letter: string) => boolean) =>
    letters.filter((letter) => holds(present.get(letter) ?? 0, letter)).length
  return {
    typed: all.size - LINES.join('').length,
    lost: count((times, letter) => times === 0 && !deleted.has(letter) && !unsure.has(letter)),
    doubled: count((times) => times > 1),
    back: count((times, letter) => times > 0 && deleted.has(letter) && !unsure.has(letter)),
    rescued: world.rescued,
    apart: people.filter(isWrong).length,
  }
}

function lettersOf(lines: string): Map<string, number> {
  const letters = new Map<string, number>()
  for (const letter of lines) {
    if (letter < 'a' || (letter > 'z' && letter < '\u4e00')) continue
    letters.set(letter, (letters.get(letter) ?? 0) + 1)
  }
  return letters
}
