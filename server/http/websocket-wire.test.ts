import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Duplex, PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { SyncWebSocket, WebSocketWire } from './websocket-wire.ts'
import type { Ear } from './wire.ts'

function ear() {
  const heard = { progress: 0, closed: 0, ended: 0, messages: [] as Buffer[] }
  const it: Ear = {
    message: (frame) => void heard.messages.push(Buffer.from(frame)),
    heard: () => undefined,
    progress: () => void heard.progress++,
    closed: () => void heard.closed++,
    failed: () => undefined,
  }
  return { heard, it }
}

/** A wire, and at its other end a client that knows nothing of ours. */
async function pair() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets = new WebSocketServer({ noServer: true, WebSocket: SyncWebSocket })
  const { heard, it } = ear()
  const made = new Promise<WebSocketWire>((resolve) => {
    server.on('upgrade', (request, socket, head) => {
      socket.cork()
      sockets.handleUpgrade(request, socket, head, (ws) => {
        const wire = new WebSocketWire(ws as SyncWebSocket, socket, () => void heard.ended++)
        wire.listen(it)
        resolve(wire)
      })
    })
  })
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const got: Buffer[] = []
  client.on('message', (data: Buffer) => void got.push(data))
  const closed = once(client, 'close')
  const wire = await made
  await once(client, 'open')
  return {
    wire,
    client,
    got,
    heard,
    closed,
    [Symbol.asyncDispose]: async () => {
      client.terminate()
      server.close()
    },
  }
}

/** A socket that keeps each piece it is given, and what `ws` is to a wire. */
function stub() {
  const writes: Buffer[] = []
  const socket: Duplex = new PassThrough()
  socket.write = (bytes: Buffer) => writes.push(bytes) > 0
  const ws = { readyState: 1, OPEN: 1, on: () => undefined, close: () => undefined }
  return {
    wire: new WebSocketWire(ws as unknown as SyncWebSocket, socket, () => undefined),
    writes,
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))
const bytes = (length: number) => Buffer.alloc(length, length % 251)

test('[W45] frames of every length reach any client whole and in order', async () => {
  await using it = await pair()
  const lengths = [0, 1, 125, 126, 4_096, 4_097, 65_535, 65_536, 65_537, 131_072, 700_001, 2]

  for (const length of lengths) it.wire.send(bytes(length))

  await expect.poll(() => it.got.length).toBe(lengths.length)
  for (const [n, length] of lengths.entries()) expect(it.got[n]?.equals(bytes(length))).toBe(true)
  await expect.poll(() => it.wire.waiting).toBe(0)
})

test('[W46] one frame is the same bytes for every receiver', async () => {
  const all = [stub(), stub(), stub()]
  for (const frame of [bytes(30), bytes(10_000)]) {
    for (const { wire } of all) wire.send(frame)
    await turn()
  }

  const [first] = all
  expect(first!.writes.map(({ length }) => length)).toEqual([32, 10_004])
  for (const { writes } of all) for (const n of [0, 1]) expect(writes[n]).toBe(first!.writes[n])
})

test('[W47] what one turn has to say leaves as one write', async () => {
  const { wire, writes } = stub()

  for (let n = 1; n <= 5; n++) wire.send(bytes(n))
  expect(writes).toHaveLength(0)
  await turn()
  wire.send(bytes(6))
  await turn()

  expect(writes.map(({ length }) => length)).toEqual([25, 8])
})

test('[W48] a last word comes behind all that was said before it', async () => {
  await using it = await pair()
  it.wire.send(bytes(3))
  it.wire.send(bytes(1_000_000))
  it.wire.send(bytes(4))

  it.wire.close(CLOSE.later, `${'é'.repeat(61)}é too long to be cut inside a letter`)
  it.wire.send(bytes(5))

  const [code, reason] = await it.closed
  expect(code).toBe(CLOSE.later)
  expect(String(reason)).toBe('é'.repeat(61))
  expect(it.got.map(({ length }) => length)).toEqual([3, 1_000_000, 4])
  await expect.poll(() => it.heard).toMatchObject({ closed: 1, ended: 1 })
})

test('[W49] what a client does not read waits, and is counted until it is taken', async () => {
  await using it = await pair()
  it.client.pause()
  for (let n = 0; n < 32; n++) it.wire.send(bytes(1_000_000))
  await turn()
  expect(it.wire.waiting).toBeGreaterThan(8_000_000)
  const before = it.heard.progress

  it.client.resume()

  await expect.poll(() => it.got.length).toBe(32)
  await expect.poll(() => it.wire.waiting).toBe(0)
  expect(it.heard.progress).toBeGreaterThan(before + 3)
})

test('[W49] a wire that is dropped forgets what waited', async () => {
  await using it = await pair()
  it.client.pause()
  for (let n = 0; n < 32; n++) it.wire.send(bytes(1_000_000))

  it.wire.drop(CLOSE.later, 'too slow')

  expect(it.wire.open).toBe(false)
  expect(it.wire.waiting).toBeLessThan(8_000_000)
  it.client.resume()
  expect((await it.closed)[0]).toBe(CLOSE.later)
  expect(it.got.length).toBeLessThan(32)
})
