/** These tests show what histories are worth: they repeat, their account sees faults, a script gets short. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { Account } from '#server/testing/history/judging/account.ts'
import { characters } from '#server/testing/history/judging/check-replicas.ts'
import type { Glyph } from '#server/testing/history/judging/glyphs.ts'
import type { Script, Step } from './script.ts'
import { shrink } from './shrink.ts'

const WORKER = new URL('./worker.ts', import.meta.url).pathname

test('[T1] the same seed gives the same history, to the last fault and id', () => {
  const play = () =>
    spawnSync(process.execPath, [WORKER, 'tell', '5'], { encoding: 'utf8', timeout: 60_000 })
  const [once, twice] = [play(), play()]

  expect(once.status).toBe(0)
  expect(once.stdout).toContain('ada')
  expect(twice.stdout).toBe(once.stdout)
})

/** `ada` has her text under her client 1, `ben` his under 2. */
const glyphs = (text: string, client = 1): Glyph[] =>
  [...text].map((character, n) => ({ character, id: `${client}-${n}`, client, flag: null }))

test('[T2] the account sees what is lost, doubled, brought back and taken from others', () => {
  const first = glyphs('abc')
  const kinds = (account: Account, end: readonly Glyph[]) =>
    characters(account, end).map(({ kind, what }) => `${kind} ${what[0]}`)
  const begun = (): Account => {
    const account = new Account()
    account.begin(first)
    return account
  }
  const [a, b, c] = first as [Glyph, Glyph, Glyph]
  const copy = { ...b, id: '2-0', client: 2 }
  const act = { who: 'ben', before: first, writes: '', takes: '', isUndo: false }

  expect(kinds(begun(), first)).toEqual([])
  expect(kinds(begun(), [a, c])).toEqual(['lost b'])
  expect(kinds(begun(), [a, b, copy, c])).toEqual(['doubled b'])
  const erased = begun()
  expect(erased.enter({ ...act, after: [a, c], takes: 'b' })).toEqual([])
  expect(kinds(erased, [a, c])).toEqual([])
  expect(kinds(erased, first)).toEqual(['came back b'])
  const split = begun()
  expect(split.enter({ ...act, after: [a, copy, c] })).toEqual([])
  expect(kinds(split, [a, copy, c])).toEqual([])
  expect(kinds(split, [a, b, copy, c])).toEqual(['doubled b'])
  expect(begun().enter({ ...act, after: [a, c], takes: 'c' })).toMatchObject([
    { kind: 'took others' },
  ])
  expect(begun().enter({ ...act, after: [a, b], isUndo: true })).toMatchObject([
    { kind: 'undo took others' },
  ])
  expect(begun().enter({ ...act, after: [a, b, copy, c] })).toMatchObject([
    { kind: 'doubled at once' },
  ])
})

test('[T2] undo that writes one of two equal characters again has taken the own one, if any', () => {
  const [a, b, c] = glyphs('abc') as [Glyph, Glyph, Glyph]
  const [own, again] = glyphs('bb', 2) as [Glyph, Glyph]
  const undone = (after: readonly Glyph[]) => {
    const account = new Account()
    account.begin([a, b, c])
    const act = { who: 'ben', takes: '' }
    const written = [a, own, b, c]
    account.enter({ ...act, before: [a, b, c], after: written, writes: 'b', isUndo: false })
    return account.enter({ ...act, before: written, after, writes: '', isUndo: true })
  }

  expect(undone([a, again, c])).toEqual([])
  expect(undone([a, b, c])).toEqual([])
  expect(undone([a, own, c])).toMatchObject([{ kind: 'undo took others' }])
  expect(undone([a, c])).toMatchObject([{ kind: 'undo took others' }])
})

test('[T2] of equal characters that the room writes again each is known by what stood in front', () => {
  const first = glyphs('la')
  const account = new Account()
  account.begin(first)
  const after = [...glyphs('xa', 2), ...first]
  account.enter({ who: 'ben', before: first, after, writes: 'xa', takes: '', isUndo: false })
  const again = [...glyphs('xa', 8), ...glyphs('la', 9)]

  account.see(again)

  const writers = again.map((glyph) => account.markOf(glyph)?.writer)
  expect(writers).toEqual(['ben', 'ben', 'first', 'first'])
})

test('[T3] a failing script is shrunk to the steps that its fault needs', async () => {
  const needed: Step[] = [
    { who: 1, do: 'enter', at: 3 },
    { who: 0, do: 'undo' },
  ]
  const idle = Array.from({ length: 19 }, (): Step => ({ do: 'wait', ms: 70 }))
  const script: Script = {
    seed: 1,
    markdown: 'Any text.',
    people: 3,
    instances: 2,
    calm: false,
    steps: [...idle, needed[0]!, ...idle, needed[1]!, ...idle],
  }
  let played = 0
  const fails = async ({ steps }: Script) => {
    played++
    const enter = steps.findIndex((step) => step.do === 'enter')
    return enter >= 0 && steps.slice(enter).some((step) => step.do === 'undo')
  }

  const shortest = await shrink(script, { fails, tries: 400 })

  expect(shortest.steps).toEqual([{ who: 1, do: 'enter', at: 0 }, needed[1]])
  expect(shortest).toMatchObject({ people: 2, instances: 1, calm: true })
  expect(played).toBeLessThanOrEqual(400)
})
