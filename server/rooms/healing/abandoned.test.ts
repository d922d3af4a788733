import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { Room } from '#server/rooms/room.ts'
import type { RunRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { glyphsOf } from '#server/testing/history/judging/glyphs.ts'
import { World } from '#server/testing/world.ts'
import type { Piece } from '#shared/document/piece.ts'
import { suggestionMap } from '#shared/document/shape.ts'

const say = (text: string): Piece => ({ kind: 'text', text, format: 0 })
const by = { id: 'ada', name: 'Ada' }
const textOf = async (room: Room) => (await room.reading.content('text', 'without')).trim()

/** Ada has written, and a run of the given kind writes in her words. */
async function begun(world: World, kind: 'insert' | 'edit') {
  const room = await world.room()
  const ada = await world.person('ada')
  ada.type('Hello world')
  await ada.synced()
  const run = await world.run()
  const place = room.reading.locate({ at: ada.caret(5) })!.place
  const writer = await room.openRun(run, kind === 'edit' ? { kind } : place, kind)
  return { room, ada, run, writer }
}

/** The run ended in its row alone, as a server of an older version may have left it. */
async function endInRowAlone(world: World, { id, fence }: RunRow): Promise<void> {
  const set = { status: 'interrupted' as const }
  const run = { id, fence, from: ['streaming' as const], set, leaseMs: 0 }
  await world.store.commit([{ document: world.document, epoch: 1, updates: [], run }])
}

/** What the document says of a suggestion. */
async function entryOf(world: World, suggestion: string) {
  const loaded = await world.store.load(world.document)
  const doc = new Y.Doc()
  if (loaded?.snapshot) Y.applyUpdate(doc, loaded.snapshot.data)
  for (const { data } of loaded?.updates ?? []) Y.applyUpdate(doc, data)
  return suggestionMap(doc).get(suggestion)
}

const ended = (world: World, suggestion: string) =>
  eventually(async () => {
    expect(await entryOf(world, suggestion)).toMatchObject({
      status: 'interrupted',
      problem: expect.stringContaining('Interrupted'),
    })
  })

test('[P31] text that a dead run left under way is ended with a reason, and can be decided', async () => {
  await using world = await World.open()
  const { run, writer } = await begun(world, 'insert')
  await writer.write([say(' dear. Is'), { kind: 'chunk' }, say(' th')], 1)
  await endInRowAlone(world, run)
  await world.restart()

  const room = await world.room()

  await ended(world, run.id)
  expect(await room.reading.content('text', 'accepted')).toContain('Hello dear. Is th world')
  const [suggestion] = room.reading.suggestions()
  expect(suggestion?.chunks.map(({ n, state }) => [n, state])).toEqual([
    [1, 'open'],
    [2, 'open'],
  ])
  await room.decide({ suggestion: run.id, decision: 'reject', by })
  expect(room.reading.suggestions()).toEqual([])
  expect((await room.reading.content('text', 'inline')).trim()).toBe('Hello world')
})

test('[P31] half a replacement of a dead run is taken back, and the old text stands again', async () => {
  await using world = await World.open()
  const { run, writer, ada } = await begun(world, 'edit')
  const [first] = glyphsOf(ada.doc).slice(6)
  const [client, clock] = first!.id.split('-').map(Number)
  const spans = [{ client: client!, clock: clock!, length: 5 }]
  const original = { text: 'world', spans, before: 'edge', behind: 'edge' } as const
  await writer.write([{ kind: 'original', ...original }, { kind: 'strike', spans }, say('ear')], 1)
  await endInRowAlone(world, run)
  await world.restart()

  const room = await world.room()

  await ended(world, run.id)
  expect(room.reading.suggestions()).toEqual([])
  expect((await room.reading.content('text', 'inline')).trim()).toBe('Hello world')
})

test('[P31] a suggestion of a run that nobody has heard of is ended; one that is written is not', async () => {
  await using world = await World.open()
  const { run, writer } = await begun(world, 'insert')
  await writer.write([say(' dear')], 1)
  const doc = new Y.Doc()
  const mine = await entryOf(world, run.id)
  suggestionMap(doc).set('nobody', { ...mine!, run: 'nobody' })
  const updates = [{ actor: 'room', data: Y.encodeStateAsUpdate(doc) }]
  await world.store.commit([{ document: world.document, epoch: 1, updates }])

  const other = await world.room('two')
  expect(await textOf(other)).toBe('Hello world')

  await ended(world, 'nobody')
  expect(await entryOf(world, run.id)).toMatchObject({ status: 'streaming' })
  await writer.write([say(' big')], 2)
  await eventually(async () => {
    expect(await other.reading.content('text', 'accepted')).toContain('Hello dear big world')
  })
})
