import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { World } from '#server/testing/world.ts'
import { body } from '#shared/document/shape.ts'

test('[R1] what one writes, the others have', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')

  ada.type('Hello')

  await vi.waitFor(() => expect(ben.text).toBe('Hello'))
  await ada.synced()
})

test('[R2] what was acknowledged outlives every process', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()
  await world.restart()

  const ben = await world.person('ben')

  expect(ben.text).toBe('Hello')
  expect(ada.closed).toEqual({ code: 1012, reason: 'closed' })
})

test('[R3] nothing is acknowledged, applied or sent before it is committed', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const before = ada.acked
  world.gate.hold()

  ada.type('Hello')
  const cyd = world.person('cyd')
  await vi.waitFor(() => expect(world.instance().rooms.peek(world.document)?.size).toBe(3))
  expect([ada.acked, ben.text]).toEqual([before, ''])
  const room = await world.room()
  expect(room.content('text', 'without').trim()).toBe('')

  world.gate.release()
  await vi.waitFor(() => expect(ben.text).toBe('Hello'))
  await ada.synced()
  expect((await cyd).text).toBe('Hello')
})

test('[R4] a refused update gets a nack and is seen by nobody', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')

  ada.type('Hello')
  ada.doc.getMap('elsewhere').set('a', 1)

  await vi.waitFor(() => expect(ada.nacks).toMatchObject([{ count: 3, code: 4422 }]))
  expect(ada.closed).toMatchObject({ code: 4422 })
  await vi.waitFor(() => expect(ben.text).toBe('Hello'))
  expect(ben.doc.share.has('elsewhere')).toBe(false)
  expect(world.gate.done.flatMap(({ updates }) => updates)).toHaveLength(1)
})

test('[R5] a viewer reads, and what it writes is refused', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const eve = await world.person('eve', { canWrite: false })
  ada.type('Hello')
  await vi.waitFor(() => expect(eve.text).toBe('Hello'))

  eve.type(' world')

  await vi.waitFor(() => expect(eve.nacks).toMatchObject([{ count: 2, code: 4403 }]))
  expect([ada.text, eve.online]).toEqual(['Hello', true])
  expect(world.gate.done.flatMap(({ updates }) => updates)).toHaveLength(1)
})

test('[R6] a viewer that has nothing new is acknowledged, and nothing is stored', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()
  const eve = await world.person('eve', { canWrite: false })
  const rows = world.gate.done.length

  eve.send({ kind: 'update', update: Y.encodeStateAsUpdate(ada.doc) })

  await eve.synced()
  expect(eve.nacks).toEqual([])
  expect(world.gate.done).toHaveLength(rows)
})

test('[R7] updates wait for the sync step 2 that they build on', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const room = await world.room()
  ada.type('Hello')
  await ada.synced()
  ada.disconnect()
  ada.type(' offline')
  ada.connect(room)
  ada.disconnect()
  const vector = Y.encodeStateVector(ada.doc)
  ada.type(' again')
  const late = Y.encodeStateAsUpdate(ada.doc, vector)

  ada.connect(room)
  ada.holdUp() // the sync step 2 was sent; what follows overtakes nothing
  await ada.synced().catch(() => undefined)
  const eager = await world.person('eager', { id: 'ada' })
  eager.disconnect()
  const raw = await rawPeer(world, 'ada')
  raw.receive({ kind: 'update', update: late })
  raw.receive({ kind: 'sync-step-2', update: Y.encodeStateAsUpdate(ada.doc) })

  await vi.waitFor(() => expect(raw.answers()).toContainEqual({ kind: 'ack', count: 2 }))
  expect(room.content('text', 'without')).toContain('Hello offline again')
})
