import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import * as Y from 'yjs'
import { decodeFrame, encodeFrame } from '#shared/protocol/frame.ts'
import { Cursor, stateVector } from './bytes.ts'
import { hocuspocus, yWebSocket } from './dialect.ts'
import { ChunkReader } from './event-source.ts'
import { FrameReader } from './frames.ts'
import { readClocks } from './update-clocks.ts'
import { WebSocketClient } from './web-socket.ts'

const open: { close(): unknown }[] = []
afterEach(() => {
  for (const it of open.splice(0).reverse()) it.close()
})

test('[C51] the bench reads the frames of a server wherever the network cuts them', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 400 })), fc.nat(70_000), (...it) => {
      const [small, cuts, size] = it
      const payloads = [...small, new Uint8Array(size).fill(7)]
      const bytes = Buffer.concat(payloads.flatMap((payload) => serverFrames(payload)))
      const heard: string[] = []
      const reader = new FrameReader((_opcode, payload) => heard.push(latin1(payload)))

      let at = 0
      for (const length of cuts) {
        reader.push(Buffer.from(bytes.subarray(at, at + length)))
        at = Math.min(bytes.length, at + length)
      }
      reader.push(Buffer.from(bytes.subarray(at)))

      expect(heard.length).toBe(payloads.length)
      expect(heard.every((it, n) => it === latin1(payloads[n] as Uint8Array))).toBe(true)
    }),
  )
})

test('[C52] what the client of the bench sends arrives, whatever its length', async () => {
  const server = new WebSocketServer({ port: 0, perMessageDeflate: false })
  open.push(server)
  server.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  const { port } = server.address() as { port: number }
  const heard: string[] = []
  const all = Promise.withResolvers<void>()
  const client = await WebSocketClient.open(
    { port, path: '/', headers: {} },
    {
      message: (bytes) => {
        if (heard.push(latin1(bytes)) === LENGTHS.length) all.resolve()
      },
      closed: () => undefined,
    },
  )
  open.push({ close: () => client.destroy() })

  const sent = LENGTHS.map((length) => Uint8Array.from({ length }, (_, n) => n % 251))
  client.sendAll(sent)
  await all.promise

  // One by one: a difference of a long one takes minutes to print.
  for (const [n, bytes] of sent.entries()) {
    expect(heard[n] === latin1(bytes), `${bytes.length} bytes`).toBe(true)
  }
})

const LENGTHS = [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]

test('[C53] the clocks that the bench reads in an update are those that Yjs comes to', () => {
  const edit = fc.record({
    who: fc.nat(2),
    kind: fc.constantFrom('type', 'erase', 'format', 'attribute', 'paragraph', 'map'),
    at: fc.nat(40),
    text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 4 }),
  })
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 40 }), (edits) => {
      const docs = [11, 2 ** 21, 2 ** 31].map((client) => {
        const doc = new Y.Doc()
        doc.clientID = client
        return doc
      })
      for (const { who, kind, at, text } of edits) {
        const doc = docs[who] as Y.Doc
        const body = doc.getXmlFragment('root')
        const last = body.length > 0 ? (body.get(body.length - 1) as Y.XmlElement) : undefined
        const line = last?.get(0) as Y.XmlText | undefined
        const place = Math.min(at, line?.length ?? 0)
        if (kind === 'map') doc.getMap('map').set(text, { text, at, list: [at, null, true, 0.5] })
        else if (!last || !line || kind === 'paragraph') {
          const paragraph = new Y.XmlElement('paragraph')
          paragraph.insert(0, [new Y.XmlText(text)])
          body.insert(body.length, [paragraph])
        } else if (kind === 'type') line.insert(place, text)
        else if (kind === 'erase') line.delete(0, Math.min(2, line.length))
        else if (kind === 'format') line.format(0, line.length, { bold: at })
        else last.setAttribute('__indent', text)
      }
      const whole = new Y.Doc()
      for (const doc of docs) Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc))
      const updates = docs.map((doc) => Y.encodeStateAsUpdate(doc))
      const found = new Map<number, number>()
      readClocks(Y.mergeUpdates(updates), (client, end) => found.set(client, end))

      const clocks = Y.decodeStateVector(Y.encodeStateVector(whole))
      expect(found).toEqual(clocks)
      expect(Y.decodeStateVector(stateVector([...found]))).toEqual(clocks)
    }),
  )
})

test('[C54] the bench speaks the dialects of both protocols', () => {
  const update = Uint8Array.from([1, 2, 3])
  const message = yWebSocket.update('', update)
  expect(decodeFrame(message)).toMatchObject({ kind: 'update', update })
  expect(yWebSocket.read(encodeFrame({ kind: 'ack', count: 300, head: 9 }))).toEqual({
    kind: 'ack',
    count: 300,
  })

  const other = hocuspocus.update('room-1', update)
  const cursor = new Cursor().over(other)
  expect(Buffer.from(cursor.block()).toString()).toBe('room-1')
  expect(hocuspocus.read(other)).toMatchObject({ kind: 'update', update: Buffer.from(update) })
})

test('[C56] the bench reads an event stream wherever its chunks are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ minLength: 1, maxLength: 60 }), { minLength: 1, maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 40 })),
      (pieces, cuts) => {
        const bytes = pieces
          .map((piece) => Buffer.from(piece).toString('latin1'))
          .map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`)
          .join('')
        const reader = new ChunkReader()
        let content = ''
        let at = 0
        for (const length of cuts) {
          content += reader.read(bytes.slice(at, at + length))
          at += length
        }
        content += reader.read(bytes.slice(at))

        expect(Buffer.from(content, 'latin1').toString()).toBe(pieces.join(''))
      },
    ),
  )
})

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')

/** As a server sends it; long ones in two fragments. */
function serverFrames(payload: Uint8Array): Buffer[] {
  const half = payload.length >> 1
  if (payload.length < 200) return [serverFrame(payload, 0x82)]
  return [serverFrame(payload.subarray(0, half), 2), serverFrame(payload.subarray(half), 0x80)]
}

function serverFrame(payload: Uint8Array, first: number): Buffer {
  const { length } = payload
  if (length < 126) return Buffer.from([first, length, ...payload])
  const head = Buffer.from([first, length < 65_536 ? 126 : 127, ...new Array(8).fill(0)])
  if (length < 65_536) head.writeUInt16BE(length, 2)
  else head.writeBigUInt64BE(BigInt(length), 2)
  return Buffer.concat([head.subarray(0, length < 65_536 ? 4 : 10), payload])
}
