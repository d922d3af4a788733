/** These tests show what histories are worth: they repeat, their account sees faults, a script gets short. */
import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { Account } from '#server/testing/history/judging/account.ts'
import { copiesOf } from '#server/testing/history/judging/alignment.ts'
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
const glyphs = (text: string, client = 1): Glyph[] => {
  let clock = 0
  return [...text].map((character) => {
    const id = `${client}-${clock}`
    clock += character.length
    return { character, id, client, flag: null }
  })
}

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

test('[M46] of two equal characters that undo brings back the copy is known by its neighbours', () => {
  const first = glyphs('Head')
  const [H, e, a, d] = first as [Glyph, Glyph, Glyph, Glyph]
  const [own, ...copies] = glyphs('aad', 2) as [Glyph, Glyph, Glyph]
  const [H2, e2, a2, d2, own2] = glyphs('Heada', 3) as [Glyph, Glyph, Glyph, Glyph, Glyph]
  const account = new Account()
  account.begin(first)
  const act = { who: 'ben', writes: '', takes: '', isUndo: true }
  const typed = [H, e, own, a, d]
  account.enter({ ...act, before: first, after: typed, writes: 'a', isUndo: false })
  const selected = new Set([H.id, e.id, own.id])
  const cut = { ...act, takes: 'Hea', selected, isUndo: false }
  account.enter({ ...cut, before: typed, after: copies })
  const back = [H2, e2, own2, a2, d2]
  account.enter({ ...act, before: copies, after: back })

  expect(account.enter({ ...act, before: back, after: [H2, e2, a2, d2] })).toEqual([])
})

test('[M47] undo that takes one of two copies away has taken nothing from anybody', () => {
  const [a, b] = glyphs('ab') as [Glyph, Glyph]
  const [mine] = glyphs('b', 2) as [Glyph]
  const [theirs] = glyphs('b', 3) as [Glyph]
  const account = new Account()
  account.begin([a, b])
  const act = { before: [a, b], writes: '', takes: '', isUndo: false }
  account.enter({ ...act, who: 'ben', after: [a, mine] })
  account.enter({ ...act, who: 'cy', after: [a, theirs] })
  const undone = { ...act, who: 'ben', before: [a, mine, theirs], isUndo: true }

  expect(account.enter({ ...undone, after: [a, theirs] })).toEqual([])
  expect(characters(account, [a, theirs])).toEqual([])
  expect(characters(account, [a])).toMatchObject([{ kind: 'clash lost' }])
})

test('[M48] what undo brings back while a copy of it waits for its deletion is doubled if both stay', () => {
  const [a, b] = glyphs('ab') as [Glyph, Glyph]
  const [moved] = glyphs('b', 2) as [Glyph]
  const [back] = glyphs('b', 3) as [Glyph]
  const account = new Account()
  account.begin([a, b])
  const act = { before: [a, b], writes: '', takes: '', isUndo: false }
  account.enter({ ...act, who: 'ben', after: [a, moved] })
  account.enter({ ...act, who: 'cy', after: [a], takes: 'b' })
  const seen = { who: 'cy', before: [a, moved], writes: '', takes: '' }

  expect(account.enter({ ...seen, after: [a, back, moved], isUndo: true })).toEqual([])
  expect(characters(account, [a, back])).toEqual([])
  expect(characters(account, [a, back, moved])).toMatchObject([{ kind: 'doubled' }])
  expect(
    account.enter({ ...seen, who: 'dee', after: [a, moved, ...glyphs('b', 4)], isUndo: true }),
  ).toMatchObject([{ kind: 'doubled at once' }])
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

/** What the account takes these for, when the room has written again all that two people wrote. */
function recognised(
  first: string,
  written: string,
  again: readonly Glyph[],
): (string | undefined)[] {
  const account = new Account()
  const before = glyphs(first)
  account.begin(before)
  const after = [...glyphs(written, 2), ...before]
  account.enter({ who: 'ben', before, after, writes: written, takes: '', isUndo: false })
  account.see(again)
  return again.map((glyph) => account.markOf(glyph)?.writer)
}

test('[E40] of equal characters that the room writes again each is known by its neighbours', () => {
  const all = (writer: string, count: number) => Array.from({ length: count }, () => writer)
  const [first, ben] = ['first', 'ben']

  // Whoever comes first in the document is not the first who wrote: the end of each tells.
  expect(recognised('la丆', 'la万', [...glyphs('la万', 8), ...glyphs('la丆', 9)])).toEqual([
    ...all(ben, 3),
    ...all(first, 3),
  ])
  expect(recognised('la la', '𠀂la', [...glyphs('la la', 8), ...glyphs('𠀂la', 9)])).toEqual([
    ...all(first, 5),
    ...all(ben, 3),
  ])
})

test('[E40] equal characters between which nothing tells may be each other, others not', () => {
  const account = new Account()
  const before = glyphs('la')
  account.begin(before)
  const after = [...glyphs('la', 2), ...before, ...glyphs('la丆', 3)]
  account.enter({
    who: 'ben',
    before,
    after: after.slice(0, 4),
    writes: 'la',
    takes: '',
    isUndo: false,
  })
  account.enter({
    who: 'cy',
    before: after.slice(0, 4),
    after,
    writes: 'la丆',
    takes: '',
    isUndo: false,
  })
  const again = [...glyphs('la', 7), ...glyphs('la', 8), ...glyphs('la丆', 9)]
  account.see(again)
  const [l, a, otherL, otherA, lOfCy, aOfCy] = again as [Glyph, Glyph, Glyph, Glyph, Glyph, Glyph]

  expect(again.map((glyph) => account.markOf(glyph)?.writer)).toContain('cy')
  expect(account.mayBeEachOther(l, otherL)).toBe(true)
  expect(account.mayBeEachOther(a, otherA)).toBe(true)
  expect(account.mayBeEachOther(l, lOfCy)).toBe(false)
  expect(account.mayBeEachOther(a, aOfCy)).toBe(false)
})

test('[E40] a line end that a text holds as a character is what was written', () => {
  const account = new Account()
  const before = glyphs('a')
  account.begin(before)
  const act = { who: 'ben', before, writes: 'x\ny', takes: '', isUndo: false }

  expect(account.enter({ ...act, after: [...before, ...glyphs('x\ny', 2)] })).toEqual([])
  const apart = new Account()
  apart.begin(before)
  expect(apart.enter({ ...act, after: [...before, ...glyphs('xy', 2)] })).toEqual([])
})

test('[S101] of a run only that may stay of which the chunk that proposed it was accepted', () => {
  const account = new Account()
  account.asked('run', 7)
  const [one, two, three] = glyphs('abc', 7) as [Glyph, Glyph, Glyph]
  for (const glyph of [one, two, three]) account.wrote(glyph)
  account.proposed({ ...one, flag: 'ins:run.1' })
  account.proposed({ ...two, flag: 'ins:run.2' })
  account.acceptedAs({ id: 'run.1', ins: [{ client: 7, from: 0, to: 2 }], del: [] })

  const staying = [one, two, three].filter((glyph) => account.mayStay(account.markOf(glyph)!))

  expect(staying).toEqual([one])
  account.acceptedAs({ id: 'run.3', ins: [{ client: 7, from: 2, to: 3 }], del: [] })
  expect(account.mayStay(account.markOf(three)!)).toBe(true)
})

test('[S114] words that two chunks strike go with either, those that none has shown as struck with none', () => {
  const account = new Account()
  const [one, two] = glyphs('ab') as [Glyph, Glyph]
  account.begin([one, two])
  account.see([{ ...one, flag: 'del:run.1' }, two])
  account.acceptedAs({ id: 'other.1', ins: [], del: [{ client: 1, from: 0, to: 2 }] })

  expect(characters(account, []).map(({ what }) => what[0])).toEqual(['b'])
})

test('[S102] a new character is the copy of what had its flag, of what had none only where none had', () => {
  const [own, proposed] = glyphs('ee') as [Glyph, Glyph]
  const [written] = glyphs('e', 2) as [Glyph]
  const flag = 'ins:run.1'

  const first = copiesOf([{ ...proposed, flag }, own], [written])
  const second = copiesOf([own, { ...proposed, flag }], [{ ...written, flag }])
  const stripped = copiesOf([{ ...proposed, flag }], [written])

  expect([...first.values()]).toEqual([own])
  expect([...second.values()]).toEqual([{ ...proposed, flag }])
  expect([...stripped.values()]).toEqual([{ ...proposed, flag }])
})

test('[E41] what goes along behind a selection is not what was selected', () => {
  const account = new Account()
  const first = glyphs('a.b')
  account.begin(first)
  const before = [...first, ...glyphs('.', 2)]
  account.enter({ who: 'ben', before: first, after: before, writes: '.', takes: '', isUndo: false })
  const [a] = first as [Glyph]
  const copy = glyphs('x.', 3)

  // Cy writes over `.b`; the full stop of ben is joined to the line.
  const after = [a, ...copy]
  account.enter({ who: 'cy', before, after, writes: 'x', takes: '.b', isUndo: false })

  expect(account.markOf(copy[1]!)?.writer).toBe('ben')
})

test('[M43] of two equal characters the one that was not selected is the one taken along', () => {
  const first = glyphs('la')
  const line = glyphs('la', 3)
  const account = new Account()
  account.begin([...first, ...line])
  const [typed, ...copies] = glyphs('xla', 2) as [Glyph, Glyph, Glyph]
  const selected = new Set(first.map(({ id }) => id))
  const act = { who: 'ben', writes: 'x', takes: 'la', selected, isUndo: false }
  const before = [...first, ...line]

  expect(account.enter({ ...act, before, after: [typed, ...copies] })).toEqual([])
  expect(copies.map((copy) => account.markOf(copy))).toEqual(line.map((one) => account.markOf(one)))
  expect(first.map((one) => account.markOf(one)?.deleters.has('ben'))).toEqual([true, true])
})

test('[M43] who types over a letter with the same one has not written its equal behind it', () => {
  const account = new Account()
  const [a, b] = glyphs('ab') as [Glyph, Glyph]
  const line = glyphs('a', 3)
  account.begin([a, b, ...line])
  const [copy] = glyphs('a', 2)
  const selected = new Set([a.id, b.id])
  const act = { who: 'ben', writes: 'a', takes: 'ab', selected, isUndo: false }

  expect(account.enter({ ...act, before: [a, b, ...line], after: [a, copy!] })).toEqual([])
  expect(account.markOf(copy!)).toBe(account.markOf(line[0]!))
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
