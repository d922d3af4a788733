import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { decodeFrame } from '#shared/protocol/frame.ts'
import { Outbox } from './outbox.ts'
import type { Peer } from './peer.ts'

/** A peer whose reading can lag, and the document that it has. */
function reader() {
  const doc = new Y.Doc()
  const it = { doc, behind: false, frames: 0, gaps: false, peer: undefined as never as Peer }
  it.peer = {
    id: 'reader',
    user: { id: 'reader', name: 'Reader', color: '#000000' },
    canWrite: true,
    get behind() {
      return it.behind
    },
    send: (bytes) => {
      const frame = decodeFrame(bytes)
      it.frames++
      if (frame.kind === 'update') Y.applyUpdate(doc, frame.update)
      it.gaps ||= doc.store.pendingStructs !== null
    },
    close: () => undefined,
  }
  return it
}

test('[H48] whenever a peer lagged and caught up, it has exactly what the room has', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('type', 'soon'), at: fc.nat(), client: fc.nat(2) }),
    fc.record({ kind: fc.constant('erase'), at: fc.nat(), client: fc.nat(2) }),
    fc.record({ kind: fc.constantFrom('lag', 'read', 'drain'), at: fc.nat(), client: fc.nat(2) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const room = new Y.Doc()
      const writers = [1, 2, 3].map((clientID) => Object.assign(new Y.Doc(), { clientID }))
      const outbox = new Outbox()
      const lagging = reader()
      outbox.add(lagging.peer)
      // Once it has been kept from something, everything waits for the one piece it catches up by.
      const drain = () => {
        lagging.behind = false
        outbox.flush()
        const had = outbox.catchUp(lagging.peer, Y.encodeStateVector(room))
        if (had) Y.applyUpdate(lagging.doc, Y.encodeStateAsUpdate(room, had))
      }
      for (const { kind, at, client } of steps) {
        if (kind === 'lag') lagging.behind = true
        else if (kind === 'read') lagging.behind = false
        else if (kind === 'drain') drain()
        else {
          const writer = writers[client]!
          Y.applyUpdate(writer, Y.encodeStateAsUpdate(room))
          const text = writer.getText('t')
          if (kind === 'erase' && text.length === 0) continue
          const before = Y.encodeStateVector(writer)
          if (kind === 'erase') text.delete(at % text.length, 1)
          else text.insert(at % (text.length + 1), 'ab')
          const update = Y.encodeStateAsUpdate(writer, before)
          Y.applyUpdate(room, update)
          if (kind === 'soon') outbox.updateSoon(update)
          else outbox.updates([{ update }])
        }
      }
      drain()
      expect(lagging.doc.getText('t').toString()).toBe(room.getText('t').toString())
      expect(lagging.gaps).toBe(false)
      outbox.close()
    }),
    { numRuns: 200 },
  )
})

test('[H49] a peer that lags is sent no update and no presence', () => {
  const outbox = new Outbox()
  const lagging = reader()
  const doc = new Y.Doc()
  doc.getText('t').insert(0, 'a')
  outbox.add(lagging.peer)
  lagging.behind = true

  outbox.updates([{ update: Y.encodeStateAsUpdate(doc) }])
  outbox.awareness(Uint8Array.of(0))

  expect(lagging.frames).toBe(0)
  expect(outbox.catchUp(lagging.peer, Y.encodeStateVector(doc))).toBeDefined()
  expect(outbox.catchUp(lagging.peer, Y.encodeStateVector(doc))).toBeUndefined()
  outbox.close()
})

/** A peer that keeps the frames it is sent. */
function listener() {
  const frames: Uint8Array[] = []
  const peer: Peer = {
    id: 'listener',
    user: { id: 'listener', name: 'Listener', color: '#000000' },
    canWrite: true,
    send: (frame) => void frames.push(frame),
    close: () => undefined,
  }
  return { peer, frames }
}

function typed(client: number, text: string): Uint8Array {
  const doc = Object.assign(new Y.Doc(), { clientID: client })
  doc.getText('t').insert(0, text)
  return Y.encodeStateAsUpdate(doc)
}

test('[H111] what one wrote is not sent back; what several wrote at once is one frame for all', () => {
  const outbox = new Outbox()
  const [ada, ben, cleo] = [listener(), listener(), listener()]
  for (const { peer } of [ada, ben, cleo]) outbox.add(peer)

  outbox.updates([
    { update: typed(1, 'a'), from: ada.peer },
    { update: typed(2, 'b'), from: undefined },
  ])
  outbox.updates([
    { update: typed(3, 'c'), from: ada.peer },
    { update: typed(4, 'd'), from: ben.peer },
  ])
  const large = typed(5, 'x'.repeat(300_000))
  outbox.updates([
    { update: large, from: ada.peer },
    { update: typed(6, 'f'), from: ben.peer },
  ])

  const [, echoed, others] = ada.frames
  expect(ada.frames).toHaveLength(3)
  expect(Buffer.from(ada.frames[0]!).includes('b')).toBe(true)
  expect(ada.frames[0]).not.toEqual(cleo.frames[0])
  expect(ben.frames[1]).toBe(echoed)
  expect(cleo.frames[1]).toBe(echoed)
  expect(others!.length).toBeLessThan(100)
  expect(ben.frames[2]!.length).toBeGreaterThan(300_000)
  outbox.close()
})
