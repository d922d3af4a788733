/** What becomes of those who wait on a room when the room is lost. */
import { expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'

test('[C70] a write that waits for its turn to be committed is told when its room is lost', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const room = await world.room()
  const before = world.gate.done.length
  world.gate.hold()
  ada.type('Hello')
  await new Promise((resolve) => setImmediate(resolve))

  const waiting = room.record({ events: [{ type: 'run.chunk', run: 'r', data: '{}' }] })
  const told = expect(waiting).rejects.toMatchObject({ code: 'unavailable' })
  await new Promise((resolve) => setImmediate(resolve))
  await room.close()

  await told
  await room.drain()
  world.gate.release()
  await eventually(() => expect(world.gate.done).toHaveLength(before + 1))
})
