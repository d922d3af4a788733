/** Edits that meet in a room: what is told, listed and exported, on every instance and after a restart. */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { addressBlocks } from '#server/ai/addresses.ts'
import { EditStream } from '#server/ai/answers/edit-stream.ts'
import type { EventRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import type { Person } from '#server/testing/person.ts'
import { World } from '#server/testing/world.ts'
import { body, noteOf } from '#shared/document/shape.ts'
import { compact } from './compaction.ts'
import type { Room } from './room.ts'

const usage = { input: 1, output: 2, estimated: true }
const SENTENCE = 'The budget is 100 euros.'
const ANSWER = 'b1.1: The budget amounts to 100 euros.'

/** A run that is asked now, for the first sentence, and answers when it is told to. */
async function ask(world: World, room: Room, requester = 'ada') {
  const run = await world.run({ requester })
  const blocks = addressBlocks(room.reading.blocks('without'))
  const stream = new EditStream({ blocks, granularity: 'tail', hosts: new Set() })
  const writer = await room.openRun(run, { kind: 'edit' }, 'edit')
  const say = (text: string) => writer.write(stream.push(text), 1)
  const answer = async (text: string) => {
    await say(text)
    await writer.write(stream.end(), 2)
    await writer.end({ kind: 'finished', reason: 'stop', usage })
  }
  return { id: run.id, say, answer }
}

function staleIn(room: Room) {
  const told: [number[], string | null, string | null][] = []
  room.follow((events: readonly EventRow[]) => {
    for (const { type, data } of events) {
      if (type !== 'suggestion.stale') continue
      const { chunks, reason } = JSON.parse(data)
      told.push([chunks, reason?.kind ?? null, reason?.by?.name ?? null])
    }
  })
  return told
}

async function budget(world: World): Promise<{ ada: Person; ben: Person; room: Room; two: Room }> {
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })
  ada.type(SENTENCE)
  await ada.synced()
  await eventually(() => expect(ben.text).toBe(SENTENCE))
  return { ada, ben, room: await world.room('one'), two: await world.room('two') }
}

/** A snapshot of all there is, as compaction makes one: what is deleted is not in it. */
async function snapshot(world: World): Promise<void> {
  const { row, snapshot: last, updates } = (await world.store.load(world.document))!
  const data = compact({ snapshot: last?.data, updates: updates.map((one) => one.data) })
  expect(await world.store.putSnapshot(row.id, row.epoch, row.head, data)).toBe(true)
}

test('[G1] case 30.3: a sentence that is changed while the model thinks is struck by nobody, and all are told whose change it was', async () => {
  await using world = await World.open()
  const { ada, ben, room, two } = await budget(world)
  const told = staleIn(two)
  const run = await ask(world, room, 'ben')
  ben.type('00', 17)
  await ben.synced()
  await eventually(() => expect(ada.text).toBe('The budget is 10000 euros.'))

  await run.answer(ANSWER)

  await eventually(() => expect(told).toEqual([[[1], 'changed', 'ben']]))
  for (const one of [room, two]) {
    await eventually(async () =>
      expect((await one.reading.content('text', 'accepted')).trim()).toBe(
        'The budget is 10000 euros.',
      ),
    )
    const inline = await one.reading.content('text', 'inline')
    expect(inline).toContain('{++amounts to 100 euros.++}{>>out of date<<}')
    const reason = {
      kind: 'changed',
      by: { id: 'ben', name: 'ben' },
      original: SENTENCE,
      proposal: 'The budget amounts to 100 euros.',
      present: 'The budget is 10000 euros.',
    }
    const chunk = { state: 'stale', inserted: 'amounts to 100 euros.', deleted: '', reason }
    await eventually(() => expect(one.reading.suggestions()).toMatchObject([{ chunks: [chunk] }]))
  }
})

test('[G2] a chunk that waits is stale once somebody changes what it strikes, and open again when that is taken back', async () => {
  await using world = await World.open()
  const { ada, ben, room, two } = await budget(world)
  const run = await ask(world, room)
  await run.answer(ANSWER)
  const told = staleIn(room)
  ben.type('00', 17)
  await eventually(() => expect(told).toEqual([[[1], 'changed', 'ben']]))
  await eventually(() => expect(noteOf(ada.doc, `${run.id}.1`)?.stale?.by?.name).toBe('ben'))

  ben.erase(17, 2)

  await eventually(() => expect(told.at(-1)).toEqual([[1], null, null]))
  await eventually(() => expect(noteOf(ada.doc, `${run.id}.1`)).toBeUndefined())
  await two.decide({ suggestion: run.id, decision: 'accept', by: { id: 'ben', name: 'ben' } })
  await eventually(() => expect(ada.text).toBe('The budget amounts to 100 euros.'))
})

test('[G2] a change that was committed as the server died makes the chunk stale when it is read again', async () => {
  await using world = await World.open()
  const { ada, room } = await budget(world)
  const run = await ask(world, room)
  await run.answer(ANSWER)
  ada.disconnect()
  ada.type('00', 17)
  await world.restart()
  ada.connect(await world.room('one'))
  await ada.synced()
  const again = await world.room('one')
  await eventually(() =>
    expect(again.reading.suggestions()).toMatchObject([{ chunks: [{ state: 'stale' }] }]),
  )
  await world.restart()
  const third = await world.room('one')
  expect(third.reading.suggestions()).toMatchObject([
    { chunks: [{ state: 'stale', reason: { by: { name: 'ada' } } }] },
  ])
})

test('[G4] cases 30.4, 30.5: of two rewrites of a sentence one is accepted and the other stale, on whichever instance, told in one commit', async () => {
  await using world = await World.open()
  const { ada, ben, room, two } = await budget(world)
  const runs = [await ask(world, room, 'ada'), await ask(world, two, 'ben')]
  await runs[0]!.answer('b1.1: Let us chew on that.')
  await runs[1]!.answer('b1.1: We shall think.')
  const [one, other] = runs.map(({ id }) => id) as [string, string]
  await eventually(() =>
    expect(room.reading.suggestions().map(({ chunks }) => chunks[0]?.rivals)).toEqual([
      [`${other}.1`],
      [`${one}.1`],
    ]),
  )

  ben.decide(`${other}.1`, 'accepted')

  await eventually(() =>
    expect(room.reading.suggestions()).toMatchObject([
      { id: one, chunks: [{ state: 'stale', reason: { kind: 'accepted', by: { name: 'ben' } } }] },
    ]),
  )
  for (const at of [room, two]) {
    const text = (await at.reading.content('text', 'accepted')).trim()
    expect(text).toBe('We shall think.')
  }
  const commit = world.gate.done.find(({ events }) =>
    events?.some(({ type }) => type === 'suggestion.decided'),
  )
  expect(commit?.events?.map(({ type }) => type)).toEqual([
    'suggestion.decided',
    'suggestion.stale',
  ])
  expect(commit?.chunks?.map(({ id, state }) => [id, state]).toSorted()).toEqual(
    [
      [`${one}.1`, 'stale'],
      [`${other}.1`, 'accepted'],
    ].toSorted(),
  )

  const accept = { suggestion: one, decision: 'accept', by: { id: 'ada', name: 'ada' } } as const
  await expect(two.decide(accept)).rejects.toMatchObject({ code: 'conflict' })
  ben.undecide(`${other}.1`)
  await eventually(() =>
    expect(two.reading.suggestions().flatMap(({ chunks }) => chunks)).toMatchObject([
      { state: 'open' },
      { state: 'open' },
    ]),
  )
  await two.decide(accept)
  await eventually(() => expect(ada.text).toContain('Let us chew on that.'))
})

test('[G4] what is dropped of stale text is gone, and reopening brings it back to be dropped again', async () => {
  await using world = await World.open()
  const { ada, room } = await budget(world)
  const run = await ask(world, room)
  await run.answer(ANSWER)
  ada.type('00', 17)
  await eventually(() =>
    expect(room.reading.suggestions()).toMatchObject([{ chunks: [{ state: 'stale' }] }]),
  )
  const by = { id: 'ada', name: 'ada' }
  await room.decide({ suggestion: run.id, decision: 'reject', by })
  await eventually(() => expect(ada.text).toBe('The budget is 10000 euros.'))
  expect(room.reading.suggestions()).toEqual([])

  await room.decide({ suggestion: run.id, decision: 'reopen', by })
  await eventually(() =>
    expect(room.reading.suggestions()).toMatchObject([{ chunks: [{ state: 'stale' }] }]),
  )
})

test('[G27] runs that write on one text on two instances both end, and what each proposed can be decided', async () => {
  await using world = await World.open()
  const { ada, ben, room, two } = await budget(world)
  const runs = [await ask(world, room, 'ada'), await ask(world, two, 'ben')]
  const says = ['b1.1: Let us chew on that.', 'b1.1: We shall think.']

  await Promise.all(runs.map((run, n) => run.answer(says[n]!)))

  const statuses = () =>
    runs.map(({ id }) => (ben.suggestions[id] as { status: string } | undefined)?.status)
  await eventually(() => expect(statuses()).toEqual(['finished', 'finished']))
  await eventually(() =>
    expect(
      two.reading.suggestions().map(({ chunks }) => chunks.map(({ rivals }) => rivals.length)),
    ).toEqual([[1], [1]]),
  )
  for (const { id } of runs) ada.decide(`${id}.1`, 'rejected')
  await eventually(() => expect(ben.text).toBe(SENTENCE))
  expect(room.reading.suggestions()).toEqual([])
})

test('[G20] case 30.8: a decision is taken back after a restart, on whichever instance its key goes', async () => {
  for (const decision of ['accepted', 'rejected'] as const) {
    await using world = await World.open()
    const { ada, ben, room } = await budget(world)
    const run = await ask(world, room)
    await run.answer(ANSWER)
    ada.decide(`${run.id}.1`, decision)
    await eventually(() => expect(room.reading.suggestions()).toEqual([]))
    await ada.synced()
    await world.restart()
    const two = await world.room('two')
    ada.connect(two)
    ben.connect(await world.room('one'))
    await ada.synced()

    ada.undecide(`${run.id}.1`)

    await eventually(() =>
      expect(two.reading.suggestions()).toMatchObject([{ chunks: [{ n: 1, state: 'open' }] }]),
    )
    await eventually(async () =>
      expect((await two.reading.content('text', 'without')).trim()).toBe(SENTENCE),
    )
    await eventually(() => expect(ben.text).toBe(ada.text))
    await two.decide({ suggestion: run.id, decision: 'accept', by: { id: 'ben', name: 'ben' } })
    await eventually(() => expect(ben.text).toBe('The budget amounts to 100 euros.'))
  }
})

test.each([
  ['words of a proposal', 20, 7],
  ['all that is proposed', 24, 21],
  ['struck and proposed words together', 17, 23],
  ['words that are struck', 3, 6],
] as const)('[G23] case 30.7: %s that Ctrl+Z brings back after a restart are what they were', async (_, at, length) => {
  await using world = await World.open()
  const { ada, ben, room } = await budget(world)
  const run = await ask(world, room)
  await run.answer(ANSWER)
  const shown = 'The budget is 100 euros.amounts to 100 euros.'
  await eventually(() => expect(ben.text).toBe(shown))
  const suggestions = () => room.reading.suggestions().map(({ chunks }) => chunks)
  const before = suggestions()
  const manager = new Y.UndoManager(body(ben.doc))
  ben.erase(at, length)
  await eventually(() => expect(ada.text).not.toBe(shown))
  await ben.synced()
  await snapshot(world)
  ben.disconnect()
  await world.restart()

  manager.undo()
  const again = await world.room('one')
  ben.connect(again)
  await ben.synced()

  // At once, and when everything is repaired.
  expect((await again.reading.content('text', 'without')).trim()).toBe(SENTENCE)
  await eventually(() => {
    expect(again.reading.suggestions().map(({ chunks }) => chunks)).toEqual(before)
  })
  await again.decide({ suggestion: run.id, decision: 'reject', by: { id: 'ada', name: 'ada' } })
  await eventually(() => expect(ben.text).toBe(SENTENCE))
  manager.destroy()
})
