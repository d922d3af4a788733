import { randomUUID } from 'node:crypto'
import fastify from 'fastify'
import { expect, test } from 'vitest'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { silent } from '#server/log.ts'
import { Metrics } from '#server/metrics.ts'
import { atBest, timed } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import type { GuestClient } from '#server/testing/served.ts'
import { ServedWorld } from '#server/testing/served-world.ts'
import { World } from '#server/testing/world.ts'
import { body } from '#shared/document/shape.ts'
import type { LinkRole } from '#shared/protocol/api.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { createAuthorize } from './authorize.ts'
import { addEvents } from './events.ts'
import { LookUps } from './look-ups.ts'
import type { Gate } from './route.ts'
import { SyncPlaces } from './sync-places.ts'
import type { Ear, Wire } from './wire.ts'

/** How soon a right that was taken away is gone. */
const SOON_MS = 2_000

/** y-websocket's own provider, unmodified, and the codes it was closed with. */
function stockProvider(guest: GuestClient, id: string) {
  const closes: number[] = []
  class Signed extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, { headers: { authorization: `Bearer ${guest.token}` } })
      this.on('close', (code) => closes.push(code))
    }
  }
  const doc = new Y.Doc()
  const provider = new WebsocketProvider(`${guest.url.replace('http', 'ws')}/sync`, id, doc, {
    WebSocketPolyfill: Signed as unknown as typeof globalThis.WebSocket,
    disableBc: true,
  })
  const type = (text: string) =>
    doc.transact(() => {
      const paragraph = body(doc).get(0) as Y.XmlElement
      if (paragraph.length === 0) paragraph.insert(0, [new Y.XmlText()])
      const line = paragraph.get(0) as Y.XmlText
      line.insert(line.length, text)
    })
  return { doc, provider, closes, type, [Symbol.dispose]: () => provider.destroy() }
}

test('[C110] who may write again is sent off to come back, and an unmodified provider then saves what was refused', async () => {
  await using served = await ServedWorld.open()
  const [ada, ben] = [await served.guest(), await served.guest()]
  const id = await ada.document(undefined, 'edit')
  const share = (linkRole: LinkRole) => ada.call('PATCH', `/api/documents/${id}`, { linkRole })
  const { metrics } = served.world.instance()
  const refused = async () => (await metrics.rejected.get()).values[0]?.value
  const reader = await FrameClient.joined(ada.socket(id))
  using stock = stockProvider(ben, id)
  await eventually(() => expect(stock.provider.synced).toBe(true))
  stock.type('one')
  await eventually(() => expect(reader.text).toBe('one'))

  await share('view')
  stock.type(' two')
  await eventually(async () => expect(await refused()).toBe(1))
  await share('edit')
  stock.type(' three')

  await eventually(() => expect(reader.text).toBe('one two three'))
  expect(stock.closes).toEqual([CLOSE.restart])
  expect(stock.provider.shouldConnect).toBe(true)
  reader.close()
})

test('[H240] a commit refused before the connection has heard that its right is gone sends it off to come back, and an unmodified provider saves the edit once it may', async () => {
  await using served = await ServedWorld.open()
  const [ada, ben] = [await served.guest(), await served.guest()]
  const id = await ada.document(undefined, 'edit')
  using stock = stockProvider(ben, id)
  await eventually(() => expect(stock.provider.synced).toBe(true))

  await served.world.store.changeDocument(id, { linkRole: 'view' }) // and nobody is told
  stock.type('kept')
  await eventually(() => expect(stock.closes).toEqual([CLOSE.restart]))
  expect(stock.provider.shouldConnect).toBe(true)
  await ada.call('PATCH', `/api/documents/${id}`, { linkRole: 'edit' })

  const reader = await FrameClient.joined(ada.socket(id))
  await eventually(() => expect(reader.text).toBe('kept'))
  reader.close()
})

test('[C111] a right that was taken away is gone within two seconds on every instance, by hint and without any', async () => {
  await using served = await ServedWorld.open()
  const ada = await served.guest('one')
  for (const mode of ['carry', 'lose'] as const) {
    served.world.hub[mode]()
    for (const instance of ['one', 'two']) {
      const [first, second] = [await served.guest(instance), await served.guest(instance)]
      const took = await atBest(SOON_MS, async () => {
        const id = await ada.document(undefined, 'edit')
        const ben = await FrameClient.joined(first.socket(id))
        const cyd = await FrameClient.joined(second.socket(id))

        await ada.call('PATCH', `/api/documents/${id}`, { linkRole: 'view' })
        const viewed = await timed(() =>
          eventually(() => {
            ben.type('x')
            expect(ben.answers.at(-1)).toMatchObject({ kind: 'nack', code: CLOSE.notAllowed })
          }),
        )
        const before = await served.world.store.load(id)

        await ada.call('PATCH', `/api/documents/${id}`, { linkRole: 'none' })
        const unshared = await timed(async () => {
          const [writer, reader] = await Promise.all([ben.ended, cyd.ended])
          expect(reader).toBe(CLOSE.notAllowed)
          // Where a commit was refused before the hint came, it was sent off to come back.
          expect([CLOSE.notAllowed, CLOSE.restart]).toContain(writer)
        })
        const after = await served.world.store.load(id)
        expect(after?.row.head).toBe(before?.row.head)
        return Math.max(viewed, unshared)
      })
      expect(took).toBeLessThan(SOON_MS)
    }
  }
})

/** A wire of paper on its way into a room, after its right was looked up and before it is in. */
async function arriving() {
  const world = await World.open()
  const id = randomUUID()
  const user = await world.store.createUser({ id, name: 'Ben', color: '#000000' })
  const doors = Promise.withResolvers<void>()
  let asked = 0
  const places = new SyncPlaces({
    lookUps: new LookUps({
      lookUp: (question) => {
        asked++
        return world.store.lookUp(question)
      },
    }),
    rooms: {
      backlog: world.instance().rooms.backlog,
      hold: async (id) => {
        await doors.promise
        return world.instance().rooms.hold(id)
      },
    },
    limits: world.limits,
    log: silent,
    metrics: new Metrics(),
    // Who they are is known here.
    ...({} as Gate),
  })
  const closed: number[] = []
  let ear: Ear | undefined
  const close = (code: number) => {
    closed.push(code)
    ear?.closed()
  }
  const wire: Wire = {
    open: true,
    waiting: 0,
    listen: (it) => {
      ear = it
    },
    send: () => undefined,
    ping: () => undefined,
    close,
    drop: close,
    terminate: () => close(1006),
    pause: () => undefined,
    resume: () => undefined,
  }
  const caller = {
    user,
    document: world.document,
    canWrite: true,
    restored: false,
    outdated: false,
  }
  const connection = places.serve(wire, caller)
  return {
    world,
    connection,
    closed,
    asked: () => asked,
    letIn: async () => {
      doors.resolve()
      const room = await world.room()
      await eventually(() => expect(room.size + closed.length).toBeGreaterThan(0))
    },
    [Symbol.asyncDispose]: async () => {
      ear?.closed()
      await world[Symbol.asyncDispose]()
    },
  }
}

test('[H194] a right that is taken away while its room opens is not had in the room', async () => {
  await using it = await arriving()
  await it.world.store.changeDocument(it.world.document, { linkRole: 'none' })
  await it.letIn()
  await eventually(() => expect(it.closed).toEqual([CLOSE.notAllowed]))
})

test('[H194] nor is one that is taken away while an open room is entered', async () => {
  await using it = await arriving()
  const room = await it.world.room()
  await it.world.store.changeDocument(it.world.document, { linkRole: 'view' })
  room.recheck(() => ({ canWrite: false })) // as the hint has it done
  await it.letIn()
  await eventually(() => expect(it.connection.canWrite).toBe(false))
  expect(it.closed).toEqual([])
})

test('[H194] a room that has not heard of a right keeps nobody out, and who is let in as always is looked up once', async () => {
  await using behind = await arriving()
  const room = await behind.world.room()
  room.recheck(() => ({ close: CLOSE.notAllowed })) // shared again since, and that hint was lost
  await behind.letIn()
  await eventually(() => expect(behind.asked()).toBe(1))
  await eventually(() => expect(behind.connection.canWrite).toBe(true))
  expect(behind.closed).toEqual([])

  await using it = await arriving()
  await it.letIn()
  expect(it.asked()).toBe(0)
})

test('[H230] a right that is taken away while a lane opens ends the lane, and nothing is told', async () => {
  await using world = await World.open()
  const id = randomUUID()
  const user = await world.store.createUser({ id, name: 'Ben', color: '#000000' })
  const { rooms, metrics } = world.instance()
  const atTheDoor = Promise.withResolvers<void>()
  const doors = Promise.withResolvers<void>()
  const app = fastify()
  addEvents(app, {
    store: world.store,
    rooms: {
      hold: async (document) => {
        atTheDoor.resolve()
        await doors.promise
        return rooms.hold(document)
      },
    },
    runs: undefined,
    limits: world.limits,
    log: silent,
    metrics,
    identity: { require: async () => user },
    origins: { refuseForeign: () => undefined },
    authorize: createAuthorize(new LookUps(world.store)),
  })

  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const lane = fetch(`${url}/api/documents/${world.document}/events?after=unknown`)
  await atTheDoor.promise
  await world.store.changeDocument(world.document, { linkRole: 'none' })
  doors.resolve()

  expect(await (await lane).text()).not.toContain('event: reset')
  await app.close()
})
