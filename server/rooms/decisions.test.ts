import { expect, test } from 'vitest'
import type { EventRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import type { Piece } from '#shared/document/piece.ts'
import { decisionMap } from '#shared/document/shape.ts'
import type { Room } from './room.ts'
import type { RunWriter } from './run-writer.ts'

const usage = { input: 1, output: 2, estimated: true }
const chunk: Piece = { kind: 'chunk' }
const say = (text: string): Piece => ({ kind: 'text', text, format: 0 })
const BEN = { id: 'ben', name: 'Ben' }

/** "Hello" with two proposed chunks behind it, each decidable. */
async function proposed(world: World, { ended = true } = {}) {
  const room = await world.room()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  ada.type('Hello')
  await ada.synced()
  const run = await world.run()
  const writer: RunWriter = await room.openRun(
    run,
    room.reading.locate({ at: ada.caret(5) })!.place,
    'insert',
  )
  await writer.write([say(' one.'), chunk, say(' two.'), chunk], 4)
  if (ended) await writer.end({ kind: 'finished', reason: 'stop', usage })
  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('Hello one. two.')))
  return { room, ada, ben, run: run.id, writer, decided: decisionsIn(room) }
}

function decisionsIn(room: Room) {
  const decided: unknown[] = []
  room.follow((events: readonly EventRow[]) => {
    for (const { type, data } of events) {
      if (type !== 'suggestion.decided') continue
      const { decision, chunks, by } = JSON.parse(data)
      decided.push([decision, chunks, by.name])
    }
  })
  return decided
}

test('[S71] a decision in the document is settled, and everybody told by whom', async () => {
  await using world = await World.open()
  const { room, ada, ben, run, decided } = await proposed(world)

  ada.decide(`${run}.1`, 'accepted')
  ben.decide(`${run}.2`, 'rejected')

  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('Hello one.')))
  await eventually(() =>
    expect(decided).toEqual([
      ['accepted', [1], 'ada'],
      ['rejected', [2], 'ben'],
    ]),
  )
  expect(room.reading.suggestions()).toEqual([])
  expect((await room.reading.content('text', 'without')).trim()).toBe('Hello one.')
})

test('[S99] who decides the other way before they hear of it has decided that way, and the room goes on', async () => {
  await using world = await World.open()
  const { room, ada, ben, run, decided } = await proposed(world)

  ben.decide(`${run}.1`, 'rejected')
  await eventually(() => expect(decided).toEqual([['rejected', [1], 'ben']]))
  ben.decide(`${run}.1`, 'accepted')

  await eventually(() => expect(decided.slice(1).map(String)).toContain('accepted,1,ben'))
  ada.type('!')
  await ada.synced()
  await eventually(() => expect([...decisionMap(ada.doc).keys()]).toEqual([`${run}.1:ben`]))
  expect(decided).toHaveLength(3)
  expect((await room.reading.content('text', 'accepted')).trim()).toContain('one. two.')
})

test('[S72] of two who decide, the first in the log wins, and the other’s key goes', async () => {
  await using world = await World.open()
  const { ada, ben, run, decided } = await proposed(world)
  ben.holdUp()

  ben.decide(`${run}.1`, 'rejected')
  ada.decide(`${run}.1`, 'accepted')
  await eventually(() => expect(decided).toEqual([['accepted', [1], 'ada']]))
  ben.carry()

  await ben.synced()
  await eventually(() => expect([...decisionMap(ada.doc).keys()]).toEqual([`${run}.1:ada`]))
  expect([...decisionMap(ben.doc).keys()]).toEqual([`${run}.1:ada`])
  expect(decided).toHaveLength(1)
  expect(ben.text).toBe('Hello one. two.')
})

test('[S73] a decision by HTTP is one like another: it wins once, and its like is no error', async () => {
  await using world = await World.open()
  const { room, ada, run, decided } = await proposed(world)
  const ask = { suggestion: run, chunks: [1], by: BEN }

  expect(await room.decide({ ...ask, decision: 'reject' })).toEqual({
    chunks: [{ n: 1, state: 'rejected' }],
  })
  expect(await room.decide({ ...ask, decision: 'reject' })).toEqual({
    chunks: [{ n: 1, state: 'rejected' }],
  })
  await expect(room.decide({ ...ask, decision: 'accept' })).rejects.toMatchObject({
    code: 'conflict',
    winners: [{ n: 1, state: 'rejected', by: BEN }],
  })
  await expect(
    room.decide({ suggestion: 'none', decision: 'accept', by: BEN }),
  ).rejects.toMatchObject({ code: 'not-found' })

  expect(decided).toEqual([['rejected', [1], 'Ben']])
  await eventually(() => expect(ada.text).toBe('Hello two.'))
})

test('[S74] without chunks, all that is open is decided at once', async () => {
  await using world = await World.open()
  const { room, ada, run, decided } = await proposed(world)

  const { chunks } = await room.decide({ suggestion: run, decision: 'accept', by: BEN })

  expect(chunks).toEqual([
    { n: 1, state: 'accepted' },
    { n: 2, state: 'accepted' },
  ])
  expect(decided).toEqual([['accepted', [1, 2], 'Ben']])
  await ada.synced()
  expect((await room.reading.content('text', 'without')).trim()).toBe('Hello one. two.')
})

test('[S75] who takes a decision back finds the chunk open again', async () => {
  await using world = await World.open()
  const { room, ada, ben, run, decided } = await proposed(world)
  ada.decide(`${run}.1`, 'rejected')
  await eventually(() => expect(ben.text).toBe('Hello two.'))

  ada.undecide(`${run}.1`)

  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('Hello one. two.')))
  await eventually(() => expect(decided.at(-1)).toEqual(['reopened', [1], 'ada']))
  expect(room.reading.suggestions()).toMatchObject([
    { chunks: [{ n: 1, state: 'open' }, { n: 2 }] },
  ])
  expect((await room.reading.content('text', 'without')).trim()).toBe('Hello')
})

test('[S76] anybody may reopen by HTTP, as long as that is possible', async () => {
  await using world = await World.open()
  const { room, ada, run, decided } = await proposed(world)
  await room.decide({ suggestion: run, chunks: [2], decision: 'reject', by: BEN })

  const ask = { suggestion: run, chunks: [2], decision: 'reopen', by: BEN } as const
  expect(await room.decide(ask)).toEqual({ chunks: [{ n: 2, state: 'open' }] })
  await expect(room.decide(ask)).rejects.toMatchObject({ code: 'conflict' })

  expect(decided.at(-1)).toEqual(['reopened', [2], 'Ben'])
  await eventually(() => expect(ada.text).toBe('Hello one. two.'))
})

test('[S77] a chunk may be decided while the next is being written', async () => {
  await using world = await World.open()
  const { ada, run, writer, decided } = await proposed(world, { ended: false })
  await writer.write([say(' three')], 6)

  ada.decide(`${run}.1`, 'accepted')
  ada.decide(`${run}.3`, 'rejected') // the one under way: it ends when it is complete
  await eventually(() => expect(decided).toEqual([['accepted', [1], 'ada']]))
  await writer.write([say(' more.'), chunk], 7)
  await writer.end({ kind: 'finished', reason: 'stop', usage })

  await eventually(() => expect(decided.at(-1)).toEqual(['rejected', [3], 'ada']))
  await eventually(() => expect(ada.text).toBe('Hello one. two.'))
})

test('[S78] what a person types into proposed text stays when it is rejected', async () => {
  await using world = await World.open()
  const { room, ada, ben, run } = await proposed(world)

  ben.type('MINE', 8)
  await ben.synced()
  await room.decide({ suggestion: run, decision: 'reject', by: BEN })

  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('HelloMINE')))
})

test('[S79] flags are repaired soon after somebody typed into them', async () => {
  await using world = await World.open()
  const { ada, ben } = await proposed(world)

  ben.type('MINE', 8)

  await eventually(() => {
    const marked = JSON.stringify(ada.doc.get('root-v2').toJSON())
    expect(marked).toContain('MINE')
    expect(marked).toMatch(/<\/s_sg>MINE/)
  })
})

test('[S80] decisions made offline, and before a restart, are settled when they arrive', async () => {
  await using world = await World.open()
  const { ada, ben, run } = await proposed(world)
  ada.disconnect()
  ada.decide(`${run}.1`, 'rejected')
  await ben.synced()
  await world.restart()

  const room = await world.room()
  ada.connect(room)
  const decided = decisionsIn(room)

  await eventually(() => expect(decided).toEqual([['rejected', [1], 'ada']]))
  await eventually(() => expect(ada.text).toBe('Hello two.'))
  ben.connect(room)
  await ben.synced()
  expect(ben.text).toBe('Hello two.')
})
