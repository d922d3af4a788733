/** Second thoughts: asking again with the same key, and taking back what another instance settled. */
import { expect, test, vi } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import type { Piece } from '#shared/document/piece.ts'
import { decisionMap } from '#shared/document/shape.ts'
import type { Decide } from './asked-decisions.ts'
import { compact } from './compaction.ts'

const usage = { input: 1, output: 2, estimated: true }
const chunk: Piece = { kind: 'chunk' }
const say = (text: string): Piece => ({ kind: 'text', text, format: 0 })
const BEN = { id: 'ben', name: 'Ben' }

/** "Hello" with what was proposed behind it; Ada is on one instance and Ben on the other. */
async function proposed(world: World, pieces = [say(' one.'), chunk, say(' two.'), chunk]) {
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })
  const room = await world.room('one')
  ada.type('Hello')
  await ada.synced()
  const run = await world.run()
  const place = room.reading.locate({ at: ada.caret(5) })!.place
  const writer = await room.openRun(run, place, 'insert')
  await writer.write(pieces, 4)
  await writer.end({ kind: 'finished', reason: 'stop', usage })
  await eventually(() => expect(ada.text).toContain('one.'))
  await eventually(() => expect(ben.text).toBe(ada.text))
  const decide = async (instance: string, asked: Partial<Decide>) =>
    (await world.room(instance)).decide({ suggestion: run.id, by: BEN, ...asked } as Decide)
  const content = async (instance: string) =>
    (await (await world.room(instance)).reading.content('markdown', 'accepted')).trim()
  return { ada, ben, decide, content, run: run.id }
}

/** A snapshot of all there is, as compaction makes one: what is deleted is not in it. */
async function snapshot(world: World): Promise<void> {
  const loaded = (await world.store.load(world.document))!
  const { row, updates } = loaded
  const parts = updates.map(({ data }) => data)
  const data = compact({ snapshot: loaded.snapshot?.data, updates: parts })
  expect(await world.store.putSnapshot(row.id, row.epoch, row.head, data)).toBe(true)
}

test('[S81] the same key gets the same answer on every instance and after a restart, whatever was decided since', async () => {
  await using world = await World.open()
  const { decide, ada } = await proposed(world)
  const first = { chunks: [1], decision: 'reject', key: 'k' } as const
  const answer = await decide('one', first)
  expect(answer).toEqual({ chunks: [{ n: 1, state: 'rejected' }] })

  await decide('two', { chunks: [1], decision: 'reopen', key: 'other' })
  await eventually(() => expect(ada.text).toBe('Hello one. two.'))

  expect(await decide('one', first)).toEqual(answer)
  expect(await decide('two', first)).toEqual(answer)
  const many = Array.from({ length: 6 }, (_, n) => decide(n % 2 ? 'one' : 'two', first))
  expect(await Promise.all(many)).toEqual(Array(6).fill(answer))
  await world.restart()
  expect(await decide('two', first)).toEqual(answer)

  const [suggestion] = (await world.room('two')).reading.suggestions()
  expect(suggestion?.chunks.map(({ n, state }) => [n, state])).toEqual([
    [1, 'open'],
    [2, 'open'],
  ])
})

test('[S82] of many who ask at once with one key on two instances one decides, and all are told so', async () => {
  await using world = await World.open()
  const { decide, run } = await proposed(world)
  const asked = { decision: 'accept', key: 'once' } as const

  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) => decide(n % 2 ? 'one' : 'two', asked)),
  )

  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1)
  const events = await world.store.eventsAfter(world.document, 0, 100)
  expect(events.filter(({ type }) => type === 'suggestion.decided')).toHaveLength(1)
  expect(run).toBeDefined()
})

test('[S83] who came too late under a key is told by whom again, and a key is for one decision of one person', async () => {
  await using world = await World.open()
  const { decide } = await proposed(world)
  await decide('one', { chunks: [1], decision: 'accept', by: { id: 'ada', name: 'ada' } })
  const late = { chunks: [1], decision: 'reject', key: 'k' } as const
  const conflict = { code: 'conflict', winners: [{ n: 1, state: 'accepted', by: { id: 'ada' } }] }
  await expect(decide('two', late)).rejects.toMatchObject(conflict)

  await decide('one', { chunks: [1], decision: 'reopen' })
  await expect(decide('one', late)).rejects.toMatchObject(conflict)
  await expect(decide('one', { ...late, decision: 'accept' })).rejects.toMatchObject({
    code: 'conflict',
    public: expect.stringContaining('another decision'),
  })
  await expect(decide('one', { ...late, chunks: [2] })).rejects.toMatchObject({ code: 'conflict' })

  const ada = { id: 'ada', name: 'ada' }
  expect(await decide('two', { ...late, by: ada })).toEqual({
    chunks: [{ n: 1, state: 'rejected' }],
  })
})

test('[S84] what one instance settled another takes back, text and blocks alike, and everybody sees it', async () => {
  await using world = await World.open()
  const blocks: Piece[] = [say(' one.'), chunk]
  blocks.push({ kind: 'block', block: { type: 'paragraph' } }, say('Two.'), chunk)
  blocks.push({ kind: 'block', block: { type: 'paragraph' } }, say('Three.'), chunk)
  const { ada, ben, decide, content } = await proposed(world, blocks)
  const before = await content('one')

  await decide('one', { decision: 'reject' })
  await eventually(() => expect(ben.text.trim()).toBe('Hello'))
  const { chunks } = await decide('two', { decision: 'reopen' })

  expect(chunks.map(({ state }) => state)).toEqual(['open', 'open', 'open'])
  await eventually(async () => expect(await content('one')).toBe(before))
  expect(await content('two')).toBe(before)
  await eventually(() => expect(ada.text).toBe(ben.text))
  await eventually(() => expect(decisionMap(ada.doc).size).toBe(0))
  // And it is a suggestion like before: it can be decided again, on either instance.
  await decide('one', { decision: 'accept', chunks: [1, 2] })
  await decide('two', { decision: 'reject', chunks: [3] })
  await eventually(async () => expect(await content('one')).toBe(before.replace(/\s+Three\./, '')))
})

test('[S85] a decision is taken back after a restart too, and though a snapshot was made meanwhile', async () => {
  await using world = await World.open()
  const { decide, content, ada } = await proposed(world)
  await snapshot(world)
  const before = await content('one')
  await decide('one', { decision: 'reject', chunks: [2] })
  await decide('one', { decision: 'accept', chunks: [1] })
  await ada.synced()
  ada.type('MINE', 0)
  await ada.synced()
  await snapshot(world)
  await world.restart()

  await decide('two', { decision: 'reopen', chunks: [2] })
  await decide('one', { decision: 'reopen', chunks: [1] })

  expect(await content('two')).toBe(`MINE${before}`)
  await decide('two', { decision: 'reject' })
  expect(await content('two')).toBe('MINEHello')
})

test('[S86] what a person has deleted of a proposal does not come back with it', async () => {
  await using world = await World.open()
  const { ben, decide, content } = await proposed(world)
  ben.erase(6, 2) // "on"
  await ben.synced()
  await decide('one', { decision: 'reject', chunks: [1] })

  await decide('two', { decision: 'reopen', chunks: [1] })
  expect(await content('two')).toBe('Hello e. two.')
  await decide('one', { decision: 'reject', chunks: [1] })
  await decide('two', { decision: 'reopen', chunks: [1] })

  await eventually(async () => expect(await content('one')).toBe('Hello e. two.'))
})

test('[S87] after ten minutes a decision stands, on whichever instance one asks', async () => {
  await using world = await World.open()
  const { decide } = await proposed(world)
  await decide('one', { decision: 'reject', chunks: [1] })
  const now = Date.now()
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now + 10 * 60_000 + 1_000)
  try {
    const refused = { code: 'conflict', public: expect.stringContaining('taken back') }
    await expect(decide('two', { decision: 'reopen', chunks: [1] })).rejects.toMatchObject(refused)
  } finally {
    clock.mockRestore()
  }
})

test('[S88] an instance forgets what it settled once another has taken it back and decided anew', async () => {
  await using world = await World.open()
  const { ada, ben, decide, run, content } = await proposed(world)
  await decide('one', { decision: 'reject', chunks: [1] })
  await decide('two', { decision: 'reopen', chunks: [1] })
  await decide('two', { decision: 'reject', chunks: [1] })
  await eventually(() => expect(ada.text).toBe('Hello two.'))

  await decide('one', { decision: 'reopen', chunks: [1] })

  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('Hello one. two.')))
  expect(await content('two')).toBe('Hello one. two.')
  await decide('two', { decision: 'reject' })
  await eventually(() => expect([ada.text, ben.text]).toEqual(Array(2).fill('Hello')))
  expect(run).toBeDefined()
})
