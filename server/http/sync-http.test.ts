import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { type Carry, PolledSocket } from '#server/testing/polled-socket.ts'
import { type GuestClient, Served } from '#server/testing/served.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { decodeFrame, encodeFrame, type Frame } from '#shared/protocol/frame.ts'
import { FrameReader, lengthOf } from '#shared/protocol/frame-stream.ts'
import type { Limits } from '#shared/protocol/limits.ts'

const STEP_1 = { kind: 'sync-step-1', stateVector: Uint8Array.of(0) } as const
const EMPTY_STEP_2 = { kind: 'sync-step-2', update: Uint8Array.of(0, 0) } as const

/** A server, and somebody with a document. */
async function scene(limits: Partial<Limits> = {}) {
  const served = await Served.limited(limits)
  const ada = await served.guest()
  const id = await ada.document('Hello', 'edit')
  return { served, ada, id, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() }
}

const overHttp = (guest: GuestClient, id: string, carry?: Carry) =>
  FrameClient.joined(new PolledSocket(guest, id, carry).ws)
const overSocket = (guest: GuestClient, id: string) => FrameClient.joined(guest.socket(id))

/** A connection by hand: each request is the test's own. */
class ByHand {
  readonly #guest: GuestClient
  readonly path: string
  readonly connection: string
  #stream: number[] = []

  private constructor(guest: GuestClient, id: string, connection: string) {
    this.#guest = guest
    this.connection = connection
    this.path = `/api/documents/${id}/sync/${connection}`
  }

  static async open(guest: GuestClient, id: string): Promise<ByHand> {
    const { body } = await guest.call<{ connection: string }>('POST', `/api/documents/${id}/sync`)
    return new ByHand(guest, id, body.connection)
  }

  /** Adds a frame to the stream; answers the place where it begins. */
  write(frame: Frame): number {
    const at = this.#stream.length
    const bytes = encodeFrame(frame)
    this.#stream.push(...lengthOf(bytes), ...bytes)
    return at
  }

  post(at: number, to = this.#stream.length, guest = this.#guest): Promise<Response> {
    return fetch(`${guest.url}${this.path}?at=${at}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${guest.token}`,
        'content-type': 'application/octet-stream',
      },
      body: Uint8Array.from(this.#stream.slice(at, to)),
    })
  }

  get(after: number, wait = 0, guest = this.#guest): Promise<Response> {
    return fetch(`${guest.url}${this.path}?after=${after}&wait=${wait}`, {
      headers: { authorization: `Bearer ${guest.token}` },
    })
  }

  /** Everything from a place on, until a frame of that kind is among it. */
  async hear(after: number, kind: Frame['kind']): Promise<{ frames: Frame[]; next: number }> {
    const frames: Frame[] = []
    const reader = new FrameReader(1_000_000)
    let next = after
    while (!frames.some((frame) => frame.kind === kind)) {
      const bytes = new Uint8Array(await (await this.get(next, 5_000)).arrayBuffer())
      next += bytes.length
      reader.push(bytes)
      for (let frame = reader.next(); frame; frame = reader.next()) frames.push(decodeFrame(frame))
    }
    return { frames, next }
  }
}

test('[H171] what is written over HTTP is acknowledged and heard like what is written over a socket', async () => {
  await using it = await scene()
  const ada = await overSocket(it.ada, it.id)
  const ben = await overHttp(await it.served.guest(), it.id)
  expect(ben.text).toBe('Hello')

  ben.type(', over HTTP')
  await eventually(() => expect(ada.text).toBe('Hello, over HTTP'))
  await eventually(() => expect(ben.acked).toBe(2))
  ada.type(', over a socket')
  await eventually(() => expect(ben.text).toBe('Hello, over HTTP, over a socket'))

  ada.close()
  ben.close()
})

test('[H172] a connection over HTTP ends with the same codes as a socket', async () => {
  await using it = await scene()
  const eve = await it.served.guest()

  const garbage = await overHttp(it.ada, it.id)
  garbage.socket.send(Uint8Array.of(9, 9, 9))
  expect(await garbage.ended).toBe(CLOSE.protocol)

  const greedy = await overHttp(it.ada, it.id)
  greedy.socket.send(encodeFrame({ kind: 'update', update: new Uint8Array(2 * 1024 * 1024) }))
  expect(await greedy.ended).toBe(CLOSE.tooBig)

  const wrong = await overHttp(it.ada, it.id)
  wrong.send({ kind: 'update', update: Uint8Array.of(1, 2, 3) })
  expect(await wrong.ended).toBe(CLOSE.invalidContent)
  expect(wrong.answers.at(-1)).toMatchObject({ kind: 'nack', count: 2 })

  await it.ada.call('PATCH', `/api/documents/${it.id}`, { linkRole: 'view' })
  const viewer = await overHttp(eve, it.id)
  viewer.type('!')
  await eventually(() => expect(viewer.answers.at(-1)).toMatchObject({ code: CLOSE.notAllowed }))

  await it.ada.call('DELETE', `/api/documents/${it.id}`)
  expect(await viewer.ended).toBe(CLOSE.gone)
})

test('[H173] a piece that comes twice counts once, and no acknowledgement is shifted by it', async () => {
  await using it = await scene()
  const ada = await ByHand.open(it.ada, it.id)
  ada.write(STEP_1)
  const step2 = ada.write(EMPTY_STEP_2)
  const [received] = await Promise.all([ada.post(0), ada.post(0)])
  const whole = ((await received.json()) as { received: number }).received
  const first = await ada.hear(0, 'ack')

  // The same again, the same cut in another way, and old and new in one.
  for (const repeat of [ada.post(0), ada.post(step2), ada.post(1, step2 + 1)]) {
    expect(await (await repeat).json()).toEqual({ received: whole })
  }
  ada.write(EMPTY_STEP_2)
  const more = whole + whole - step2
  expect(await (await ada.post(3)).json()).toEqual({ received: more })

  const { frames } = await ada.hear(first.next, 'ack')
  const counts = [...first.frames, ...frames].flatMap((it) => (it.kind === 'ack' ? [it.count] : []))
  expect(counts).toEqual([1, 2])
  ada.write(STEP_1)
  expect((await ada.post(more + 1)).status).toBe(400)
})

test('[H174] an answer that was lost is given again, and forgotten when the next is asked for', async () => {
  await using it = await scene()
  const ada = await ByHand.open(it.ada, it.id)
  ada.write(STEP_1)
  ada.write(EMPTY_STEP_2)
  await ada.post(0)
  const { next } = await ada.hear(0, 'ack')

  const heard = async (after: number, wait = 0) =>
    Buffer.from(await (await ada.get(after, wait)).arrayBuffer())
  const all = await heard(0)
  expect(all).toHaveLength(next)
  expect(await heard(0, 5_000)).toEqual(all)
  expect(await heard(3)).toEqual(all.subarray(3))
  expect((await ada.get(2)).status).toBe(400)
  expect((await ada.get(next + 1)).status).toBe(400)

  const asked = ada.get(next, 5_000)
  await ada.post(ada.write(EMPTY_STEP_2))
  const more = Buffer.from(await (await asked).arrayBuffer())
  expect(await heard(next)).toEqual(more)
  expect((await ada.get(next + more.length)).status).toBe(204)
  expect((await ada.get(next)).status).toBe(400)
})

test('[H175] nobody can use another one’s connection, or tell it from none', async () => {
  await using it = await scene()
  const eve = await it.served.guest()
  const ada = await ByHand.open(it.ada, it.id)
  ada.write(STEP_1)
  const nobody = Object.assign(Object.create(eve), { token: 'nobody' }) as GuestClient

  const other = await it.ada.document('Other')
  const elsewhere = ada.path.replace(it.id, other)
  const unknown = ada.path.slice(0, -8)
  const statuses = [
    await ada.get(0, 0, eve),
    await ada.post(0, 3, eve),
    await ada.get(0, 0, nobody),
    await fetch(`${eve.url}${ada.path}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${eve.token}` },
    }),
  ].map(({ status }) => status)
  expect(statuses).toEqual([404, 404, 404, 404])
  for (const path of [elsewhere, unknown]) {
    expect((await it.ada.call('GET', `${path}?after=0&wait=0`)).status).toBe(404)
  }
  expect((await ada.post(0)).status).toBe(200)
  expect(ada.connection).toMatch(/^[\w-]{8}\.[\w-]{43}$/)
})

test('[H176] a connection over HTTP is opened like a socket: by its own page, a session or a ticket', async () => {
  await using it = await scene()
  const path = `/api/documents/${it.id}/sync`
  const foreign = { origin: 'https://evil.example' }

  expect((await it.ada.call('POST', path, undefined, foreign)).status).toBe(403)
  expect((await fetch(`${it.ada.url}${path}`, { method: 'POST' })).status).toBe(403)
  const origin = { origin: it.ada.url, 'content-type': 'application/json' }
  const open = (ticket?: string) =>
    fetch(`${it.ada.url}${path}`, {
      method: 'POST',
      headers: origin,
      body: JSON.stringify({ ticket }),
    })
  expect((await open()).status).toBe(401)
  const strangers = await it.ada.document('Mine alone')
  const eve = await it.served.guest()
  expect((await eve.call('POST', `/api/documents/${strangers}/sync`)).status).toBe(404)
  expect((await it.ada.call('POST', path, { ticket: 'gloss.ticket.none' })).status).toBe(401)

  const { body } = await it.ada.call<{ ticket: string }>(
    'POST',
    `/api/documents/${it.id}/ticket`,
    {},
  )
  const ticket = `gloss.ticket.${body.ticket}`
  const ticketed = await open(ticket)
  expect(ticketed.status).toBe(201)
  expect((await open(ticket)).status).toBe(401)
  const { connection } = (await ticketed.json()) as { connection: string }
  const asked = await fetch(`${it.ada.url}${path}/${connection}?after=0`)
  expect(asked.status).toBe(200)
  expect((await it.ada.call('POST', path, '{"ticket": 7}')).status).toBe(400)
})

test('[H177] connections over HTTP and sockets share one limit, and a good-bye frees the place', async () => {
  await using it = await scene({ socketsPerUser: 2 })
  const socket = await overSocket(it.ada, it.id)
  const ada = await ByHand.open(it.ada, it.id)
  const metrics = async () => (await it.ada.call<string>('GET', '/metrics')).body
  expect(await metrics()).toContain('gloss_connections{kind="http"} 1')

  expect((await it.ada.call('POST', `/api/documents/${it.id}/sync`)).status).toBe(429)
  expect((await it.ada.call('DELETE', ada.path)).status).toBe(204)

  expect((await it.ada.call('POST', `/api/documents/${it.id}/sync`)).status).toBe(201)
  expect((await ada.get(0)).status).toBe(404)
  socket.close()
})

test('[H178] who asks nothing any more is gone after a while, who goes on asking stays', async () => {
  await using it = await scene({ pingMs: 100, deadMs: 1_500 })
  const silent = await ByHand.open(it.ada, it.id)
  const lively = await ByHand.open(it.ada, it.id)

  let asked = 0
  await eventually(async () => {
    expect((await lively.get(0)).status).toBe(200)
    asked++
    expect((await it.ada.call<string>('GET', '/metrics')).body).toContain(
      'gloss_connections{kind="http"} 1',
    )
  })

  expect(asked).toBeGreaterThan(1)
  expect((await silent.get(0)).status).toBe(404)
  expect((await lively.get(0)).status).toBe(200)
})

test('[H179] who does not ask for what waits is told to try later, as a socket that reads nothing', async () => {
  await using it = await scene({ sendDrainMs: 200 })
  const ada = await ByHand.open(it.ada, it.id)
  ada.write(STEP_1)
  await ada.post(0)

  await eventually(async () => {
    const answer = await ada.get(0)
    expect(answer.headers.get('content-type')).toContain('json')
    expect(await answer.json()).toMatchObject({ code: CLOSE.later })
  })
})

test('[H180] an instance that stops answers those who wait, and tells them to come back', async () => {
  const it = await scene()
  const ada = await overHttp(it.ada, it.id)
  await eventually(() => expect(ada.heard.length).toBeGreaterThan(2))

  const begun = performance.now()
  await it.served[Symbol.asyncDispose]()

  expect(await ada.ended).toBe(CLOSE.restart)
  expect(performance.now() - begun).toBeLessThan(15_000)
})

test('[H181] behind a proxy that asks one instance and another in turn nothing is lost or doubled', async () => {
  await using it = await scene()
  await using other = await Served.open()
  let turn = 0
  let elsewhere = 0
  const inTurn: Carry = (url, init) => {
    // Only an instance that shares the database could open it.
    const opens = init.method === 'POST' && url.endsWith('/sync')
    const away = !opens && turn++ % 2 === 0
    if (away) elsewhere++
    return fetch(away ? url.replace(it.served.url, other.url) : url, init)
  }

  const ada = await overHttp(it.ada, it.id, inTurn)
  for (const word of ['one', 'two', 'three', 'four', 'five']) {
    ada.type(` ${word}`)
    await eventually(() => expect(ada.text).toContain(word))
  }

  await eventually(() => expect(ada.acked).toBe(6))
  expect((await it.ada.call('GET', `/api/documents/${it.id}/content?format=text`)).body).toBe(
    'Hello one two three four five\n',
  )
  expect(elsewhere).toBeGreaterThan(3)
  ada.close()
})

test('[H182] a frame larger than any request is carried in pieces, as small as a proxy will have them', async () => {
  await using it = await scene()
  const sizes: number[] = []
  let limit = Number.POSITIVE_INFINITY
  const measured: Carry = async (url, init) => {
    if (!(init.body instanceof Uint8Array)) return fetch(url, init)
    if (init.body.length > limit) return new Response('too large', { status: 413 })
    sizes.push(init.body.length)
    return fetch(url, init)
  }
  const ada = await overHttp(it.ada, it.id, measured)

  ada.type('x'.repeat(900_000))
  await eventually(() => expect(ada.acked).toBe(2))
  expect(Math.max(...sizes)).toBe(256 * 1024)
  limit = 10_000
  sizes.length = 0
  ada.type('y'.repeat(50_000))

  await eventually(() => expect(ada.acked).toBe(3))
  expect(Math.max(...sizes)).toBeLessThan(10_000)
  ada.close()
})

/** Loses, doubles and delays requests and answers, each as the next number of a plan says. */
function unreliable(plan: readonly number[]): Carry {
  let n = 0
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  return async (url, init) => {
    const fate = plan[n++ % plan.length] ?? 0
    const late = (fate * 7) % 40
    switch (fate % 8) {
      case 1:
        throw new TypeError('the request was lost')
      case 2:
        await (await fetch(url, init)).arrayBuffer()
        throw new TypeError('the answer was lost')
      case 3:
        fetch(url, init).catch(() => undefined)
        return fetch(url, init)
      case 4: {
        // A copy that comes much later than the original.
        const { signal: _signal, ...copy } = init
        pause(late * 3)
          .then(() => fetch(url, copy))
          .catch(() => undefined)
        return fetch(url, init)
      }
      case 5:
        await pause(late)
        return fetch(url, init)
      default:
        return fetch(url, init)
    }
  }
}

/** Without what the other one types in between. */
const people = (text: string) => text.replaceAll('b', '')

test('[W78] with requests and answers lost, doubled and late, every word arrives once and in order', async () => {
  await using it = await scene()
  const ben = await overSocket(it.ada, it.id)
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat(1_000), { minLength: 5, maxLength: 60 }),
      fc.array(fc.nat(30), { minLength: 1, maxLength: 8 }),
      async (plan, pauses) => {
        // Whoever opens is let in: a connection that never was cannot lose anything.
        const carry = unreliable(plan.some((fate) => fate % 8 > 5) ? plan : [...plan, 0, 0])
        const opened: Carry = (url, init) => (url.endsWith('/sync') ? fetch : carry)(url, init)
        const ada = await overHttp(it.ada, it.id, opened)
        const before = people(ben.text)
        let mine = ''
        for (const [i, ms] of pauses.entries()) {
          await new Promise((resolve) => setTimeout(resolve, ms))
          mine += `${i},`
          ada.type(`${i},`)
          ben.type('b')
        }

        await eventually(() => expect(ada.acked).toBe(pauses.length + 1))
        await eventually(() => expect(people(ben.text)).toBe(before + mine))
        await eventually(() => expect(ada.text).toBe(ben.text))
        const counts = ada.answers.map(({ count }) => count)
        expect(counts).toEqual([...new Set(counts)].toSorted((a, b) => a - b))
        ada.close()
      },
    ),
    { numRuns: 6 },
  )
  ben.close()
})
