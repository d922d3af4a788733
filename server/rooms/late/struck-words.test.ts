/** This test has words typed offline arrive after their block was struck and the strike accepted. */
import { expect, test } from 'vitest'
import type * as Y from 'yjs'
import { addressBlocks } from '#server/ai/addresses.ts'
import { EditStream } from '#server/ai/answers/edit-stream.ts'
import { eventually } from '#server/testing/eventually.ts'
import { Random } from '#server/testing/random.ts'
import { World } from '#server/testing/world.ts'
import { body } from '#shared/document/shape.ts'
import type { Room } from '../room.ts'

const LINES = ['First line.', 'Words that go.', 'Third line.']
const NEW = 'Other words.'

/** A run replaces the second line as a whole. */
async function replaceLine(world: World, room: Room): Promise<string> {
  const run = await world.run({ requester: 'ada' })
  const blocks = addressBlocks(room.reading.blocks('without'))
  const stream = new EditStream({ blocks, granularity: 'tail', hosts: new Set() })
  const writer = await room.openRun(run, { kind: 'edit' }, 'edit')
  await writer.write(stream.push(`@@ b2\n# ${NEW}\n`), 1)
  await writer.write(stream.end(), 2)
  const usage = { input: 1, output: 2, estimated: true }
  await writer.end({ kind: 'finished', reason: 'stop', usage })
  return run.id
}

const random = new Random(Number(process.env.FUZZ_SEED ?? 1))
const PLACES = Array.from({ length: 3 }, (_, n) => {
  const at = [0, random.below(LINES[1]!.length), LINES[1]!.length][n]!
  return [at, random.pick([' mine', 'la', 'go. Words'])] as const
})

test.each(
  PLACES,
)('[G34] case 30.6: behind %i characters of a line whose strike is accepted meanwhile, “%s” is proposed beside it, dropped and kept, in every view', async (at, typed) => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  ada.type(LINES[0]!)
  for (const line of LINES.slice(1)) ada.paragraph(line)
  await eventually(() => expect(body(ben.doc)).toHaveLength(3))
  await ada.synced()
  const room = await world.room()
  const run = await replaceLine(world, room)
  await ben.synced()
  await eventually(() => expect(body(ben.doc)).toHaveLength(4))
  ben.disconnect()
  const struck = (body(ben.doc).get(1) as Y.XmlElement).get(0) as Y.XmlText
  ben.doc.transact(() => struck.insert(at, typed))
  await room.decide({ suggestion: run, decision: 'accept', by: { id: 'ada', name: 'ada' } })

  ben.connect(room)
  await ben.synced()

  await eventually(() =>
    expect(room.reading.suggestions()).toMatchObject([
      { run: null, author: { id: 'ben' }, chunks: [{ inserted: typed, deleted: '' }] },
    ]),
  )
  const chunk = `${room.reading.suggestions()[0]!.id}.1`
  const views = async () =>
    Object.fromEntries(
      await Promise.all(
        (['without', 'inline', 'accepted'] as const).map(async (view) => {
          const text = (await room.reading.content('text', view)).trim()
          return [view, text.split(/\n+/)] as const
        }),
      ),
    )
  const plain = [LINES[0], NEW, LINES[2]]
  const withWords = (lines: readonly (string | undefined)[]) =>
    lines.map((line) => line?.trim()).toSorted()
  const pending = await views()
  expect(pending.without).toEqual(plain)
  expect(withWords(pending.accepted!)).toEqual(withWords([...plain, typed]))
  expect(pending.inline!.join('\n')).toContain(`{++${typed}++}`)

  ada.decide(chunk, 'rejected')
  await eventually(() => expect(room.reading.suggestions()).toEqual([]))
  expect(await views()).toEqual({ without: plain, inline: plain, accepted: plain })
  ada.undecide(chunk)
  await eventually(async () => expect(await views()).toEqual(pending))
  ada.decide(chunk, 'accepted')
  await eventually(() => expect(room.reading.suggestions()).toEqual([]))
  const kept = pending.accepted
  expect(await views()).toEqual({ without: kept, inline: kept, accepted: kept })
})
