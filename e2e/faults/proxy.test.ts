/** The fault proxy does what it says, so that a fault suite on top of it can be believed. */
import { once } from 'node:events'
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { atBest } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import { FaultProxy } from './proxy.ts'

let server: Server
let proxy: FaultProxy
/** Of the server: connections, and all that came on each. */
let served: Socket[]
let heard: Buffer[]

beforeEach(async () => {
  ;[server, served, heard] = await echoServer()
  proxy = await FaultProxy.open({ targets: [portOf(server)], seed: 7 })
})
afterEach(async () => {
  await proxy[Symbol.asyncDispose]()
  for (const socket of served) socket.destroy()
  server.close()
})

test('[C61] in good weather the fault proxy passes every byte both ways, and the end of each side', async () => {
  const client = await connect()
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at % 251))

  client.socket.end(sent)
  await once(client.socket, 'end')

  expect(Buffer.concat(heard).equals(sent)).toBe(true)
  expect(client.bytes().equals(sent)).toBe(true)
  await eventually(() => expect(proxy.size).toBe(0))
})

test('[C62] delayed, jittered, sliced and throttled bytes arrive late, in order and whole', async () => {
  proxy.set('both', { delayMs: 40, jitterMs: 30, sliceBytes: 7, bytesPerSecond: 20_000 })
  const sent = Buffer.from(Array.from({ length: 2_000 }, (_, at) => at % 251))
  // A machine that stands still hears many slices in one piece.
  const tooFew = await atBest(0, async () => {
    const client = await connect()
    heard.length = 0
    const begin = performance.now()

    client.socket.write(sent)
    await eventually(() => expect(client.bytes().length).toBe(sent.length))

    expect(client.bytes().equals(sent)).toBe(true)
    expect(performance.now() - begin).toBeGreaterThan(2_000 / 20 + 2 * 10)
    return 20 - heard.length
  })
  expect(tooFew).toBeLessThan(0)
})

test('[C63] a swallowing hole loses the bytes and the end of one direction, and lets the other pass', async () => {
  const client = await connect()
  await eventually(() => expect(served).toHaveLength(1))
  proxy.set('up', { hole: 'swallow' })
  client.socket.write('lost')
  served[0]!.write('heard')
  await eventually(() => expect(client.bytes().toString()).toBe('heard'))

  client.socket.destroy()
  await proxyTick()

  expect(heard).toEqual([])
  expect(served[0]!.destroyed).toBe(false)
  proxy.calm()
  await eventually(() => expect(served[0]!.destroyed).toBe(true))
})

test('[C64] what a held direction was given arrives when the partition heals, in order', async () => {
  const client = await connect()
  proxy.set('both', { hole: 'hold' })
  client.socket.write('one ')
  client.socket.write('two')
  await proxyTick()
  expect(heard).toEqual([])

  proxy.calm()

  await eventually(() => expect(client.bytes().toString()).toBe('one two'))
})

test('[C65] a stopped direction is not read, so that its sender cannot send on for ever', async () => {
  const client = await connect()
  proxy.set('up', { hole: 'stop' })
  await proxyTick()
  const piece = Buffer.alloc(1024 * 1024)
  for (let at = 0; at < 64; at++) client.socket.write(piece)
  await proxyTick()

  expect(client.socket.writableLength).toBeGreaterThan(16 * 1024 * 1024)
  proxy.calm()
  await eventually(() => expect(client.socket.writableLength).toBe(0))
})

test('[C66] a reset reaches both sides as one, and a connection of so many bytes is reset by itself', async () => {
  const first = await connect()
  await eventually(() => expect(served).toHaveLength(1))
  proxy.reset()
  await eventually(() => expect(first.error()).toBe('ECONNRESET'))
  await eventually(() => expect(served[0]!.destroyed).toBe(true))

  proxy.resetAfter(1500)
  const second = await connect()
  second.socket.write(Buffer.alloc(500))
  await eventually(() => expect(second.bytes().length).toBe(500))
  second.socket.write(Buffer.alloc(600))
  await eventually(() => expect(second.error()).toBe('ECONNRESET'))
})

test('[C67] a cut proxy refuses, a mended one takes turns among its targets and passes over the dead', async () => {
  const [other, ofOther] = await echoServer()
  const client = await connect()
  await eventually(() => expect(served).toHaveLength(1))
  proxy.cut()
  await eventually(() => expect(client.socket.destroyed).toBe(true))
  const refused = createConnection(proxy.port, '127.0.0.1')
  refused.on('error', () => undefined)
  await once(refused, 'close')
  expect(served).toHaveLength(1)

  proxy.mend()
  proxy.aim([portOf(server), portOf(other)])
  for (let at = 0; at < 4; at++) await connect()
  await eventually(() => expect([served.length, ofOther.length]).toEqual([3, 2]))

  server.close()
  const beyond = await connect()
  beyond.socket.write('still')
  await eventually(() => expect(beyond.bytes().toString()).toBe('still'))
  for (const socket of ofOther) socket.destroy()
  other.close()
})

async function echoServer(): Promise<[Server, Socket[], Buffer[]]> {
  const sockets: Socket[] = []
  const bytes: Buffer[] = []
  const listening = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      bytes.push(data)
      socket.write(data)
    })
    socket.on('end', () => socket.end())
  }).listen(0, '127.0.0.1')
  await once(listening, 'listening')
  return [listening, sockets, bytes]
}

async function connect() {
  const before = proxy.size
  const socket = createConnection(proxy.port, '127.0.0.1')
  const received: Buffer[] = []
  let failure: string | undefined
  socket.on('data', (data) => received.push(data))
  socket.on('error', (error: NodeJS.ErrnoException) => {
    failure = error.code
  })
  await once(socket, 'connect')
  await eventually(() => expect(proxy.size).toBeGreaterThan(before))
  return { socket, bytes: () => Buffer.concat(received), error: () => failure }
}

const portOf = (listening: Server): number => {
  const address = listening.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Long enough for a byte to cross the loopback three times over. */
const proxyTick = () => new Promise((resolve) => setTimeout(resolve, 60))
