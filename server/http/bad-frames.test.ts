import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { frame, rawSocket } from '#server/testing/raw-socket.ts'
import { type GuestClient, Served } from '#server/testing/served.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { encodeFrame } from '#shared/protocol/frame.ts'

let served: Served
let ada: GuestClient
let mallory: GuestClient
let id: string
/** In another room, all the time: whatever is done elsewhere, it is served. */
let probe: FrameClient

beforeAll(async () => {
  served = await Served.open()
  ada = await served.guest()
  mallory = await served.guest()
  id = await ada.document('Hello', 'edit')
  probe = await FrameClient.joined(ada.socket(await ada.document('Probe')))
})
afterAll(async () => {
  probe.close()
  await served[Symbol.asyncDispose]()
})

const hash = async () => (await ada.call('GET', `/api/documents/${id}/hash`)).body

/** Sends bytes straight after the upgrade; the code it is closed with, which says for what. */
async function closedWith(...writes: Uint8Array[]): Promise<number> {
  const raw = await rawSocket(served.url, `/sync/${id}`, mallory.token)
  for (const bytes of writes) raw.write(bytes)
  const code = await raw.ended
  raw.socket.destroy()
  return code
}

async function probed(): Promise<void> {
  const before = probe.acked
  probe.type('.')
  await eventually(() => expect(probe.acked).toBe(before + 1))
}

const bytes = (...values: number[]) => Uint8Array.from(values)
const varuint = (n: number): number[] =>
  n < 128 ? [n] : [(n % 128) | 128, ...varuint(Math.floor(n / 128))]

test('[H50] frames that no WebSocket has close their sender and nobody else', async () => {
  const before = await hash()
  const terabyte = Buffer.alloc(14)
  terabyte[0] = 0x82
  terabyte[1] = 0xff
  terabyte.writeBigUInt64BE(2n ** 40n, 2)
  const cases: [string, Uint8Array, number][] = [
    ['reserved bit 1', frame(bytes(0), { rsv: 4 }), 1002],
    ['all reserved bits', frame(bytes(0), { rsv: 7 }), 1002],
    ['opcode 3', frame(bytes(0), { opcode: 3 }), 1002],
    ['opcode 11', frame(bytes(0), { opcode: 11 }), 1002],
    ['no mask', frame(bytes(0), { masked: false }), 1002],
    ['a ping of 200 bytes', frame(new Uint8Array(200), { opcode: 9 }), 1002],
    ['a ping in two parts', frame(bytes(0), { opcode: 9, fin: false }), 1002],
    ['a part of nothing', frame(bytes(0), { opcode: 0 }), 1002],
    ['a terabyte', terabyte, CLOSE.tooBig],
    ['a text', frame(Buffer.from('hello'), { opcode: 1 }), CLOSE.protocol],
    ['a text that is not UTF-8', frame(bytes(0xff, 0xfe), { opcode: 1 }), 1007],
  ]
  for (const [name, sent, code] of cases) expect(await closedWith(sent), name).toBe(code)
  await probed()
  expect(await hash()).toEqual(before)
})

test('[H51] a message in ever more parts is closed at the 65th', async () => {
  const first = frame(bytes(0), { fin: false })
  const more = Buffer.concat(Array(63).fill(frame(bytes(0), { opcode: 0, fin: false })))
  const raw = await rawSocket(served.url, `/sync/${id}`, mallory.token)
  raw.write(first)
  raw.write(more)
  const early = await Promise.race([raw.ended, new Promise((go) => setTimeout(go, 200, 'open'))])
  expect(early).toBe('open')
  raw.write(frame(bytes(0), { opcode: 0, fin: false }))
  expect(await raw.ended).toBe(1008)

  const flood = Buffer.concat(Array(100_000).fill(frame(bytes(0), { opcode: 0, fin: false })))
  expect(await closedWith(first, flood)).toBe(1008)
  await probed()
})

test('[H52] messages that are none of the protocol are closed with 4400', async () => {
  const before = await hash()
  const cases: [string, Uint8Array, number][] = [
    ['nothing', bytes(), CLOSE.protocol],
    ['one byte', bytes(0), CLOSE.protocol],
    ['type 255', bytes(255, 1), CLOSE.protocol],
    ['type 2^53-1', bytes(...varuint(2 ** 53 - 1)), CLOSE.protocol],
    ['a number without end', bytes(...Array(12).fill(0xff)), CLOSE.protocol],
    ['sync step 9', bytes(0, 9, 0), CLOSE.protocol],
    ['more announced than sent', bytes(0, 2, 100, 1), CLOSE.protocol],
    ['2^52 bytes announced', bytes(0, 2, ...varuint(2 ** 52), 1), CLOSE.protocol],
    ['bytes behind the end', bytes(0, 2, 2, 0, 0, 7), CLOSE.protocol],
    ['an ack', encodeFrame({ kind: 'ack', count: 1, head: 1 }), CLOSE.protocol],
    ['a nack', encodeFrame({ kind: 'nack', count: 1, code: 1, reason: '' }), CLOSE.protocol],
    ['the type of y-websocket’s auth', bytes(2, 0, 0), CLOSE.protocol],
    ['no state vector', bytes(0, 0, 3, 255, 255, 255), CLOSE.protocol],
    ['a state vector of 1e9', bytes(0, 0, 5, ...varuint(1e9)), CLOSE.protocol],
    ['no presence', bytes(1, 3, 9, 9, 9), CLOSE.protocol],
    ['presence of 1e9', bytes(1, 5, ...varuint(1e9)), CLOSE.protocol],
  ]
  for (const [name, sent, code] of cases) expect(await closedWith(frame(sent)), name).toBe(code)

  for (const [depth, code] of [
    [1_900, CLOSE.protocol],
    [200_000, CLOSE.tooBig],
  ] as const) {
    const deep = Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`)
    const client = await FrameClient.open(mallory.socket(id))
    const update = Buffer.concat([bytes(1, 7, 1, ...varuint(deep.length)), deep])
    client.send({ kind: 'awareness', update })
    expect(await client.ended, `${depth} deep`).toBe(code)
  }
  await probed()
  expect(await hash()).toEqual(before)
})

/** Bytes that look random and are the same for the same seed. */
function noise(seed: number, length: number): Uint8Array {
  let state = seed * 2_654_435_761 + 1
  return Uint8Array.from({ length }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9
    return (state >>> 11) & 255
  })
}

test('[H53] a thousand random messages are never acknowledged and change nothing', async () => {
  const before = await hash()
  for (let seed = 1; seed <= 1_000; seed += 10) {
    const clients = await Promise.all(
      Array.from({ length: 10 }, async (_, n) => {
        const client = await FrameClient.open(mallory.socket(id))
        client.socket.send(noise(seed + n, 64))
        return client
      }),
    )
    for (const [n, client] of clients.entries()) {
      const name = `seed ${seed + n}`
      const code = await client.ended
      expect([CLOSE.protocol, CLOSE.tooBig, CLOSE.invalidContent], name).toContain(code)
      expect(client.acked, name).toBe(0)
    }
  }
  await probed()
  expect(await hash()).toEqual(before)
}, 120_000)

test('[H54] random updates get a nack and the close 4422, never an ack', async () => {
  const before = await hash()
  for (let seed = 1; seed <= 200; seed++) {
    const client = await FrameClient.open(mallory.socket(id))
    const update = noise(seed, seed % 10 === 0 ? 65_536 : 64)
    client.send({ kind: 'sync-step-2', update })
    expect(await client.ended, `seed ${seed}`).toBe(CLOSE.invalidContent)
    expect(client.answers, `seed ${seed}`).toMatchObject([{ kind: 'nack', count: 1, code: 4422 }])
  }
  await probed()
  expect(await hash()).toEqual(before)
}, 120_000)

test('[H55] an update cut at any byte is never acknowledged', async () => {
  const doc = new Y.Doc()
  const honest = await FrameClient.joined(ada.socket(id))
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(honest.doc))
  const sent = new Promise<Uint8Array>((resolve) => honest.doc.once('update', resolve))
  honest.type('!')
  const update = await sent
  await eventually(() => expect(honest.acked).toBe(2))
  const before = await hash()

  for (let at = 0; at < update.length; at++) {
    const client = await FrameClient.open(mallory.socket(id))
    client.send({ kind: 'sync-step-2', update: update.subarray(0, at) })
    expect(await client.ended, `cut at ${at}`).toBe(CLOSE.invalidContent)
    expect(client.acked, `cut at ${at}`).toBe(0)
  }
  expect(await hash()).toEqual(before)
  await probed()
  honest.close()
})

test('[H56] an upgrade that is none is refused, and no room is opened for it', async () => {
  const { hostname, port } = new URL(served.url)
  const head = (path: string, ...headers: string[]) =>
    [`GET ${path} HTTP/1.1`, `Host: ${hostname}`, ...headers, '\r\n'].join('\r\n')
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket']
  const signed = `Authorization: Bearer ${mallory.token}`
  const cases: [string, string, RegExp][] = [
    ['no such path', head('/sync', ...upgrade, signed), /^HTTP\/1.1 404/],
    ['an id that climbs', head('/sync/..%2f..', ...upgrade, signed), /^HTTP\/1.1 404/],
    ['a token in the address', head(`/sync/${id}?token=x`, ...upgrade), /^HTTP\/1.1 (401|403)/],
    ['no key', head(`/sync/${id}`, ...upgrade, signed), /^HTTP\/1.1 400/],
    ['headers of 64 kB', head(`/sync/${id}`, `X: ${'x'.repeat(65_536)}`), /^HTTP\/1.1 431/],
    ['two lengths', head('/livez', 'Content-Length: 1', 'Content-Length: 2'), /^HTTP\/1.1 400/],
    [
      'a length and chunks',
      head('/livez', 'Content-Length: 1', 'Transfer-Encoding: chunked'),
      /^HTTP\/1.1 400/,
    ],
    ['HTTP/0.9', 'GET /livez\r\n\r\n', /^HTTP\/1.1 400/],
  ]
  for (const [name, request, answer] of cases) {
    const socket = connect(Number(port), hostname)
    let heard = ''
    socket.on('data', (data) => {
      heard += data
    })
    socket.on('error', () => undefined)
    socket.write(request)
    await new Promise((resolve) => socket.once('close', resolve))
    expect(heard, name).toMatch(answer)
  }
  await probed()
})
