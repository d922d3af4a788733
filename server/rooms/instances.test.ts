import { expect, test, vi } from 'vitest'
import { encodeStateAsUpdate, encodeStateVector } from 'yjs'
import { MemoryBus, MemoryHub } from '#server/bus/memory.ts'
import type { EventRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'

test('[R30] two instances are one room', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })

  ada.type('Hello')
  await eventually(() => expect(ben.text).toBe('Hello'))
  ben.type(' world')

  await eventually(() => expect(ada.text).toBe('Hello world'))
})

test('[R31] hints that are late or lost cost nothing but time', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })
  world.hub.hold()
  ada.type('one')
  await ada.synced()

  ben.type('TWO ') // its commit reveals the gap
  await ben.synced()
  expect(ben.text).toContain('one')
  world.hub.carry()

  await eventually(() => expect(ada.text).toBe(ben.text))
  const { metrics } = world.instance('two')
  expect(await metrics.text()).toMatch(/gloss_log_reread_total [1-9]/)
})

test('[R32] without a bus the log itself is asked, every second', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })
  const room = await world.room('two')
  const events: EventRow[] = []
  room.follow((more) => events.push(...more))
  world.hub.lose()

  ada.type('Hello')
  await ada.synced()
  const run = await world.run()
  await (await world.room()).openRun(run, { kind: 'end' }, 'insert')

  await eventually(() => expect(ben.text).toBe('Hello'))
  await eventually(() => expect(events).toMatchObject([{ n: 1, type: 'run.started' }]))
})

test('[R33] a refusal is final only when the log has been read', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  await world.room('two')
  world.hub.hold()
  ada.type('Hello')
  await ada.synced()
  ada.disconnect()

  // She moves to an instance that has not heard, and builds on what it does not have.
  const wire = await world.wire('ada', { instance: 'two' })
  wire.send({ kind: 'sync-step-2', update: new Uint8Array([0, 0]) })
  const updates: Uint8Array[] = []
  ada.doc.on('update', (update) => updates.push(update))
  ada.type(' again')
  wire.send({ kind: 'update', update: updates[0]! })

  await eventually(() => expect(wire.frames.at(-1)).toMatchObject({ kind: 'ack', count: 2 }))
  expect(wire.frames.some(({ kind }) => kind === 'nack')).toBe(false)
})

test('[R34] a run on one instance is read on the other, events and words', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  ada.type('Hello')
  await ada.synced()
  const ben = await world.person('ben', { instance: 'two' })
  const events: EventRow[] = []
  const [one, two] = [await world.room('one'), await world.room('two')]
  two.follow((more) => events.push(...more))
  const run = await world.run()
  const writer = await one.openRun(run, one.reading.locate({ at: ada.caret(5) })!.place, 'insert')

  await writer.write([{ kind: 'text', text: ' dear', format: 0 }, { kind: 'chunk' }], 1)
  await writer.end({
    kind: 'finished',
    reason: 'stop',
    usage: { input: 0, output: 1, estimated: true },
  })

  await eventually(() => expect(events.map(({ n }) => n)).toEqual([1, 2, 3, 4]))
  await eventually(() => expect(ben.text).toBe('Hello dear'))
  ben.decide(`${run.id}.1`, 'rejected')
  await eventually(() => expect([ada.text, ben.text]).toEqual(['Hello', 'Hello']))
})

test('[R35] carets pass between instances, and go with their owners', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })

  ada.point({ focusing: true, name: 'somebody else' })

  const caret = () => ben.awareness.getStates().get(ada.doc.clientID)
  await eventually(() => expect(caret()).toMatchObject({ focusing: true, name: 'ada' }))
  ada.disconnect()
  await eventually(() => expect(caret()).toBeUndefined())
})

test('[R36] a room without anybody is dropped, and read anew for the next', async () => {
  await using world = await World.open({ limits: { roomIdleMs: 10 } })
  const { rooms } = world.instance()
  const first = await rooms.hold(world.document)
  const second = await rooms.hold(world.document)
  expect(second.room).toBe(first.room)

  first.release()
  first.release() // lets go of nothing more
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(rooms.peek(world.document)).toBe(first.room)
  second.release()

  await eventually(() => expect(rooms.size).toBe(0))
  expect(first.room.ended.aborted).toBe(true)
  const third = await rooms.hold(world.document)
  expect(third.room).not.toBe(first.room)
})

test('[R37] two who come at once share one opening; who asks for nothing gets a reason', async () => {
  await using world = await World.open()
  const { rooms } = world.instance()

  const [a, b] = await Promise.all([rooms.hold(world.document), rooms.hold(world.document)])
  expect(a.room).toBe(b.room)
  await expect(rooms.hold('none')).rejects.toMatchObject({ code: 'not-found' })
  expect(rooms.size).toBe(1)
  await rooms.close()
  await expect(rooms.hold(world.document)).rejects.toMatchObject({ code: 'stopping' })
})

test('[R83] a decision is settled by the instance that heard it, and the other keeps its room', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  ada.type('Hello')
  await ada.synced()
  const ben = await world.person('ben', { instance: 'two' })
  const [one, two] = [await world.room('one'), await world.room('two')]
  const run = await world.run()
  const writer = await one.openRun(run, one.reading.locate({ at: ada.caret(5) })!.place, 'insert')
  for (const text of [' dear', ' old', ' friend']) {
    await writer.write([{ kind: 'text', text, format: 0 }, { kind: 'chunk' }], 1)
  }
  await writer.end({
    kind: 'finished',
    reason: 'stop',
    usage: { input: 0, output: 1, estimated: true },
  })
  await eventually(() => expect(ben.text).toBe('Hello dear old friend'))

  ada.decide(`${run.id}.1`, 'rejected')
  ben.decide(`${run.id}.2`, 'rejected')
  ada.decide(`${run.id}.3`, 'accepted')

  await eventually(() => expect([ada.text, ben.text]).toEqual(['Hello friend', 'Hello friend']))
  expect([one.ended.aborted, two.ended.aborted]).toEqual([false, false])
})

test('[R141] what another instance writes of chunks while they are read is read before anything is settled', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  ada.type('Hello')
  await ada.synced()
  const ben = await world.person('ben', { instance: 'two' })
  const one = await world.room('one')
  const propose = async (text: string, at: number): Promise<string> => {
    const run = await world.run()
    const { place } = one.reading.locate({ at: ada.caret(at) })!
    const writer = await one.openRun(run, place, 'insert')
    await writer.write([{ kind: 'text', text, format: 0 }, { kind: 'chunk' }], 1)
    await writer.end({
      kind: 'finished',
      reason: 'stop',
      usage: { input: 0, output: 1, estimated: true },
    })
    await eventually(() => expect(ben.text).toContain(text))
    return `${run.id}.1`
  }
  const first = await propose(' dear', 5)
  const [isRead, isOver] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const load = world.store.loadMargin
  const reads = vi.spyOn(world.store, 'loadMargin').mockImplementationOnce(async (document) => {
    const margin = await load(document)
    isRead.resolve()
    await isOver.promise
    return margin
  })

  ben.decide(first, 'rejected') // two reads the rows before it settles
  await isRead.promise
  const second = await propose(' friend', 10)
  ben.decide(second, 'rejected')
  await ben.synced()
  isOver.resolve()

  await eventually(() => expect([ada.text, ben.text]).toEqual(['Hello', 'Hello']))
  reads.mockRestore()
})

test('[R84] what the instance that heard a decision leaves undone, the other settles a moment later', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  ada.type('Hello')
  await ada.synced()
  const ben = await world.person('ben', { instance: 'two' })
  const one = await world.room('one')
  const run = await world.run()
  const writer = await one.openRun(run, one.reading.locate({ at: ada.caret(5) })!.place, 'insert')
  await writer.write([{ kind: 'text', text: ' dear', format: 0 }, { kind: 'chunk' }], 1)
  await writer.end({
    kind: 'finished',
    reason: 'stop',
    usage: { input: 0, output: 1, estimated: true },
  })
  await eventually(() => expect(ben.text).toBe('Hello dear'))

  // Committed as if by an instance that ended before it settled anything.
  ada.disconnect()
  const before = encodeStateVector(ada.doc)
  ada.decide(`${run.id}.1`, 'rejected')
  const update = encodeStateAsUpdate(ada.doc, before)
  const { store } = world
  const [result] = await store.commit([
    { document: world.document, epoch: 1, updates: [{ actor: 'ada', data: update }] },
  ])

  expect(result?.ok).toBe(true)
  ben.type('!') // its commit reveals the gap
  await eventually(() => expect(ben.text).toBe('Hello!'))
})

test('[B31] the carets of an instance that ends without a word go with it, in every room', async () => {
  const hub = new MemoryHub()
  const buses: MemoryBus[] = []
  await using world = await World.open({
    bus: (instance) => {
      const bus = new MemoryBus(instance, hub)
      buses.push(bus)
      return bus
    },
  })
  const ada = await world.person('ada', { instance: 'one' })
  const ben = await world.person('ben', { instance: 'two' })
  ada.point({ focusing: true })
  const caret = () => ben.awareness.getStates().get(ada.doc.clientID)
  await eventually(() => expect(caret()).toMatchObject({ focusing: true }))

  await buses.find(({ instance }) => instance === 'one')!.close() // its rooms are still open, and nobody has left them

  await eventually(() => expect(caret()).toBeUndefined())
})

test('[R140] what is committed elsewhere while a room is being read is in it when it has opened', async () => {
  await using world = await World.open()
  const ada = await world.person('ada', { instance: 'one' })
  const { load } = world.store
  using _ = vi.spyOn(world.store, 'load').mockImplementationOnce(async (id) => {
    const loaded = await load(id)
    ada.type('Hello')
    await ada.synced()
    return loaded
  })
  using asked = vi.spyOn(world.store, 'updatesAfter')

  const ben = await world.person('ben', { instance: 'two' })

  await eventually(() => expect(ben.text).toBe('Hello'))
  expect(asked).not.toHaveBeenCalled()
})
