import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import { decisionKey, decisionMap, suggestionMap } from '#shared/document/shape.ts'
import type { Room } from './room.ts'

/** A document that was lost and is there again as it was at one moment; its room. */
async function restored(world: World, backup: NonNullable<Backup>) {
  const id = `${world.document}-restored`
  const { snapshot, updates, clients } = backup
  const first = Y.mergeUpdates([...(snapshot ? [snapshot.data] : []), ...updates.map(dataOf)])
  await world.store.createDocument({ id, owner: 'owner', title: 'Plan', first, client: 1 })
  await world.store.changeDocument(id, { linkRole: 'edit' })
  const owned = [...clients].map(([client, owner]) => ({ client, owner }))
  await world.store.commit([{ document: id, epoch: 1, updates: [], clients: owned }])
  const { room } = await world.instance().rooms.hold(id)
  const begin = () => world.store.claim(`take back ${id}`, 'restore', 60_000)
  const end = () => world.store.unclaim(`take back ${id}`, 'restore')
  return { room, begin, end, id }
}

type Backup = Awaited<ReturnType<World['store']['load']>>
const dataOf = ({ data }: { data: Uint8Array }) => data
const plain = (room: Room) => room.reading.content('text', 'without')

/** What Ada wrote is in the backup; what Ben, Cyd, the co-pilot and she wrote since is not. */
async function lost() {
  const world = await World.open()
  const [ada, ben] = [await world.person('ada'), await world.person('ben')]
  ada.type('Hello world')
  await ada.synced()
  await eventually(() => expect(ben.text).toBe('Hello world'))
  ben.type('!')
  await ben.synced()
  const backup = await world.store.load(world.document)

  const cyd = await world.person('cyd')
  ada.type('One. ', 0)
  await eventually(() => expect(cyd.text).toContain('One.'))
  cyd.type('Two. ', 5)
  const room = await world.room()
  const run = await world.run()
  const writer = await room.openRun(run, room.reading.locate({ at: ada.caret(0) })!.place, 'insert')
  await writer.write([{ kind: 'text', text: 'Zero. ', format: 0 }, { kind: 'chunk' }], 1)
  const usage = { input: 1, output: 1, estimated: true }
  await writer.end({ kind: 'finished', reason: 'stop', usage })
  const all = 'Zero. One. Two. Hello world!'
  for (const one of [ada, ben, cyd]) await eventually(() => expect(one.text).toBe(all))
  for (const one of [ada, ben, cyd]) one.disconnect()
  return { world, ada, ben, cyd, all, ...(await restored(world, backup!)) }
}

test('[D115] after a restore that merged, one page gives back what everybody and the co-pilot wrote since, and everybody writes on as themselves', async () => {
  const { world, room, begin, ada, ben, cyd, all } = await lost()
  await using _ = world

  ben.connect(room)
  await eventually(() => expect(ben.closed).toMatchObject({ code: 4422 }))
  await begin()
  ben.connect(room)
  await ben.synced()

  await eventually(async () => expect((await plain(room)).trim()).toBe(all))
  for (const [one, word] of [
    [ada, 'Three. '],
    [cyd, 'Four. '],
    [ben, 'Five. '],
  ] as const) {
    one.connect(room)
    one.type(word, 0)
    await one.synced()
  }
  const people = [ada, ben, cyd]
  const words = ['Three.', 'Four.', 'Five.', ...all.split(' ')].sort()
  for (const one of people) {
    await eventually(() => expect(one.text.split(' ').sort()).toEqual(words))
  }
  expect(new Set(people.map(({ text }) => text)).size).toBe(1)
})

test('[D116] what only the server or somebody else may say comes back as said and gone, on the giver’s page too', async () => {
  const { world, room, begin, ben, id } = await lost()
  await using _ = world
  await begin()
  ben.connect(room)
  await ben.synced()
  const reader = new Y.Doc()
  const chunk = `${Object.keys(ben.suggestions)[0] ?? 'x'}.0`
  const forged = { run: null, author: 'ada', authorName: 'Ada', kind: 'insert', command: 'x' }

  ben.doc.transact(() => {
    decisionMap(ben.doc).set(decisionKey(chunk, 'ada'), { decision: 'accepted', at: 1 })
    suggestionMap(ben.doc).set('forged', forged as never)
  })
  await ben.synced()

  const stored = await world.store.load(id)
  if (stored?.snapshot) Y.applyUpdate(reader, stored.snapshot.data)
  for (const { data } of stored?.updates ?? []) Y.applyUpdate(reader, data)
  for (const doc of [reader, ben.doc]) {
    await eventually(() => expect(decisionMap(doc).size).toBe(0))
    await eventually(() => expect(suggestionMap(doc).size).toBe(0))
  }
})

test('[D117] who gives back others’ text does not become its owner, and once taking back has ended nobody writes as others', async () => {
  const { world, room, begin, end, ada, ben, id } = await lost()
  await using _ = world
  await begin()
  ben.connect(room)
  await ben.synced()
  ben.disconnect()
  await end()

  const owners = (await world.store.load(id))!.clients
  expect(owners.get(ada.doc.clientID)).toBe('ada')
  expect([...owners.values()].filter((owner) => owner === 'ben')).toHaveLength(1)
  ada.connect(room)
  ada.type('Still Ada. ', 0)
  await ada.synced()
  const mallory = await world.person('mallory')
  mallory.disconnect()
  Y.applyUpdate(mallory.doc, Y.encodeStateAsUpdate(ada.doc))
  mallory.doc.clientID = ada.doc.clientID
  mallory.connect(room)
  mallory.type('As Ada. ', 0)
  await eventually(() => expect(mallory.closed).toMatchObject({ code: 4422 }))
})

test('[D118] a large update is taken back as a small one is', async () => {
  const { world, room, begin, ben, cyd } = await lost()
  await using _ = world
  ben.doc.transact(() => undefined)
  cyd.type('x'.repeat(300 * 1024), 0)
  Y.applyUpdate(ben.doc, Y.encodeStateAsUpdate(cyd.doc), 'room')
  await begin()

  ben.connect(room)
  await ben.synced()

  await eventually(async () => expect((await plain(room)).length).toBeGreaterThan(300 * 1024))
  await eventually(() => expect(suggestionMap(ben.doc).size).toBe(0))
})
