/** A room promises nobody what it has written itself and not committed. */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import { GlossError } from '#shared/errors.ts'

const BEN = { id: 'ben', name: 'Ben' }

test('[R143] whoever sends again a deletion that the room is about to commit is told when it is', async () => {
  await using world = await World.open()
  const room = await world.room()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()
  const run = await world.run()
  const { place } = room.reading.locate({ at: ada.caret(5) })!
  const writer = await room.openRun(run, place, 'insert')
  await writer.write([{ kind: 'text', text: ' one.', format: 0 }, { kind: 'chunk' }], 4)
  await writer.end({
    kind: 'finished',
    reason: 'stop',
    usage: { input: 1, output: 2, estimated: true },
  })
  await eventually(() => expect(ada.text).toBe('Hello one.'))
  ada.disconnect()
  ada.erase(5, 5)

  const settling = Promise.withResolvers<void>()
  const outcome = Promise.withResolvers<void>()
  world.gate.before = async (commits) => {
    if (!commits.some(({ updates }) => updates.length > 0)) return
    settling.resolve()
    await outcome.promise
  }
  const decided = room.decide({ suggestion: run.id, decision: 'reject', by: BEN })
  const refused = expect(decided).rejects.toMatchObject({ code: 'unavailable' })
  await settling.promise
  const wire = await world.wire('ada')
  wire.send({ kind: 'sync-step-2', update: Y.encodeStateAsUpdate(ada.doc) })
  // What is known already is told within one turn.
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
  const acks = () => wire.frames.filter(({ kind }) => kind === 'ack')
  expect(acks()).toEqual([])
  outcome.reject(new GlossError('unavailable', 'the disk is full'))
  await refused
  await eventually(() => expect(wire.closed).toBeDefined())
  expect(acks()).toEqual([]) // it is sent again, for the log does not have it
})
