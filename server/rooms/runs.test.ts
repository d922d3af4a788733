import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { EventRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { textOf } from '#server/testing/person.ts'
import { World } from '#server/testing/world.ts'
import type { Piece } from '#shared/document/piece.ts'
import type { Usage } from '#shared/protocol/event.ts'
import type { Room } from './room.ts'

const usage: Usage = { input: 1, output: 2, estimated: true }
const say = (text: string): Piece => ({ kind: 'text', text, format: 0 })
const chunk: Piece = { kind: 'chunk' }

/** Ada has written "Hello world", and a run has its pen between the two words. */
async function begun(world: World) {
  const room = await world.room()
  const ada = await world.person('ada')
  ada.type('Hello world')
  await ada.synced()
  const { run, writer } = await opened(world, room, ada.caret(5))
  return { room, ada, run, writer }
}

async function opened(world: World, room: Room, at: string) {
  const run = await world.run()
  const located = room.reading.locate({ at })
  const writer = await room.openRun(run, located!.place, 'insert')
  return { run, writer }
}

function following(room: Room) {
  const events: EventRow[] = []
  room.follow((more) => events.push(...more))
  return {
    events,
    types: () => events.map(({ type }) => type),
    numbers: () => events.map(({ n }) => n),
    data: (type: string) =>
      events.filter((event) => event.type === type).map(({ data }) => JSON.parse(data)),
  }
}

test('[S60] a run’s words reach everybody, by the lane at once and by the sockets soon', async () => {
  await using world = await World.open()
  const { room, ada, writer, run } = await begun(world)
  const ben = await world.person('ben')
  const lane = following(room)
  const reader = new Y.Doc()
  Y.applyUpdate(reader, Y.encodeStateAsUpdate(ada.doc))

  await writer.write([say(' dear')], 2)

  expect(lane.types()).toEqual(['run.delta'])
  const [delta] = lane.data('run.delta')
  expect(delta).toMatchObject({ run: run.id, text: ' dear', tokens: 2, lane: 'document' })
  Y.applyUpdate(reader, Buffer.from(delta.update, 'base64'))
  expect(textOf(reader)).toBe('Hello dear world')
  expect([ada.text, ben.text]).toEqual(['Hello world', 'Hello world'])
  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('Hello dear world')))
})

test('[S61] what somebody types into a run’s words reaches the others behind them', async () => {
  await using world = await World.open()
  const { room, ada, writer } = await begun(world)
  const lane = following(room)
  const ben = await world.person('ben')
  await writer.write([say(' dear')], 1)
  const [delta] = lane.data('run.delta')
  Y.applyUpdate(ada.doc, Buffer.from(delta.update, 'base64'), 'room')

  ada.type('est', 10)

  await eventually(() => expect(ben.text).toBe('Hello dearest world'))
  expect(ben.heardTooSoon).toBe(false)
})

test('[S62] a run’s events have no gaps and one end, also for who reads them later', async () => {
  await using world = await World.open()
  const room = await world.room()
  const lane = following(room)
  const { writer, run } = await begun(world)

  await writer.write([say(' dear'), chunk], 1)
  await writer.write([say(' old')], 2)
  await writer.end({ kind: 'finished', reason: 'stop', usage })
  await writer.end({ kind: 'finished', reason: 'length', usage })

  expect(lane.types()).toEqual([
    'run.started',
    'run.delta',
    'run.chunk',
    'run.delta',
    'run.chunk',
    'run.finished',
  ])
  expect(lane.numbers()).toEqual([1, 2, 3, 4, 5, 6])
  expect(await world.store.eventsAfter(world.document, 0, 100)).toEqual(lane.events)
  expect(await world.store.getRun(run.id)).toMatchObject({ status: 'finished', tokens: 2 })
})

test('[S63] the document says who asked, and how the run ended', async () => {
  await using world = await World.open()
  const { ada, writer, run } = await begun(world)
  await eventually(() =>
    expect(ada.suggestions).toMatchObject({
      [run.id]: { run: run.id, authorName: 'Ada', kind: 'insert', status: 'streaming' },
    }),
  )

  const failed = { failure: 'provider', message: 'It broke.', continuable: true } as const
  await writer.end({ kind: 'failed', ...failed, usage })

  await eventually(() =>
    expect(ada.suggestions).toMatchObject({ [run.id]: { status: 'failed', problem: 'It broke.' } }),
  )
})

test('[S64] a run that is stopped writes no more, and what it wrote stays provisional', async () => {
  await using world = await World.open()
  const { room, ada, writer, run } = await begun(world)
  await writer.write([say(' dear')], 1)
  const by = { id: 'ben', name: 'Ben' }

  expect(room.stopRun(run.id, by)).toBe(true)

  expect(writer.signal.reason).toEqual({ kind: 'stopped', by })
  await expect(writer.write([say(' old')], 2)).rejects.toEqual({ kind: 'stopped', by })
  await writer.end({ kind: 'stopped', by, usage })
  expect(room.stopRun(run.id, by)).toBe(false)
  await eventually(() => expect(ada.text).toBe('Hello dear world'))
  expect((await room.reading.content('text', 'without')).trim()).toBe('Hello world')
  expect((await room.reading.content('text', 'accepted')).trim()).toBe('Hello dear world')
  expect(await world.store.getRun(run.id)).toMatchObject({ status: 'stopped' })
})

test('[S65] a run whose place is deleted and does not come back is told so', async () => {
  await using world = await World.open({ limits: { placeWaitMs: 20 } })
  const { ada, writer } = await begun(world)
  ada.paragraph('more')
  await writer.write([say(' dear')], 1)
  await eventually(() => expect(ada.text).toContain('dear'))

  ada.erase(0, 'Hello dear world'.length)

  await eventually(() => expect(writer.signal.reason).toEqual({ kind: 'no-place' }))
})

test('[S66] a run that another has taken writes nothing more, and the room is read anew', async () => {
  await using world = await World.open()
  const { room, ada, writer, run } = await begun(world)
  await writer.write([say(' dear')], 1)
  await world.store.commit([
    {
      document: world.document,
      epoch: 1,
      updates: [],
      run: { ...fence(run), from: ['streaming'], set: { status: 'interrupted' }, leaseMs: 0 },
    },
  ])

  await expect(writer.write([say(' ghost')], 2)).rejects.toBeDefined()
  await writer.end({ kind: 'finished', reason: 'stop', usage })

  expect(writer.signal.reason).toEqual({ kind: 'fenced' })
  expect(room.ended.aborted).toBe(true)
  expect(ada.closed).toMatchObject({ code: 1012 })
  ada.connect(await world.room())
  await ada.synced()
  expect(ada.text).toBe('Hello dear world')
  expect(await world.store.getRun(run.id)).toMatchObject({ status: 'interrupted' })
})

test('[S67] nobody peeks at a run’s words that are not committed', async () => {
  await using world = await World.open()
  const { ada, writer, room } = await begun(world)
  world.gate.hold()
  const writing = writer.write([say(' ghost')], 1)
  await eventually(() => expect(JSON.stringify(room.reading.blocks('accepted'))).toContain('ghost'))
  const lane = following(room)

  ada.disconnect()
  ada.connect(room)
  const hash = room.reading.hash()
  let hashed = false
  hash.then(() => {
    hashed = true
  }, expect.fail)
  await new Promise((resolve) => setImmediate(resolve))
  expect([ada.text, lane.events, hashed]).toEqual(['Hello world', [], false])
  expect(ada.heard).toEqual([])

  world.gate.release()
  await writing
  await ada.synced()
  expect(ada.text).toBe('Hello ghost world')
  await hash
})

test('[S68] when a run’s commit fails nobody has seen it, and the room is read anew', async () => {
  await using world = await World.open()
  const { ada, writer } = await begun(world)
  world.gate.before = (commits) => {
    if (commits.some(({ run }) => run)) throw new Error('the database is gone')
  }

  await expect(writer.write([say(' ghost')], 1)).rejects.toBeDefined()

  expect(ada.closed).toMatchObject({ code: 1012 })
  expect(ada.text).toBe('Hello world')
  world.gate.before = () => undefined
  expect((await world.person('ben')).text).toBe('Hello world')
})

test('[S69] the co-pilot has a caret while it writes, and none afterwards', async () => {
  await using world = await World.open()
  const { ada, writer, run } = await begun(world)
  const caret = () => ada.awareness.getStates().get(run.client)

  await writer.write([say(' dear')], 1)
  await eventually(() =>
    expect(caret()).toMatchObject({
      user: { id: run.id, name: 'Co-pilot · Ada', copilot: true },
      name: 'Co-pilot · Ada',
      focusing: true,
    }),
  )
  const { anchorPos } = caret() as { anchorPos: Y.RelativePosition }
  await eventually(() => expect(ada.text).toContain('dear'))
  await eventually(() => {
    const { anchorPos } = caret() as { anchorPos: Y.RelativePosition }
    expect(Y.createAbsolutePositionFromRelativePosition(anchorPos, ada.doc)?.index).toBe(10)
  })
  expect(anchorPos).toBeDefined()

  await writer.end({ kind: 'finished', reason: 'stop', usage })
  await eventually(() => expect(caret()).toBeUndefined())
})

test('[S70] an orphan’s end is written once, by whoever finds it', async () => {
  await using world = await World.open()
  const { room, writer, run } = await begun(world)
  await writer.write([say(' dear')], 1)
  await world.restart()
  const again = await world.room()
  const lane = following(again)
  const by = { id: 'ben', name: 'Ben' }

  const both = await Promise.all([
    again.interruptRun(run, { kind: 'stopped', by }),
    again.interruptRun(run, { kind: 'stopped', by }).catch(() => false),
  ])

  expect(both.filter(Boolean)).toHaveLength(1)
  expect(room.ended.aborted).toBe(true)
  expect(lane.types()).toEqual(['run.chunk', 'run.finished'])
  expect(again.reading.suggestions()).toMatchObject([
    { id: run.id, chunks: [{ state: 'open', n: 1 }] },
  ])
})

test('[P30] case 30.10: of a dead server’s run no half replacement stays, and half a sentence is noted', async () => {
  await using world = await World.open()
  const { room, ada, writer, run } = await begun(world)
  await writer.write([say(' dear')], 1)
  const edit = await world.run()
  const editor = await room.openRun(edit, { kind: 'edit' }, 'edit')
  const [block] = room.reading.blocks('without')
  const spans = block!.inlines.flatMap((one) => (one.kind === 'text' ? one.spans : []))
  await editor.write([{ kind: 'strike', spans }, say('Good mor')], 1)
  await eventually(() => expect(ada.text).toContain('Good mor'))
  await world.restart()
  const again = await world.room()

  for (const row of [run, edit])
    await again.interruptRun(row, { kind: 'stopped', by: { id: 'ben', name: 'Ben' } })

  expect(again.reading.suggestions().map(({ id }) => id)).toEqual([run.id])
  expect(await again.reading.content('text', 'accepted')).toBe('Hello dear world\n')
  const { progress } = (await world.store.getRun(run.id))!
  expect(JSON.parse(progress!)).toMatchObject({ cut: `${run.id}.1` })
})

const fence = ({ id, fence }: { id: string; fence: number }) => ({ id, fence })
