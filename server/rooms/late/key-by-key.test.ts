/** Keys for a line that somebody deleted come late one by one, and are proposed and decided together. */
import { expect, test } from 'vitest'
import type * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { Random } from '#server/testing/random.ts'
import { World } from '#server/testing/world.ts'
import { body } from '#shared/document/shape.ts'

const KEYS = 'abcdefgh'
const PLAYS = Number(process.env.FUZZ_HISTORIES ?? 6)
const SEED = Number(process.env.FUZZ_SEED ?? 1)

function lineAt(doc: Y.Doc, n: number): Y.XmlText {
  return (body(doc).get(n) as Y.XmlElement).get(0) as Y.XmlText
}

const linesOf = (doc: Y.Doc): string[] =>
  body(doc)
    .toArray()
    .map((line) =>
      (line as Y.XmlElement)
        .toArray()
        .map(String)
        .join('')
        .replace(/<[^>]*>/g, ''),
    )

test.each(
  Array.from({ length: PLAYS }, (_, n) => SEED + n),
)('[M14] case 30.6: keys for a deleted line, in any order and frames, some decided in between (seed %i)', async (seed) => {
  const random = new Random(seed)
  await using world = await World.open()
  const where = random.pick(['one', 'two'])
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: where })
  ada.paragraph('First line.')
  ada.paragraph('Second line.')
  await eventually(() => expect(linesOf(ben.doc)).toHaveLength(3))
  ben.holdUp()
  ben.holdDown()
  // What stands at which place of his text, as Ben sees it.
  const typed: string[] = []
  for (const key of KEYS) {
    const at = random.below(typed.length + 1)
    typed.splice(at, 0, key)
    lineAt(ben.doc, 2).insert('Second'.length + at, key)
  }
  body(ada.doc).delete(2, 1)
  await ada.synced()

  const decideAfter = random.below(KEYS.length)
  const decision = random.pick(['accepted', 'rejected', undefined] as const)
  const room = await world.room('one')
  const proposals = () =>
    room.reading
      .suggestions()
      .flatMap(({ id, chunks }) =>
        chunks.map(({ n, inserted }) => ({ chunk: `${id}.${n}`, inserted })),
      )
  let gone = ''
  let kept = ''
  const shown = () => linesOf(ada.doc).slice(2).join('')
  for (let n = 0; n < KEYS.length; n++) {
    const before = shown()
    ben.carryOne('up')
    await eventually(() => expect(shown().length).toBe(before.length + 1))
    if (n !== decideAfter || !decision) continue
    await eventually(() => expect(proposals()[0]?.inserted).toBe(shown()))
    const all = proposals()
    ada.decide(all[0]!.chunk, decision)
    await eventually(() => expect(proposals()).toEqual([]))
    if (decision === 'rejected') await eventually(() => expect(shown()).toBe(''))
    if (decision === 'rejected') gone = all[0]!.inserted
    else kept = all[0]!.inserted
  }
  ben.carry()
  await ben.synced()

  const stay = typed.filter((key) => !gone.includes(key))
  await eventually(() => expect([...shown()].sort()).toEqual([...stay].sort()))
  await eventually(() => expect(linesOf(ben.doc)).toEqual(linesOf(ada.doc)))
  if (!gone) expect(shown()).toBe(stay.join(''))
  // What was kept is text, and so is what comes late beside that.
  await eventually(() =>
    expect(
      proposals()
        .map(({ inserted }) => inserted)
        .join(''),
    ).toBe(kept ? '' : shown()),
  )
  await eventually(async () => {
    const text = await room.reading.content('text', 'without')
    expect(text.replace('First line.', '').trim()).toBe(kept ? shown() : '')
  })
  if (!gone) await eventually(() => expect(proposals()).toHaveLength(kept ? 0 : 1))
})

test('[M14] case 30.6: a key that joins what was proposed, unseen by whoever deletes that, is proposed again', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  ada.paragraph('First line.')
  ada.paragraph('Second line.')
  await eventually(() => expect(linesOf(ben.doc)).toHaveLength(3))
  ben.holdUp()
  ben.holdDown()
  lineAt(ben.doc, 2).insert('Second'.length, 'a')
  lineAt(ben.doc, 2).insert('Seconda'.length, 'b')
  body(ada.doc).delete(2, 1)
  await ada.synced()
  ben.carryOne('up')
  await eventually(() => expect(linesOf(ada.doc)).toEqual(['', 'First line.', 'a']))
  const room = await world.room()
  const proposed = () =>
    room.reading
      .suggestions()
      .flatMap(({ author, chunks }) => chunks.map(({ inserted }) => `${author?.id}: ${inserted}`))
  ada.holdDown()
  ben.carryOne('up')
  await eventually(() => expect(proposed()).toEqual(['ben: ab']))

  body(ada.doc).delete(2, 1)
  ada.carry()
  await eventually(() => expect(linesOf(ada.doc)).toEqual(['', 'First line.', 'b']))
  expect(proposed()).toEqual(['ben: b'])
})
