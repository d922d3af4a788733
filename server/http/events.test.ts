import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import { eventually } from '#server/testing/eventually.ts'
import { LaneClient } from '#server/testing/lane-client.ts'
import { type GuestClient, Served } from '#server/testing/served.ts'
import type { RunInfo } from '#shared/protocol/api.ts'
import { LANE_EVENT_TYPES } from '#shared/protocol/event.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'
import { type EventStream, openEventStream, sseHeartbeat } from './event-stream.ts'

let model: ModelServer
let served: Served
let ada: GuestClient
beforeAll(async () => {
  model = await startModelServer({ scenario: { text: 'One. Two. Three.', delay: 5 } })
  served = await Served.limited(
    { sseHeartbeatMs: 200 },
    { GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' },
  )
  ada = await served.guest()
})
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  await model.close()
})

let asked = 0
async function ask(guest: GuestClient, id: string, more: object = {}): Promise<RunInfo> {
  const body = { command: 'continue', target: { document: true }, key: `k${asked++}`, ...more }
  const answer = await guest.call<{ run: RunInfo }>('POST', `/api/documents/${id}/runs`, body)
  expect(answer.status).toBe(202)
  return answer.body.run
}

/** A document with one run behind it, and the number of its last event. */
async function withHistory(): Promise<{ id: string; head: number; first: LaneClient }> {
  const id = await ada.document('Hello.', 'edit')
  const first = await LaneClient.open(ada, id, { after: 0 })
  await ask(ada, id)
  await eventually(() => expect(first.of('run.finished')).toHaveLength(1))
  first.close()
  return { id, head: first.events.at(-1)?.id ?? 0, first }
}

test('[L1] the lane says what proxies need, and how soon to come back', async () => {
  const lane = await LaneClient.open(ada, await ada.document())
  expect(lane.status).toBe(200)
  expect(lane.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(lane.headers.get('cache-control')).toBe('no-store')
  expect(lane.headers.get('x-accel-buffering')).toBe('no')
  expect(lane.headers.get('access-control-allow-origin')).toBeNull()
  await eventually(() => expect(lane.raw).toContain('retry: 2000\n'))
  lane.close()
})

test('[L2] ids are without gaps, and what is replayed is what was live', async () => {
  const { id, head, first } = await withHistory()
  expect(first.ids).toEqual(Array.from({ length: head }, (_, n) => n + 1))
  for (const { event } of first.events) expect(LANE_EVENT_TYPES).toContain(event)

  for (const after of [0, 1, Math.floor(head / 2), head - 1]) {
    const again = await LaneClient.open(ada, id, { after })
    await eventually(() => expect(again.events).toEqual(first.events.slice(after)))
    again.close()
  }
})

test('[L3] from the middle of a run on: first the past, then live, each event once', async () => {
  const { id, head, first } = await withHistory()
  const lane = await LaneClient.open(ada, id, { after: 2 })
  await ask(ada, id)
  const late = await LaneClient.open(ada, id, { after: 2 })

  for (const reader of [lane, late]) {
    await eventually(() => expect(reader.of('run.finished')).toHaveLength(2))
    expect(reader.events.slice(0, head - 2)).toEqual(first.events.slice(2))
    expect(reader.ids).toEqual(reader.ids.map((_, n) => n + 3))
  }
  expect(late.events).toEqual(lane.events)
  for (const reader of [lane, late]) reader.close()
})

test('[L4] a reader without a past begins now', async () => {
  const { id, head } = await withHistory()
  const lane = await LaneClient.open(ada, id)
  await ask(ada, id)
  await eventually(() => expect(lane.of('run.finished')).toHaveLength(1))
  expect(lane.ids[0]).toBe(head + 1)
  lane.close()
})

test('[L5] an id that is none of the log’s gets one reset with the runs, then goes on', async () => {
  const { id, head } = await withHistory()
  for (const after of ['abc', '-1', '1e30', '1.5', ' ', 'x'.repeat(10_000), head + 1, 1e14]) {
    const lane = await LaneClient.open(ada, id, { after })
    await eventually(() => expect(lane.events).toHaveLength(1))
    const [reset] = lane.events
    expect(reset).toMatchObject({
      id: head,
      event: 'reset',
      data: { runs: [{ title: expect.any(String) }] },
    })
    lane.close()
  }
  const lane = await LaneClient.open(ada, id, { after: 'abc' })
  await ask(ada, id)
  await eventually(() => expect(lane.of('run.finished')).toHaveLength(1))
  expect(lane.ids[1]).toBe(head + 1)
  lane.close()
})

test('[L6] the query may say where to begin, as a header would', async () => {
  const { id, first } = await withHistory()
  const response = await fetch(`${served.url}/api/documents/${id}/events?after=0`, {
    headers: { authorization: `Bearer ${ada.token}` },
  })
  const reader = response.body!.getReader()
  let text = ''
  while (!text.includes('run.finished')) {
    text += new TextDecoder().decode((await reader.read()).value)
  }
  await reader.cancel()
  expect(text.match(/^id: /gm)).toHaveLength(first.events.length)
})

test('[L7] silence is broken by a comment', async () => {
  const lane = await LaneClient.open(ada, await ada.document())
  await eventually(() => expect(lane.raw.match(/^: *$/gm)?.length).toBeGreaterThan(1))
  expect(lane.events).toEqual([])
  lane.close()
})

test('[L8] a user has four lanes of a document; a fifth is refused until one is closed', async () => {
  const id = await ada.document('x', 'view')
  const open = () => LaneClient.open(ada, id)
  const all = await Promise.all(Array.from({ length: 9 }, open))
  const lanes = all.filter(({ status }) => status === 200)
  expect(lanes).toHaveLength(LIMITS.ssePerUserAndDocument)
  const refused = all.find(({ status }) => status !== 200)!
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).not.toBeNull()
  const others = await LaneClient.open(await served.guest(), id)
  expect(others.status).toBe(200)
  others.close()

  lanes.pop()!.close()
  await eventually(async () => {
    const next = await open()
    expect(next.status).toBe(200)
    lanes.push(next)
  })
  for (const lane of lanes) lane.close()
})

test('[L9] who goes before the lane is open leaves nothing behind', async () => {
  const id = await ada.document()
  for (let n = 0; n < 20; n++) {
    const { hostname, port } = new URL(served.url)
    const socket = connect(Number(port), hostname)
    const head = `GET /api/documents/${id}/events HTTP/1.1\r\nHost: localhost\r\n`
    socket.write(`${head}Authorization: Bearer ${ada.token}\r\n\r\n`, () => socket.destroy())
    await once(socket, 'close')
  }
  await eventually(async () => {
    const lanes = await Promise.all(Array.from({ length: 4 }, () => LaneClient.open(ada, id)))
    for (const lane of lanes) lane.close()
    expect(lanes.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })
})

test('[L10] what is no reader of events gets a problem', async () => {
  const id = await ada.document()
  const path = `/api/documents/${id}/events`
  const page = await ada.call('GET', path, undefined, { accept: 'text/html' })
  expect(page.status).toBe(406)
  expect(page.headers.get('content-type')).toContain('application/problem+json')
  for (const method of ['HEAD', 'POST', 'PUT', 'DELETE']) {
    const { status } = await ada.call(method, path, method === 'HEAD' ? undefined : {})
    expect([404, 405], method).toContain(status)
  }
})

test('[L11] two readers are told the same in the same order', async () => {
  const id = await ada.document('Hello.', 'edit')
  const ben = await served.guest()
  const lanes = await Promise.all(
    [ada, ben].map((guest) => LaneClient.open(guest, id, { after: 0 })),
  )
  await Promise.all([ask(ada, id), ask(ben, id), ask(ada, id)])
  for (const lane of lanes) {
    await eventually(() => expect(lane.of('run.finished')).toHaveLength(3))
  }
  expect(lanes[0]!.events).toEqual(lanes[1]!.events)
  for (const lane of lanes) lane.close()
})

test('[L12] no name or wish can forge an event', async () => {
  const eve = await served.guest()
  const evil = 'a\r\n\r\nevent: bye\rdata: {}\n\nid: 9\u2028\u2029\u0085\u0000{"level":"fatal"}'
  await eve.call('PATCH', '/api/session', { name: evil.slice(0, 64) })
  const id = await ada.document('Hello.', 'edit')
  await eve.call('PATCH', `/api/documents/${id}`, { title: evil })
  model.script({ text: 'Evil \r\n\r\nevent: bye\r\ndata: {}\r\n\r\n text.', tokenSize: 3 })
  const lane = await LaneClient.open(ada, id, { after: 0 })

  await ask(eve, id, { instruction: evil })

  await eventually(() => expect(lane.of('run.finished')).toHaveLength(1))
  expect(lane.ids).toEqual(lane.ids.map((_, n) => n + 1))
  expect(lane.of('bye')).toEqual([])
  expect(lane.raw).not.toContain('\r')
  lane.close()
})

test('[L13] who may not read any more is told no more', async () => {
  const id = await ada.document('Hello.', 'edit')
  const ben = await LaneClient.open(await served.guest(), id)
  const own = await LaneClient.open(ada, id)
  await ada.call('PATCH', `/api/documents/${id}`, { linkRole: 'none' })
  await ben.ended
  expect(ben.of('bye')).toHaveLength(1)
  expect(own.of('bye')).toEqual([])
  await ada.call('DELETE', `/api/documents/${id}`)
  await own.ended
})

/** One stream of a server of its own, and a reader who asks and never reads. */
async function slowReader(given: Partial<Limits>, retire?: () => void) {
  const app = fastify({ forceCloseConnections: true })
  const { promise, resolve } = Promise.withResolvers<EventStream>()
  app.get('/', (_request, reply) => {
    const limits = { ...LIMITS, ...given }
    resolve(openEventStream(reply, limits, sseHeartbeat(limits), retire))
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => undefined)
  socket.pause()
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  const stream = await promise
  return {
    stream,
    socket,
    closed: new Promise<void>((gone) => stream.onClose(gone)),
    [Symbol.asyncDispose]: async () => {
      socket.destroy()
      await app.close()
    },
  }
}

test('[L14] a reader who does not read is cut off at the buffer’s size', async () => {
  await using slow = await slowReader({
    sseBufferBytes: LIMITS.sseBufferBytes,
    sendDrainMs: 60_000,
  })
  const json = JSON.stringify('x'.repeat(16_000))
  let sent = 0
  while (!slow.stream.closed && sent < 5_000) {
    slow.stream.send({ id: ++sent, event: 'run.delta', json })
    if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  await slow.closed
  expect(sent * 16_000).toBeGreaterThan(LIMITS.sseBufferBytes)
  expect(sent).toBeLessThan(5_000)
})

test('[L15] replay waits for its reader, and not for ever', async () => {
  await using slow = await slowReader({ sseBufferBytes: LIMITS.sseBufferBytes, sendDrainMs: 300 })
  const json = JSON.stringify('x'.repeat(16_000))
  let sent = 0
  while (!slow.stream.closed && sent < 5_000) {
    slow.stream.send({ id: ++sent, event: 'run.delta', json })
    await slow.stream.drained()
  }
  await slow.closed
  expect(sent).toBeLessThan(5_000)

  await using reading = await slowReader({
    sseBufferBytes: LIMITS.sseBufferBytes,
    sendDrainMs: 5_000,
  })
  let received = 0
  reading.socket.on('data', ({ length }) => {
    received += length
  })
  setTimeout(() => reading.socket.resume(), 100)
  for (let id = 1; id <= 1_000; id++) {
    reading.stream.send({ id, event: 'run.delta', json })
    await reading.stream.drained()
  }
  expect(reading.stream.closed).toBe(false)
  await eventually(() => expect(received).toBeGreaterThan(16_000_000))
})

test('[H245] a lane that has grown old is sent off when it is silent, and whoever comes back has missed nothing', async () => {
  await using served = await Served.limited(
    { sseHeartbeatMs: 100, sseLifeMs: 300 },
    { GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' },
  )
  const ada = await served.guest()
  const id = await ada.document('Hello.', 'edit')
  const lane = await LaneClient.open(ada, id, { after: 0 })
  await lane.ended
  const [bye] = lane.of('bye')
  expect(bye?.id).toBe(0)

  const body = { command: 'continue', target: { document: true }, key: 'k' }
  await ada.call('POST', `/api/documents/${id}/runs`, body)
  await eventually(async () => {
    const { runs } = (await ada.call<{ runs: RunInfo[] }>('GET', `/api/documents/${id}/runs`)).body
    expect(runs).toMatchObject([{ status: 'finished' }])
  })
  const again = await LaneClient.open(ada, id, { after: bye?.id ?? -1 })

  await eventually(() => expect(again.of('run.started')).toHaveLength(1))
  again.close()
})

test('[H246] a lane of which nothing is taken for as long as the dead are borne is cut off', async () => {
  await using slow = await slowReader({
    sseBufferBytes: 1 << 26,
    sseHeartbeatMs: 100,
    deadMs: 200,
  })
  const json = JSON.stringify('x'.repeat(16_000))
  // More than the kernel takes, and less than the buffer's limit.
  for (let id = 1; id <= 1_000; id++) slow.stream.send({ id, event: 'run.delta', json })
  expect(slow.stream.closed).toBe(false)

  await slow.closed
})
