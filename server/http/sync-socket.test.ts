import { expect, test } from 'vitest'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { endOf, type GuestClient, opened, Served } from '#server/testing/served.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { encodeFrame } from '#shared/protocol/frame.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'

const MIB = 1024 * 1024
const STEP_1 = { kind: 'sync-step-1', stateVector: Uint8Array.of(0) } as const

/** A server, somebody with a document, and their first client in it. */
async function scene(limits: Partial<Limits> = {}) {
  const served = await Served.limited(limits)
  const ada = await served.guest()
  const id = await ada.document('Hello', 'edit')
  return { served, ada, id, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() }
}

const join = (guest: GuestClient, id: string) => FrameClient.joined(guest.socket(id))

/** An awareness frame for one client, whose update is `bytes` long or as short as it can be. */
function awareness(client: number, clock: number, state: object, bytes?: number) {
  const write = (json: string) => {
    const text = Buffer.from(json)
    const varuint = (n: number): number[] =>
      n < 128 ? [n] : [(n & 127) | 128, ...varuint(n >>> 7)]
    const head = [1, ...varuint(client), ...varuint(clock), ...varuint(text.length)]
    return Buffer.concat([Buffer.from(head), text])
  }
  const bare = write(JSON.stringify(state))
  if (bytes === undefined) return { kind: 'awareness', update: bare } as const
  for (let pad = Math.max(0, bytes - bare.length - 16); ; pad++) {
    const update = write(JSON.stringify({ ...state, pad: 'x'.repeat(pad) }))
    if (update.length === bytes) return { kind: 'awareness', update } as const
    if (update.length > bytes) throw new Error('no such length')
  }
}

test('[H31] a message of the limit is read, one byte more closes with 4413 for good', async () => {
  await using it = await scene()
  const ofSize = (bytes: number) => {
    const message = new Uint8Array(bytes)
    message.set(encodeFrame({ kind: 'update', update: new Uint8Array(bytes - 5) }))
    return message
  }

  const ada = await join(it.ada, it.id)
  ada.socket.send(ofSize(LIMITS.messageBytes))
  expect(await ada.ended).toBe(CLOSE.invalidContent)
  expect(ada.answers.at(-1)).toMatchObject({ kind: 'nack', count: 2 })

  const ben = await join(it.ada, it.id)
  ben.socket.send(ofSize(LIMITS.messageBytes + 1))
  expect(await ben.ended).toBe(CLOSE.tooBig)
})

test('[H32] a burst of messages is taken, one beyond it closes with 4529', async () => {
  await using it = await scene({ messagesBurst: 12, messagesPerSecond: 1 })
  const ada = await join(it.ada, it.id) // two messages
  for (let n = 0; n < 10; n++) ada.type('x')
  await eventually(() => expect(ada.acked).toBe(11))

  // One at once; some more where this has taken so long that places are free again.
  for (let n = 0; n < 40; n++) ada.type('y')

  expect(await ada.ended).toBe(CLOSE.tooMany)
  expect(ada.acked).toBeLessThan(40)
})

test('[H32] pings count as messages, and the close says so', async () => {
  await using it = await scene({ messagesBurst: 50, messagesPerSecond: 1 })
  const ada = await join(it.ada, it.id)
  for (let n = 0; n < 60; n++) ada.socket.ping()
  expect(await ada.ended).toBe(CLOSE.tooMany)
})

test('[H33] bytes beyond the rate wait at the client, and none is lost', async () => {
  await using it = await scene({ bytesBurst: 100_000, bytesPerSecond: 100_000 })
  const ada = await join(it.ada, it.id)
  const begin = performance.now()

  for (let n = 0; n < 10; n++) ada.type('x'.repeat(30_000))

  await eventually(() => expect(ada.acked).toBe(11))
  expect(performance.now() - begin).toBeGreaterThan(1_500)
  expect(ada.socket.readyState).toBe(WebSocket.OPEN)
  const { body } = await it.ada.call<string>('GET', `/api/documents/${it.id}/content?format=text`)
  expect(body.trim()).toHaveLength(300_005)
  ada.close()
})

test('[H34] presence of the limit is shown, one byte more closes with 4413', async () => {
  await using it = await scene()
  const ben = await it.served.guest()
  const reader = await join(ben, it.id)
  const ada = await join(it.ada, it.id)

  const shown = reader.next('awareness')
  ada.send(awareness(7, 1, { at: 1 }, LIMITS.awarenessBytes))
  expect((await shown).update.length).toBeGreaterThan(LIMITS.awarenessBytes - 200)
  ada.send(awareness(7, 2, { at: 1 }, LIMITS.awarenessBytes + 1))

  expect(await ada.ended).toBe(CLOSE.tooBig)
  reader.close()
})

test('[H35] a flood of presence reaches others ten times a second at most, and its last word', async () => {
  await using it = await scene({ messagesBurst: 2_000 })
  const reader = await join(await it.served.guest(), it.id)
  const ada = await join(it.ada, it.id)

  for (let clock = 1; clock <= 1_000; clock++) ada.send(awareness(7, clock, { at: clock }))

  await eventually(() => {
    const last = reader.heard.findLast((frame) => frame.kind === 'awareness')
    expect(Buffer.from(last?.update ?? []).toString()).toContain('"at":1000')
  })
  const times = reader.awarenessAt
  for (let n = 11; n < times.length; n++) expect(times[n]! - times[n - 11]!).toBeGreaterThan(900)
  // All of them at once would be a thousand; as slowly as they came, ten for each second of it.
  expect(times.length).toBeLessThan(10 + 10 * ((times.at(-1)! - times[0]!) / 1_000))
  expect(ada.socket.readyState).toBe(WebSocket.OPEN)
  for (const client of [ada, reader]) client.close()
})

test('[H35] presence that waited and is none closes its sender, not the server', async () => {
  await using it = await scene({ awarenessPerSecond: 2 })
  const ada = await join(it.ada, it.id)
  for (let clock = 1; clock <= 3; clock++) ada.send(awareness(7, clock, { at: clock }))
  ada.send({ kind: 'awareness', update: Uint8Array.of(9, 9, 9) })

  expect(await ada.ended).toBe(CLOSE.protocol)
  expect((await it.ada.call('GET', '/livez')).status).toBe(200)
})

test('[H36] six requests for all there is are answered, the seventh closes with 4529', async () => {
  await using it = await scene()
  const ada = await FrameClient.open(it.ada.socket(it.id))
  for (let n = 0; n < LIMITS.syncStep1PerMinute; n++) {
    const answer = ada.next('sync-step-2')
    ada.send(STEP_1)
    await answer
  }
  ada.send(STEP_1)
  expect(await ada.ended).toBe(CLOSE.tooMany)

  const ben = await FrameClient.open(it.ada.socket(it.id))
  for (let n = 0; n < 7; n++) ben.send({ kind: 'query-awareness' })
  expect(await ben.ended).toBe(CLOSE.tooMany)
})

test('[H37] a reader that asks and does not read has one answer under way', async () => {
  await using it = await scene({ bytesBurst: 64 * MIB, syncStep1PerMinute: 100 })
  const writer = await join(it.ada, it.id)
  for (let n = 0; n < 6; n++) writer.type('x'.repeat(MIB))
  await eventually(() => expect(writer.acked).toBe(7))
  const paused = await FrameClient.open(it.ada.socket(it.id))
  paused.socket.pause()
  const before = process.memoryUsage().arrayBuffers

  for (let n = 0; n < 50; n++) paused.send(STEP_1)
  // Once the others have heard what was sent behind the questions, all of those were taken.
  const heard = writer.next('awareness')
  paused.send(awareness(paused.doc.clientID, 1, { focusing: true }))
  await heard
  const grown = process.memoryUsage().arrayBuffers - before
  // Fifty answers would be 300 MiB; the clients of this process and their garbage count too.
  expect(grown).toBeLessThan(20 * 6 * MIB)

  paused.socket.resume()
  await eventually(() =>
    expect(paused.heard.filter(({ kind }) => kind === 'sync-step-2')).toHaveLength(2),
  )
  expect(paused.text).toHaveLength(6 * MIB + 5)
  for (const client of [writer, paused]) client.close()
})

test('[H38] who takes too long to say who they are is refused with 408', async () => {
  await using it = await scene({ authenticateMs: 300 })
  const { connect } = await import('node:net')
  const { hostname, port } = new URL(it.served.url)
  const begin = performance.now()
  const slow = connect(Number(port), hostname)
  const silent = connect(Number(port), hostname)
  slow.write('GET /sync/x HTTP/1.1\r\nHost: localhost\r\nUpgr')

  const answers = await Promise.all(
    [slow, silent].map(async (socket) => {
      let answer = ''
      for await (const data of socket) answer += data
      return answer
    }),
  )

  expect(performance.now() - begin).toBeLessThan(15_000)
  expect(answers[0]).toContain('408')
})

test('[H39] a connection that answers no ping is ended; one that does stays', async () => {
  await using it = await scene({ pingMs: 200, deadMs: 1_500 })
  const dead = new WebSocket(`${it.served.url.replace('http', 'ws')}/sync/${it.id}`, {
    headers: { authorization: `Bearer ${it.ada.token}` },
    autoPong: false,
  })
  const alive = await FrameClient.open(it.ada.socket(it.id))

  expect(await endOf(dead)).toBe(1006)
  expect(alive.socket.readyState).toBe(WebSocket.OPEN)
  alive.close()
})

test('[H40] a document, a user and the instance take their sockets, and not one more', async () => {
  const limits = { connectionsPerDocument: 3, socketsPerUser: 4, socketsPerInstance: 6 }
  await using it = await scene(limits)
  const ben = await it.served.guest()
  const other = await it.ada.document('x', 'edit')
  const ends = (guest: GuestClient, id: string, n: number) =>
    Array.from({ length: n }, () => {
      const socket = guest.socket(id)
      return Promise.race([
        opened(socket).then(
          () => 101,
          () => endOf(socket),
        ),
        endOf(socket),
      ])
    })

  // All at once: a place is nobody's twice.
  const document = await Promise.all([...ends(it.ada, it.id, 3), ...ends(ben, it.id, 3)])
  expect(document.toSorted()).toEqual([101, 101, 101, 429, 429, 429])
  const user = await Promise.all(ends(await it.served.guest(), other, 3))
  expect(user).toEqual([101, 101, 101])
  const instance = await Promise.all(ends(ben, await ben.document(), 1))
  expect(instance).toEqual([429])
})

test('[H41] a user who is over the limit keeps nobody else out', async () => {
  await using it = await scene({ socketsPerUser: 2 })
  const mine = [it.ada.socket(it.id), it.ada.socket(it.id), it.ada.socket(it.id)]
  const ends = await Promise.all(
    mine.map((socket) => Promise.race([opened(socket).then(() => 101), endOf(socket)])),
  )
  expect(ends.toSorted()).toEqual([101, 101, 429])
  const ben = await join(await it.served.guest(), it.id)
  ben.close()
})

test('[H42] a viewer’s update gets a nack, and the viewer stays', async () => {
  await using served = await Served.open()
  const ada = await served.guest()
  const id = await ada.document('Hello', 'view')
  const viewer = await join(await served.guest(), id)

  viewer.type(' world')

  await eventually(() =>
    expect(viewer.answers.at(-1)).toMatchObject({ kind: 'nack', count: 2, code: 4403 }),
  )
  expect(viewer.socket.readyState).toBe(WebSocket.OPEN)
  const { body } = await ada.call<string>('GET', `/api/documents/${id}/content?format=text`)
  expect(body.trim()).toBe('Hello')
  viewer.close()
})

/** Types and erases so much that no kernel can hold it, while the document stays small. */
async function churn(writer: FrameClient, mebibytes: number) {
  const first = writer.acked
  for (let n = 1; n <= mebibytes; n++) {
    writer.type('x'.repeat(MIB))
    writer.erase(MIB)
    await eventually(() => expect(writer.acked).toBe(first + 2 * n))
  }
}

test('[H43] a reader that lags gets what it missed in one piece, and every ack', async () => {
  const patience = { sendDrainMs: 120_000 } // what is written may take a slow machine a while
  await using it = await scene({
    bytesBurst: 256 * MIB,
    sendCoalesceBytes: 64 * 1024,
    ...patience,
  })
  const writer = await join(it.ada, it.id)
  const reader = await join(it.ada, it.id)
  const lagging = await join(it.ada, it.id)
  lagging.socket.pause()

  await churn(writer, 16)
  lagging.type('!') // its own, while it reads nothing
  writer.type('.')
  await eventually(() => expect(reader.text).toHaveLength(7))
  lagging.socket.resume()

  await eventually(() => expect(lagging.text).toHaveLength(7))
  expect(lagging.acked).toBe(2)
  expect(lagging.socket.readyState).toBe(WebSocket.OPEN)
  const updates = lagging.heard.filter(({ kind }) => kind === 'update').length
  expect(updates).toBeLessThan(reader.heard.filter(({ kind }) => kind === 'update').length)
  expect(lagging.heard.filter(({ kind }) => kind === 'sync-step-2').length).toBeGreaterThan(1)
  writer.type('?')
  await eventually(() => expect(lagging.text).toHaveLength(8))
  for (const client of [writer, reader, lagging]) client.close()
})

test('[H44] a reader beyond the send buffer is closed, the others are served', async () => {
  await using it = await scene({
    bytesBurst: 256 * MIB,
    sendCoalesceBytes: 256 * MIB,
    sendCloseBytes: 4 * MIB,
  })
  const writer = await join(it.ada, it.id)
  const reader = await join(it.ada, it.id)
  const lagging = await join(it.ada, it.id)
  lagging.socket.pause()

  await churn(writer, 16)
  lagging.socket.resume()

  expect([CLOSE.later, 1006]).toContain(await lagging.ended)
  await eventually(() => expect(reader.text).toBe('Hello'))
  expect(reader.socket.readyState).toBe(WebSocket.OPEN)
  for (const client of [writer, reader]) client.close()
})

test('[H45] a reader that takes nothing for the time allowed is closed', async () => {
  await using it = await scene({ bytesBurst: 256 * MIB, sendDrainMs: 1_500 })
  const writer = await join(it.ada, it.id)
  const stuck = await join(it.ada, it.id)
  stuck.socket.pause()
  await churn(writer, 12)

  // The close cannot be read either, so what is watched is the server's count of connections.
  await eventually(async () => {
    const { body } = await it.ada.call<string>('GET', '/metrics')
    expect(body).toMatch(/gloss_connections\{kind="ws"\} 1\b/)
  })
  expect(writer.socket.readyState).toBe(WebSocket.OPEN)
  for (const client of [writer, stuck]) client.close()
})

test('[H46] a document larger than the send buffer is still sent whole', async () => {
  await using it = await scene({ bytesBurst: 64 * MIB, sendCloseBytes: MIB })
  const writer = await join(it.ada, it.id)
  for (let n = 0; n < 6; n++) writer.type('x'.repeat(MIB))
  await eventually(() => expect(writer.acked).toBe(7))

  const newcomer = await join(it.ada, it.id)

  expect(newcomer.text).toHaveLength(6 * MIB + 5)
  for (const client of [writer, newcomer]) client.close()
})

test('[H47] a refused update is answered with a nack and the close 4422, never with an ack', async () => {
  await using it = await scene()
  const ada = await join(it.ada, it.id)
  const evil = new Y.Doc()
  evil.getMap('elsewhere').set('a', 1)

  ada.socket.send(encodeFrame({ kind: 'update', update: Y.encodeStateAsUpdate(evil) }))

  expect(await ada.ended).toBe(CLOSE.invalidContent)
  expect(ada.answers.at(-1)).toMatchObject({ kind: 'nack', count: 2, code: 4422 })
  expect(ada.acked).toBe(1)
})
