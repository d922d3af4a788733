import * as encoding from 'lib0/encoding'
import { expect, test, vi } from 'vitest'
import { Awareness, applyAwarenessUpdate } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import { Presence } from './presence.ts'

function awareness(entries: [client: number, clock: number, state: unknown][]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length)
    for (const [client, clock, state] of entries) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarString(encoder, typeof state === 'string' ? state : JSON.stringify(state))
    }
  })
}

test('[R40] the server says who somebody is, whatever their state claims', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const eve = await world.person('eve')

  eve.point({ user: { name: 'Ada', copilot: true }, name: 'Ada', color: 'red', focusing: true })

  await eventually(() =>
    expect(ada.awareness.getStates().get(eve.doc.clientID)).toEqual({
      user: { id: 'eve', name: 'eve', color: '#222222' },
      name: 'eve',
      color: '#222222',
      focusing: true,
    }),
  )
})

test('[R41] a connection speaks for one client, and not for another’s', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const eve = await world.wire('eve')
  ada.point({ at: 1 })
  await eventually(() => expect(ben.awareness.getStates().has(ada.doc.clientID)).toBe(true))

  eve.send({ kind: 'awareness', update: awareness([[ada.doc.clientID, 99, { at: 'eve' }]]) })
  eve.send({ kind: 'awareness', update: awareness([[7, 1, { at: 7 }]]) })
  eve.send({
    kind: 'awareness',
    update: awareness([
      [8, 1, { at: 8 }],
      [7, 2, { at: 77 }],
    ]),
  })

  await eventually(() => expect(ben.awareness.getStates().get(7)).toMatchObject({ at: 77 }))
  expect(ben.awareness.getStates().get(ada.doc.clientID)).toMatchObject({ at: 1 })
  expect(ben.awareness.getStates().has(8)).toBe(false)
})

test('[R42] a caret goes with its owner, and is seen again when they are back', async () => {
  await using world = await World.open()
  const room = await world.room()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const caret = () => ben.awareness.getStates().get(ada.doc.clientID)
  const wire = () => awareness([[ada.doc.clientID, 1, { at: 1 }]])
  ada.send({ kind: 'awareness', update: wire() })
  await eventually(() => expect(caret()).toBeDefined())

  ada.disconnect()
  await eventually(() => expect(caret()).toBeUndefined())
  ada.connect(room)
  ada.send({ kind: 'awareness', update: wire() }) // the same clock: y-websocket says it so

  await eventually(() => expect(caret()).toMatchObject({ at: 1 }))
})

test('[R43] what comes fast goes out ten times a second, to the sender too', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const ben = await world.person('ben')
  const heard = (person: typeof ada) => person.heard.filter(({ kind }) => kind === 'awareness')

  for (let n = 0; n < 50; n++) ada.point({ n })

  await eventually(() =>
    expect(ben.awareness.getStates().get(ada.doc.clientID)).toMatchObject({ n: 49 }),
  )
  expect(heard(ben).length).toBeLessThanOrEqual(2)
  expect(heard(ada).length).toBeGreaterThanOrEqual(1)
})

test('[R44] garbage is refused by name and harms nobody', async () => {
  await using world = await World.open()
  const eve = await world.wire('eve')
  const large = awareness([[7, 1, { text: 'x'.repeat(5000) }]])
  const bad = [
    new Uint8Array([]),
    new Uint8Array([255, 255, 255]),
    awareness([[7, 1, 'not json']]),
    awareness([[7, 1, '[1]']]),
    awareness([[7, 1, '3']]),
    large,
    new Uint8Array([...awareness([[7, 1, {}]]), 0]),
  ]

  for (const update of bad) {
    expect(() => eve.send({ kind: 'awareness', update })).toThrow(/awareness/)
  }
})

test('[R45] a key that would change prototypes is left out', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  const eve = await world.wire('eve')

  eve.send({
    kind: 'awareness',
    update: awareness([[7, 1, '{"a":1,"__proto__":{"x":1},"b":{"__proto__":{"y":1}}}']]),
  })

  await eventually(() => expect(ada.awareness.getStates().has(7)).toBe(true))
  expect(JSON.stringify(ada.awareness.getStates().get(7))).not.toContain('__proto__')
})

test('[R46] who asks is told who is here', async () => {
  await using world = await World.open()
  const ada = await world.person('ada')
  ada.point({ at: 1 })
  await eventually(() => expect(ada.heard.some(({ kind }) => kind === 'awareness')).toBe(true))

  const late = await world.wire('ben')
  const told = late.frames.filter(({ kind }) => kind === 'awareness').length
  late.send({ kind: 'query-awareness' })

  expect(told).toBe(1)
  expect(late.frames.filter(({ kind }) => kind === 'awareness')).toHaveLength(2)
})

test('[R47] the co-pilot’s caret is renewed, and that ends', () => {
  vi.useFakeTimers()
  const sent = vi.fn()
  const limits = { awarenessBytes: 4096, awarenessOutMs: 100 }
  const presence = new Presence({ limits, toPeers: sent, toBus: vi.fn() })
  presence.show(7, { at: 1 })
  presence.show(8, { at: 2 })
  vi.advanceTimersByTime(1_000)
  sent.mockClear()

  vi.advanceTimersByTime(11_000)

  expect(sent).toHaveBeenCalledTimes(1)
  presence.close()
  vi.useRealTimers()
})

test('[B30] when an instance is gone its people’s carets go with it, and nobody else’s', () => {
  const limits = { awarenessBytes: 4096, awarenessOutMs: 0 }
  const presence = new Presence({ limits, toPeers: vi.fn(), toBus: vi.fn() })
  const here = () => {
    const doc = new Y.Doc()
    const awareness = new Awareness(doc)
    awareness.setLocalState(null)
    const all = presence.encodeAll()
    if (all) applyAwarenessUpdate(awareness, all, 'test')
    awareness.destroy()
    return [...awareness.getStates().keys()]
  }
  presence.hear(awareness([[1, 1, { at: 1 }]]), 'one')
  presence.hear(awareness([[2, 5, { at: 2 }]]), 'one')
  presence.hear(awareness([[3, 1, { at: 3 }]]), 'two')
  presence.show(4, { at: 4 })
  // Moved over before the end, and told with the clock that is known.
  presence.hear(awareness([[2, 5, { at: 2 }]]), 'two')

  presence.lose('one')
  expect(here()).toEqual([2, 3, 4])
  // Not gone after all: it says so with the clock of before.
  presence.hear(awareness([[1, 1, { at: 1 }]]), 'one')
  expect(here()).toContain(1)
  presence.close()
})
