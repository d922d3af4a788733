/** Sockets that are badly asked for or badly used, by the rows of BAD-INPUT.md. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { createParser } from 'eventsource-parser'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { GlossProcess } from '#e2e/gloss-process.ts'
import { createLog } from '#server/log.ts'
import { atBest } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { Random } from '#server/testing/random.ts'
import { endOf, type GuestClient, opened, Served } from '#server/testing/served.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { LIMITS } from '#shared/protocol/limits.ts'
import { openEventStream } from './event-stream.ts'
import { Identity } from './identity.ts'

/** Node’s own patience with who says nothing is longer. */
const PATIENCE_MS = 20_000

let served: Served
let ada: GuestClient
let mallory: GuestClient
let id: string
let probe: FrameClient

beforeAll(async () => {
  served = await Served.limited({ authenticateMs: 2_500, connectionsPerDocument: 1_000 })
  ada = await served.guest()
  mallory = await served.guest()
  id = await ada.document('Hello', 'edit')
  probe = await FrameClient.joined(ada.socket(await ada.document('Probe')))
})
afterAll(async () => {
  probe.close()
  await served[Symbol.asyncDispose]()
})

async function probed(): Promise<void> {
  const before = probe.acked
  probe.type('.')
  await eventually(() => expect(probe.acked).toBe(before + 1))
}

const rooms = async () => {
  const { body } = await ada.call<string>('GET', '/metrics')
  return Number(/^gloss_rooms (\d+)$/m.exec(body)?.[1])
}

/** Sends bytes; what came back and how long it took until the connection ended. */
async function raw(bytes: string): Promise<{ heard: string; ms: number }> {
  const { hostname, port } = new URL(served.url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let heard = ''
  socket.on('data', (data) => {
    heard += data
  })
  socket.on('error', () => undefined)
  const begin = performance.now()
  socket.write(bytes)
  await new Promise((resolve) => socket.once('close', resolve))
  return { heard, ms: performance.now() - begin }
}

const upgrade = (...lines: string[]) =>
  [
    `GET /sync/${id} HTTP/1.1`,
    'Host: localhost',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...lines,
    '\r\n',
  ].join('\r\n')

test('[H161] a socket of another site opens no room, though its cookie is good (B01, B02)', async () => {
  const fresh = await mallory.document('Alone')
  const before = await rooms()
  const { port } = new URL(served.url)
  for (const origin of [
    'https://evil.example',
    'null',
    `http://localhost.evil.example:${port}`,
    `http://localhost:${Number(port) + 1}`,
    'file://',
  ]) {
    const socket = new WebSocket(`${served.url.replace('http', 'ws')}/sync/${fresh}`, {
      headers: { cookie: `gloss=${mallory.token}`, origin },
    })
    expect(await endOf(socket), origin).toBe(403)
  }
  expect(await rooms()).toBe(before)
})

test('[H162] a token in the address opens nothing and stands in no log (B05)', async () => {
  const gloss = await GlossProcess.start({ env: { LOG_LEVEL: 'debug' } })
  try {
    const made = await fetch(`${gloss.url}/api/session`, { method: 'POST' })
    const { token } = (await made.json()) as { token: string }
    const origin = { headers: { origin: gloss.url } }
    for (const path of ['/sync/some', '/api/documents/some/events', '/api/documents']) {
      const url = `${gloss.url}${path}?token=${token}&ticket=${token}`
      const status = path.startsWith('/sync')
        ? await endOf(new WebSocket(url.replace('http', 'ws'), origin))
        : (await fetch(url)).status
      expect(status, path).toBe(401)
    }
    expect(gloss.output).not.toContain(token)
  } finally {
    await gloss.stop()
  }
})

test('[H163] compression is not agreed to, whoever offers it (B20)', async () => {
  const socket = new WebSocket(`${served.url.replace('http', 'ws')}/sync/${id}`, {
    headers: { authorization: `Bearer ${mallory.token}` },
    perMessageDeflate: true,
  })
  await opened(socket)
  expect(socket.extensions).toBe('')
  socket.terminate()
})

test('[H164] too many or too long headers are refused at once (B21)', async () => {
  for (const [name, lines] of [
    ['a header of 64 kB', [`X: ${'x'.repeat(65_536)}`]],
    ['two thousand headers', Array.from({ length: 2_000 }, (_, n) => `X-${n}: ${n}`)],
    ['32,000 spaces', [`Sec-WebSocket-Protocol: a${' '.repeat(32_000)}b`]],
  ] as const) {
    const took = await atBest(500, async () => {
      const { heard, ms } = await raw(upgrade(`Authorization: Bearer ${mallory.token}`, ...lines))
      expect(heard, name).toMatch(/^HTTP\/1.1 (400|431)/)
      return ms
    })
    expect(took, name).toBeLessThan(500)
  }
  await probed()
})

test('[H165] who connects and says nothing, or says it one byte at a time, is sent away (B22)', async () => {
  const silent = await raw('')
  expect(silent.ms).toBeLessThan(PATIENCE_MS)
  const { hostname, port } = new URL(served.url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const bytes = [...upgrade(`Authorization: Bearer ${mallory.token}`)]
  const begin = performance.now()
  const dripping = setInterval(() => socket.write(bytes.shift() ?? ''), 50)
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
  clearInterval(dripping)
  expect(performance.now() - begin).toBeLessThan(PATIENCE_MS)
  await probed()
})

test('[H166] a state vector of invented clients is answered or refused, and costs little (B24)', async () => {
  const vector = (count: number, entries: number) => {
    const bytes: number[] = []
    const write = (n: number) => {
      for (let left = n; ; left = Math.floor(left / 128)) {
        bytes.push((left % 128) | (left > 127 ? 128 : 0))
        if (left <= 127) return
      }
    }
    write(count)
    for (let n = 0; n < entries; n++) for (const it of [n + 1, 1]) write(it)
    return Uint8Array.from(bytes)
  }
  for (const [stateVector, code] of [
    [vector(300_000, 300_000), CLOSE.protocol],
    [vector(1e9, 10), CLOSE.protocol],
    [Uint8Array.of(255, 255, 255), CLOSE.protocol],
  ] as const) {
    const client = await FrameClient.open(mallory.socket(id))
    client.send({ kind: 'sync-step-1', stateVector })
    expect(await client.ended).toBe(code)
  }
  const client = await FrameClient.open(mallory.socket(id))
  const answered = client.next('sync-step-2')
  client.send({ kind: 'sync-step-1', stateVector: vector(10_000, 10_000) })
  await answered
  client.close()
  await probed()
})

test('[H167] of two hundred sockets of one user twenty come in, and nobody else waits (B25)', async () => {
  const sockets = Array.from({ length: 200 }, () => mallory.socket(id))
  const ends = sockets.map((socket) =>
    Promise.race([opened(socket).then(() => 101), endOf(socket)]).catch(() => 429),
  )
  await probed()
  const other = await served.guest()
  const [, outcomes] = await Promise.all([opened(other.socket(id)), Promise.all(ends)])
  expect(outcomes.filter((status) => status === 101)).toHaveLength(20)
  expect(new Set(outcomes)).toEqual(new Set([101, 429]))
  for (const socket of sockets) socket.terminate()
  await eventually(async () => {
    const again = mallory.socket(id)
    again.on('error', () => undefined)
    await opened(again)
    again.terminate()
  })
})

test('[H168] who asks without end who is here is told to come back later (B49)', async () => {
  const client = await FrameClient.joined(mallory.socket(id))
  for (let n = 0; n < 20; n++) client.send({ kind: 'query-awareness' })
  expect(await client.ended).toBe(CLOSE.tooMany)
  await probed()
})

test('[H169] a ticket that is too old, for another purpose or changed opens nothing (B10)', async () => {
  const user = { id: 'ada', name: 'Ada', color: '#222222' }
  const users = new Map([[user.id, user]])
  const one = async (name: string) => users.get(name)
  const used = new Set<string>()
  const claim = async (name: string) => !used.has(name) && Boolean(used.add(name))
  const deps = { store: { claim }, lookUps: { user: one }, https: false }
  const make = (secret: string) =>
    new Identity({ ...deps, secret } as unknown as ConstructorParameters<typeof Identity>[0])
  const identity = make('a'.repeat(32))
  const redeem = (ticket: string, document = 'plan') =>
    identity.redeemTicket(`gloss.ticket.${ticket}`, document)
  const ticket = identity.createTicket('ada', 'plan')
  const [who, expires, document, signature] = ticket.split('.')

  for (const bad of [
    make('b'.repeat(32)).createTicket('ada', 'plan'),
    [who, 'zzzzzzzzzz', document, signature].join('.'),
    ['ben', expires, document, signature].join('.'),
    ticket.slice(0, -1),
    `${ticket}.x`,
    '',
  ]) {
    expect(await redeem(bad), bad).toBeUndefined()
  }
  expect(await redeem(identity.createTicket('ada', 'other'))).toBeUndefined()
  expect(await redeem(ticket)).toEqual(user)
  expect(await redeem(ticket)).toBeUndefined()

  const late = identity.createTicket('ada', 'plan')
  vi.useFakeTimers({ now: Date.now() + 31_000, toFake: ['Date'] })
  expect(await redeem(late)).toBeUndefined()
  vi.useRealTimers()
})

test('[H170] no letter in what is told, or logged, makes two of one line (B77, B81)', async () => {
  const evil = ['\r', '\n', '\r\n', '\n\n', '\u2028', '\u2029', '\u0085', '\0', '\x1b[31m', ':']
  const words = [...evil, 'data', 'event', 'id', 'retry', ' ', '{"level":"fatal"}', 'é', '😀']
  const chance = new Random(7)
  const phrase = () => Array.from({ length: 6 }, () => chance.pick(words)).join('')
  const said = Array.from({ length: 10_000 }, phrase)

  const app = fastify({ forceCloseConnections: true })
  app.get('/', async (_request, reply) => {
    const limits = { ...LIMITS, sseBufferBytes: 1 << 24 }
    const stream = openEventStream(reply, limits)
    for (const [n, text] of said.entries()) {
      stream.send({ id: n + 1, event: 'run.delta', json: JSON.stringify({ text }) })
    }
    stream.end()
    return reply
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const heard: { id: string | undefined; event: string | undefined; text: string }[] = []
  const parser = createParser({
    onEvent: ({ id, event, data }) => heard.push({ id, event, text: JSON.parse(data).text }),
  })
  parser.feed(await (await fetch(url)).text())
  await app.close()
  const deltas = heard.filter(({ event }) => event === 'run.delta')
  expect(deltas.map(({ text }) => text)).toEqual(said)
  expect(deltas.map(({ id }) => id)).toEqual(said.map((_, n) => String(n + 1)))

  const lines: string[] = []
  const log = createLog('info', { write: (line) => void lines.push(line) })
  for (const text of said.slice(0, 1_000)) log.warn({ document: text }, 'a thing happened')
  expect(lines).toHaveLength(1_000)
  for (const [n, line] of lines.entries()) {
    const inner = line.trimEnd()
    for (const sign of ['\r', '\n', '\x1b', '\0']) expect(inner).not.toContain(sign)
    expect(JSON.parse(line)).toMatchObject({ level: 40, document: said[n] })
  }
})
