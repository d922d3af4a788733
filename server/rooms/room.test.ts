import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import { documentHash } from '#shared/document/hash.ts'
import { body } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'

test('[R1] what one writes, the others have', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')

  ada.type('Hello')

  await eventually(() => expect(ben.text).toBe('Hello'))
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
  await eventually(() => expect(world.instance().rooms.peek(world.document)?.size).toBe(3))
  expect([ada.acked, ben.text]).toEqual([before, ''])
  const room = await world.room()
  expect((await room.reading.content('text', 'without')).trim()).toBe('')

  world.gate.release()
  await eventually(() => expect(ben.text).toBe('Hello'))
  await ada.synced()
  expect((await cyd).text).toBe('Hello')
})

test('[R4] a refused update gets a nack and is seen by nobody', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')

  ada.type('Hello')
  ada.doc.getMap('elsewhere').set('a', 1)

  await eventually(() => expect(ada.nacks).toMatchObject([{ count: 3, code: 4422 }]))
  await eventually(() => expect(ada.closed).toMatchObject({ code: 4422 }))
  await eventually(() => expect(ben.text).toBe('Hello'))
  expect(ben.doc.share.has('elsewhere')).toBe(false)
  expect(world.gate.done.flatMap(({ updates }) => updates)).toHaveLength(1)
})

test('[R5] a viewer reads, and what it writes is refused', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const eve = await world.person('eve', { canWrite: false })
  ada.type('Hello')
  await eventually(() => expect(eve.text).toBe('Hello'))

  eve.type(' world')

  await eventually(() => expect(eve.nacks).toMatchObject([{ count: 2, code: 4403 }]))
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
  ada.disconnect()
  ada.type('Hello')
  const offline = Y.encodeStateAsUpdate(ada.doc)
  const vector = Y.encodeStateVector(ada.doc)
  ada.type(' again')
  const late = Y.encodeStateAsUpdate(ada.doc, vector)
  const wire = await world.wire('ada')

  wire.send({ kind: 'update', update: late })
  wire.send({ kind: 'sync-step-2', update: offline })

  await eventually(() => expect(wire.frames).toContainEqual({ kind: 'ack', count: 2, head: 3 }))
  expect((await world.person('ben')).text).toBe('Hello again')
})

test('[R8] who never sends its sync step 2 is told to come back', async () => {
  await using world = await World.open({ limits: { heldMs: 20, heldBytes: 1000 } })
  const slow = await world.wire('ada')
  const large = await world.wire('ben')

  slow.send({ kind: 'update', update: new Uint8Array(10) })
  large.send({ kind: 'update', update: new Uint8Array(1001) })

  expect(large.closed).toMatchObject({ code: 1013 })
  await eventually(() => expect(slow.closed).toMatchObject({ code: 1013 }))
  expect(world.gate.done).toEqual([])
})

test('[R9] who comes late has it all, and who comes back brings what it wrote meanwhile', async () => {
  await using world = await World.open()
  const room = await world.room()
  const ada = await world.person('ada')
  ada.type('one')
  await ada.synced()
  ada.disconnect()
  ada.type(' two')
  const ben = await world.person('ben')
  expect(ben.text).toBe('one')

  ada.connect(room)

  await eventually(() => expect(ben.text).toBe('one two'))
  await ada.synced()
})

test('[R10] what somebody sent before leaving is committed', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  world.gate.hold()

  ada.type('a')
  ada.type('b')
  ada.disconnect()
  world.gate.release()

  await eventually(() => expect(ben.text).toBe('ab'))
})

test('[R11] a commit that fails is not acknowledged, and its sender told to come back', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const acked = ada.acked
  world.gate.before = () => {
    throw new GlossError('storage-full', 'the disk is full')
  }

  ada.type('lost?')

  await eventually(() => expect(ada.closed).toEqual({ code: 1013, reason: 'storage-full' }))
  expect([ada.acked, ben.online, ben.text]).toEqual([acked, true, ''])

  world.gate.before = () => undefined
  ada.connect(await world.room())
  await eventually(() => expect(ben.text).toBe('lost?'))
})

test('[R12] a commit whose outcome is unknown is not acknowledged, but is not lost either', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const acked = ada.acked
  world.gate.after = () => {
    throw new Error('the line to the database broke')
  }

  ada.type('once')

  await eventually(() => expect(ada.closed).toMatchObject({ code: 1012 }))
  expect(ada.acked).toBe(acked)
  world.gate.after = () => undefined
  await eventually(() => expect(ben.text).toBe('once'))
  ada.connect(await world.room())
  await ada.synced()
  expect(ben.text).toBe('once')
})

test('[R13] what waits behind a refused update is not committed without it', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  await world.store.changeDocument(world.document, { linkRole: 'view' })

  ada.type('one')
  ada.type(' two')

  await eventually(() => expect(ada.closed).toMatchObject({ code: 1012 }))
  expect(ada.nacks[0]).toMatchObject({ code: 4403, reason: 'forbidden' })
  expect(ben.text).toBe('')
  const loaded = await world.store.load(world.document)
  expect(loaded?.row.head).toBe(1)
})

test('[R14] another person’s Yjs client cannot be written with', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()
  const eve = await world.person('eve')

  eve.doc.clientID = ada.doc.clientID
  eve.type(' from Ada')

  await eventually(() => expect(eve.closed).toMatchObject({ code: 4422 }))
  expect(ada.text).toBe('Hello')
})

test('[R15] a request that overtakes the keystrokes it is about waits for them', async () => {
  await using world = await World.open()
  const room = await world.room()
  const ada = await world.person('ada')
  ada.holdUp()
  ada.type('Hello')
  const vector = Y.encodeStateVector(ada.doc)

  const caughtUp = room.caughtUp(vector, AbortSignal.timeout(5_000))
  const impatient = room.caughtUp(vector, AbortSignal.abort('enough'))
  await expect(impatient).rejects.toBe('enough')
  ada.carry()
  await caughtUp

  expect(await room.reading.content('text', 'without')).toContain('Hello')
  await expect(room.caughtUp(new Uint8Array([255]), AbortSignal.timeout(1))).rejects.toMatchObject({
    code: 'bad-request',
  })
})

test('[R16] a revoked peer is closed, a demoted one writes no more', async () => {
  await using world = await World.open()
  const room = await world.room()
  const ada = await world.person('ada')
  const ben = await world.person('ben')

  room.recheck(({ user }) =>
    user.id === 'ada' ? { close: CLOSE.notAllowed } : { canWrite: false },
  )
  ben.type('x')

  expect(ada.closed).toMatchObject({ code: 4403 })
  await eventually(() => expect(ben.awareness.getStates().get(0)).toHaveProperty('changed'))
  await eventually(() => expect(ben.nacks).toMatchObject([{ code: 4403 }]))
})

test('[R17] many updates of one breath leave in one transaction and one frame', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const [acked, updates] = [ada.acked, ben.heard.length]
  world.gate.hold()

  ada.type('0')
  await eventually(() => expect(world.instance().rooms.size).toBe(1))
  for (let n = 1; n <= 9; n++) ada.type(String(n))
  world.gate.release()

  await eventually(() => expect(ben.text).toBe('0123456789'))
  await ada.synced()
  expect(ada.acked - acked).toBe(10)
  expect(ada.heard.filter(({ kind }) => kind === 'ack').length).toBeLessThanOrEqual(3)
  expect(ben.heard.length - updates).toBe(2)
  expect(ada.heard.filter(({ kind }) => kind === 'update')).toEqual([])
})

test('[R18] what Yjs tidies by itself is committed and sent too', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.type('Hello world')
  await ada.synced()
  const [one, two] = [await world.wire('one'), await world.wire('two')]
  for (const wire of [one, two]) {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(ada.doc))
    const vector = Y.encodeStateVector(doc)
    boldIn(doc) // twice the same: one of the marks is redundant once they meet
    wire.send({ kind: 'sync-step-2', update: Y.encodeStateAsUpdate(doc, vector) })
  }

  await eventually(() => {
    const rows = world.gate.done.flatMap(({ updates }) => updates)
    expect(rows.filter(({ actor }) => actor === 'room')).toHaveLength(1)
  })
  await ada.synced()
  const { hash } = await (await world.room()).reading.hash()
  expect(documentHash(ada.doc)).toBe(hash)
  expect((await world.person('late')).doc.store.pendingDs).toBe(null)
})

test('[R19] the hash at a state vector is that of an editor that has as much', async () => {
  await using world = await World.open()
  const room = await world.room()
  const ada = await world.person('ada')
  ada.type('Hello')
  await ada.synced()

  const { hash, stateVector } = await room.reading.hash()

  expect(stateVector).toEqual(Y.encodeStateVector(ada.doc))
  expect(hash).toBe(documentHash(ada.doc))
})

test('[R20] garbage instead of a state vector closes its sender and nobody else', async () => {
  await using world = await World.open()
  const wire = await world.wire('ada')

  for (const stateVector of [new Uint8Array([255, 255]), new Uint8Array(300_000)]) {
    expect(() => wire.send({ kind: 'sync-step-1', stateVector })).toThrow(/state vector/)
  }
})

function boldIn(doc: Y.Doc): void {
  const text = (body(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText
  text.format(0, 5, { p: { __format: 1 } })
}
