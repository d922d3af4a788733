import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { insertWords } from '#client/editor/binding/write/insert-words.ts'
import { eventually } from '#server/testing/eventually.ts'
import type { Person } from '#server/testing/person.ts'
import { World } from '#server/testing/world.ts'
import { body } from '#shared/document/shape.ts'

/** Enter in the first line, as an editor does it: what stands behind is written again. */
function split({ doc }: Person, at: number): void {
  doc.transact(() => {
    const line = lineAt(doc, 0)
    const tail = line.toString().slice(at)
    line.delete(at, tail.length)
    const paragraph = new Y.XmlElement('paragraph')
    body(doc).insert(1, [paragraph])
    paragraph.insert(0, [new Y.XmlText(tail)])
  })
}

/** The second line joins the first, written behind what lives, as a page writes it. */
function join({ doc }: Person): void {
  doc.transact(() => {
    const tail = lineAt(doc, 1).toString()
    body(doc).delete(1, 1)
    const line = lineAt(doc, 0)
    insertWords(line, line.length, tail, {})
  })
}

function lineAt(doc: Y.Doc, n: number): Y.XmlText {
  const line = body(doc).get(n)
  const text = line instanceof Y.XmlElement ? line.get(0) : undefined
  if (!(text instanceof Y.XmlText)) throw new Error(`no line ${n}`)
  return text
}

const linesOf = (doc: Y.Doc): string[] =>
  body(doc)
    .toArray()
    .map((line) => (line as Y.XmlElement).toArray().map(wordsOf).join(''))

const wordsOf = (text: unknown): string =>
  text instanceof Y.XmlText
    ? text
        .toDelta()
        .map(({ insert }: { insert: string }) => insert)
        .join('')
    : ''

/** What each person has just after each frame that they hear, until now. */
function states({ doc }: Person): string[] {
  const seen: string[] = []
  doc.on('update', () => seen.push(linesOf(doc).join(' / ')))
  return seen
}

async function meeting(world: World, instances: [string, string]) {
  const ada = await world.person('ada', { instance: instances[0] })
  const ben = await world.person('ben', { instance: instances[1] })
  ada.type('Alpha beta gamma.')
  await eventually(() => expect(linesOf(ben.doc)).toEqual(['Alpha beta gamma.']))
  return { ada, ben }
}

test('[M8] what comes too late and where it belongs are one frame, and its sender is told once both are committed', async () => {
  await using world = await World.open()
  const { ada, ben } = await meeting(world, ['one', 'one'])
  ben.holdUp()
  ben.doc.transact(() => lineAt(ben.doc, 0).insert('Alpha beta'.length, '!'))
  split(ada, 'Alpha'.length)
  await ada.synced()
  await eventually(() => expect(linesOf(ben.doc)).toHaveLength(2))

  const seen = states(ada)
  const before = world.gate.done.length
  ben.carry()
  await ben.synced()
  await eventually(() => expect(linesOf(ada.doc)).toEqual(['Alpha', ' beta! gamma.']))
  expect(seen).toEqual(['Alpha /  beta! gamma.'])
  expect(linesOf(ben.doc)).toEqual(linesOf(ada.doc))
  const late = world.gate.done.slice(before).flatMap(({ updates }) => updates)
  expect(late.map(({ actor }) => actor)).toEqual(['ben', 'room'])
})

test('[M20] what one deletes while others move it is deleted where it went, though nothing of the deletion is new', async () => {
  await using world = await World.open()
  const { ada, ben } = await meeting(world, ['one', 'one'])
  ben.holdUp()
  ben.doc.transact(() => lineAt(ben.doc, 0).delete('Alpha '.length, 'beta'.length))
  split(ada, 'Alpha'.length)
  await ada.synced()
  await eventually(() => expect(linesOf(ben.doc)).toHaveLength(2))

  ben.carry()
  await ben.synced()

  await eventually(() => expect(linesOf(ada.doc)).toEqual(['Alpha', '  gamma.']))
  expect(linesOf(ben.doc)).toEqual(linesOf(ada.doc))
})

test('[M9] what the room writes again stays its writer’s', async () => {
  await using world = await World.open()
  const { ada, ben } = await meeting(world, ['one', 'one'])
  ben.holdUp()
  ben.doc.transact(() => lineAt(ben.doc, 0).insert('Alpha beta'.length, '!'))
  split(ada, 'Alpha'.length)
  await ada.synced()
  ben.carry()
  await ben.synced()

  const { clients } = await world.store.loadMargin(world.document)
  const writers = new Map<string, string | undefined>()
  for (let item = lineAt(ada.doc, 1)._start; item; item = item.right) {
    const { content } = item
    if (item.deleted || !(content instanceof Y.ContentString)) continue
    writers.set(content.str, clients.get(item.id.client))
  }
  expect(writers.get('!')).toBe('ben')
  expect(writers.get(' beta')).toBe('ada')
})

for (const instances of [
  ['one', 'one'],
  ['one', 'two'],
] as [string, string][]) {
  const where = instances[0] === instances[1] ? 'one instance' : 'two instances'

  test(`[M10] case 33.4: what both split or join at once is there once, on ${where}`, async () => {
    await using world = await World.open()
    const { ada, ben } = await meeting(world, instances)
    for (const both of [(person: Person) => split(person, 'Alpha'.length), join]) {
      const expected = both === join ? ['Alpha beta gamma.'] : ['Alpha', ' beta gamma.']
      ben.holdUp()
      both(ben)
      both(ada)
      await ada.synced()
      ben.carry()
      await ben.synced()
      await eventually(() => expect(linesOf(ada.doc)).toEqual(expected))
      await eventually(() => expect(linesOf(ben.doc)).toEqual(expected))
    }
  })

  test(`[M10] edits at one moment are answered once, whichever the log has first, on ${where}`, async () => {
    await using world = await World.open()
    const { ada, ben } = await meeting(world, instances)
    world.gate.hold()
    split(ada, 'Alpha'.length)
    split(ben, 'Alpha'.length)
    ben.doc.transact(() => lineAt(ben.doc, 1).insert(' beta'.length, '!'))
    world.gate.release()
    await ada.synced()
    await ben.synced()
    const expected = ['Alpha', ' beta! gamma.']
    await eventually(() => expect(linesOf(ada.doc)).toEqual(expected))
    await eventually(() => expect(linesOf(ben.doc)).toEqual(expected))
    await world.restart()
    const cleo = await world.person('cleo')
    expect(linesOf(cleo.doc)).toEqual(expected)
  })
}

test('[M11] case 30.6: what was moved is known after a restart, and words that were typed before it come back', async () => {
  await using world = await World.open()
  const { ada, ben } = await meeting(world, ['one', 'one'])
  ben.disconnect()
  ben.doc.transact(() => lineAt(ben.doc, 0).insert('Alpha beta'.length, '!'))
  split(ada, 'Alpha'.length)
  await ada.synced()
  await world.restart()

  const cleo = await world.person('cleo')
  ben.connect(await world.room())
  await ben.synced()
  const expected = ['Alpha', ' beta! gamma.']
  await eventually(() => expect(linesOf(ben.doc)).toEqual(expected))
  await eventually(() => expect(linesOf(cleo.doc)).toEqual(expected))
})

/** Four letters go into a line of their own, behind a word that is typed in the same edit. */
function splitShort({ doc }: Person): void {
  doc.transact(() => {
    const line = lineAt(doc, 0)
    line.delete('Alpha beta '.length, 'gam'.length)
    const paragraph = new Y.XmlElement('paragraph')
    body(doc).insert(1, [paragraph])
    paragraph.insert(0, [new Y.XmlText('New gam')])
  })
}

for (const [where, instance] of [
  ['on another instance', 'two'],
  ['after a restart', 'one'],
] as const) {
  test(`[M35] case 33.6: three letters that one moves and another deletes stay deleted ${where}`, async () => {
    await using world = await World.open()
    const { ada, ben } = await meeting(world, ['one', instance])
    ben.disconnect()
    ben.doc.transact(() => lineAt(ben.doc, 0).delete('Alpha beta '.length, 'gam'.length))
    splitShort(ada)
    await ada.synced()
    if (instance === 'one') await world.restart()
    const cleo = await world.person('cleo', { instance })
    await eventually(() => expect(linesOf(cleo.doc)).toHaveLength(2))

    ben.connect(await world.room(instance))
    await ben.synced()
    const expected = ['Alpha beta ma.', 'New ']
    await eventually(() => expect(linesOf(ben.doc)).toEqual(expected))
    await eventually(() => expect(linesOf(cleo.doc)).toEqual(expected))
  })
}

test('[M14] case 30.6: words for a line that was deleted meanwhile are proposed in their writer’s name, to be kept or dropped', async () => {
  await using world = await World.open()
  const { ada, ben } = await meeting(world, ['one', 'one'])
  ada.paragraph('Second line.')
  ada.paragraph('Third line.')
  await eventually(() => expect(linesOf(ben.doc)).toHaveLength(3))
  ben.disconnect()
  ben.doc.transact(() => lineAt(ben.doc, 1).insert('Second'.length, ' of mine'))
  body(ada.doc).delete(1, 1)
  await ada.synced()

  ben.connect(await world.room())
  await ben.synced()
  const expected = ['Alpha beta gamma.', ' of mine', 'Third line.']
  await eventually(() => expect(linesOf(ada.doc)).toEqual(expected))
  expect(linesOf(ben.doc)).toEqual(expected)

  const room = await world.room()
  const listed = room.reading.suggestions()
  expect(listed).toMatchObject([
    {
      run: null,
      author: { id: 'ben', name: 'ben' },
      chunks: [{ n: 1, state: 'open', inserted: ' of mine', deleted: '' }],
    },
  ])
  const { clients } = await world.store.loadMargin(world.document)
  expect(clients.get(lineAt(ada.doc, 1)._start?.id.client ?? 0)).toBe('ben')

  await world.restart()
  ada.connect(await world.room())
  await ada.synced()
  const suggestion = listed[0]?.id ?? ''
  ada.decide(`${suggestion}.1`, 'rejected')
  await eventually(() => expect(linesOf(ada.doc)).toEqual(['Alpha beta gamma.', 'Third line.']))
  ada.undecide(`${suggestion}.1`)
  await eventually(() => expect(linesOf(ada.doc)).toEqual(expected))
  ada.decide(`${suggestion}.1`, 'accepted')
  await eventually(async () => expect((await world.room()).reading.suggestions()).toEqual([]))
  expect(linesOf(ada.doc)).toEqual(expected)
})

test('[M14] case 30.6: words typed key by key for a line that was deleted are proposed together, whichever of them come first', async () => {
  await using world = await World.open()
  const { ada, ben } = await meeting(world, ['one', 'one'])
  ada.paragraph('Second line.')
  await eventually(() => expect(linesOf(ben.doc)).toHaveLength(2))
  ben.holdUp()
  ben.holdDown()
  const line = lineAt(ben.doc, 1)
  for (const [n, key] of [...' mine'].entries()) line.insert('Second'.length + n, key)
  line.insert('Second'.length, '!')
  body(ada.doc).delete(1, 1)
  await ada.synced()
  const stand: string[] = []
  while (ben.underWay('up') > 0) {
    ben.carryOne('up')
    const before = linesOf(ada.doc)[1]
    await eventually(() => expect(linesOf(ada.doc)[1]).not.toBe(before))
    stand.push(linesOf(ada.doc)[1] ?? '')
  }
  expect(stand).toEqual([' ', ' m', ' mi', ' min', ' mine', '! mine'])
  ben.carry()
  await ben.synced()
  const expected = ['Alpha beta gamma.', '! mine']
  await eventually(() => expect(linesOf(ada.doc)).toEqual(expected))
  const listed = (await world.room()).reading.suggestions()
  expect(listed).toMatchObject([{ author: { id: 'ben' }, chunks: [{ inserted: '! mine' }] }])
  ada.decide(`${listed[0]?.id}.1`, 'rejected')
  await eventually(() => expect(linesOf(ada.doc)).toEqual(['Alpha beta gamma.']))
})

test.each([
  1, -1,
])('[M23] case 30.6: what was done offline in hundreds of edits is told from one another, on the next page too, whichever page Yjs puts first (%i)', async (order) => {
  await using world = await World.open()
  const { ada, ben } = await meeting(world, ['one', 'one'])
  ben.disconnect()
  ada.doc.clientID = ben.doc.clientID + order
  // Split and joined again and again, each letter is taken along three hundred times.
  for (let n = 0; n < 150; n++) {
    split(ben, 'Alpha'.length)
    ben.doc.transact(() => lineAt(ben.doc, 1).insert(lineAt(ben.doc, 1).length, 'x'))
    join(ben)
  }
  split(ben, 'Alpha'.length)
  const next = await world.person('ben again', { id: 'ben' })
  next.disconnect()
  next.takeOver(ben)
  expect(next.unsaved).toBeGreaterThan(300)
  next.doc.transact(() => lineAt(next.doc, 1).insert(' beta'.length, '!'))
  split(ada, 'Alpha beta'.length)
  ada.doc.transact(() => lineAt(ada.doc, 1).insert(' gamma'.length, '?'))
  await ada.synced()

  next.connect(await world.room())
  await next.synced()
  const expected = ['Alpha', ' beta!', ` gamma?.${'x'.repeat(150)}`]
  await eventually(() => expect(linesOf(ada.doc)).toEqual(expected))
  expect(linesOf(next.doc)).toEqual(expected)
})
