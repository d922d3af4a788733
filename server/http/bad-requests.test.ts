/** Bad input over HTTP, by the rows of BAD-INPUT.md: each is refused by name and costs nobody else. */
import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { atBest, timed } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { endOf, type GuestClient, Served } from '#server/testing/served.ts'

const SECRET = 'the secret of Ada'

let served: Served
let ada: GuestClient
let mallory: GuestClient
/** Ada's, and not shared. */
let hers: string
let own: string
/** In another room, all the time: whatever is done elsewhere, it is served. */
let probe: FrameClient

beforeAll(async () => {
  served = await Served.open()
  ada = await served.guest()
  mallory = await served.guest()
  hers = await ada.document(SECRET)
  own = await mallory.document('Mine.')
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

/** Every route of the description, with an id in place of its document's. */
async function routes(id: string): Promise<[string, string][]> {
  const { body } = await mallory.call<{ paths: Record<string, object> }>('GET', '/api/openapi.json')
  return Object.entries(body.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method): [string, string] => [
      method.toUpperCase(),
      path.replace('{id}', id).replace(/\{\w+\}/g, 'some'),
    ]),
  )
}

const BODY = { command: 'continue', target: { document: true }, key: 'k', decision: 'accept' }
const bodyFor = (method: string) => (method === 'GET' || method === 'DELETE' ? undefined : {})

test('[H146] a foreign origin gets nothing of a stream, and no header that would let it in (B03, B04)', async () => {
  const path = `/api/documents/${own}/events`
  for (const headers of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const answer = await mallory.call('GET', path, undefined, headers)
    expect(answer.status).toBe(403)
    const cors = [...answer.headers.keys()].filter((name) => name.startsWith('access-control'))
    expect(cors).toEqual([])
    expect((await mallory.call('POST', '/api/documents', {}, headers)).status).toBe(403)
  }
})

test('[H147] a token in an address is no token (B05)', async () => {
  for (const path of [
    `/api/documents?token=${mallory.token}`,
    `/api/documents/${own}/events?token=${mallory.token}&access_token=${mallory.token}`,
    `/api/session?authorization=Bearer%20${mallory.token}`,
  ]) {
    expect((await fetch(`${served.url}${path}`)).status, path).toBe(401)
  }
})

test('[H148] on every route a document of somebody else is answered like none at all (B06)', async () => {
  const foreign = await routes(hers)
  const absent = await routes('nowhere')
  let asked = 0
  for (const [n, [method, path]] of foreign.entries()) {
    if (!path.includes(hers)) continue
    const there = await mallory.call(method, path, bodyFor(method))
    const nowhere = await mallory.call(method, absent[n]![1], bodyFor(method))
    // A connection is asked for by its instance before its document is.
    expect(there.status, `${method} ${path}`).toBe(path.endsWith('/sync/some') ? 421 : 404)
    expect(there.body, path).toEqual(nowhere.body)
    asked++
  }
  expect(asked).toBeGreaterThan(10)
  expect(await endOf(mallory.socket(hers))).toBe(404)
})

test('[H149] an id that is none is nowhere, on every road (B07)', async () => {
  const ids = ['*', '..', '%2e%2e', 'a:b', '%00', 'x'.repeat(10_240), '%F0%9F%98%80', '%20', ';']
  for (const id of ids) {
    for (const [method, path] of await routes(id)) {
      if (!path.includes(id) || path === '/api/documents') continue
      const { status } = await mallory.call(method, path, bodyFor(method))
      expect([400, 404, 405, 414, 415, 421, 431], `${method} ${path}`).toContain(status)
    }
    expect([400, 404, 431], id).toContain(await endOf(mallory.socket(id)))
  }
  await probed()
})

test('[H150] no mixture of an own and a foreign id shows or changes what is foreign (B08)', async () => {
  const paths = await routes(own)
  const place = fc.constantFrom('path', 'query', 'body', 'header', 'twice')
  const before = (await ada.call('GET', `/api/documents/${hers}`)).body
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), place, async ([method, path], where) => {
      if (path.endsWith('/events') || (method === 'DELETE' && !path.includes('some'))) return
      const query = { query: `?id=${hers}&document=${hers}`, twice: `?id=${own}&id=${hers}` }
      const target =
        where === 'path'
          ? path.replace('some', hers)
          : `${path}${where === 'query' || where === 'twice' ? query[where] : ''}`
      const more = where === 'body' ? { id: hers, document: hers, documentId: hers } : {}
      const body = bodyFor(method) && { ...BODY, ...more }
      const headers = where === 'header' ? { 'x-document-id': hers, 'x-original-url': hers } : {}
      const answer = await mallory.call<unknown>(method, target, body, headers)
      expect(answer.status, `${method} ${target}`).toBeLessThan(500)
      expect(JSON.stringify(answer.body), `${method} ${target}`).not.toContain(SECRET)
    }),
    { numRuns: 150 },
  )
  expect((await ada.call('GET', `/api/documents/${hers}`)).body).toEqual(before)
  const text = await ada.call<string>('GET', `/api/documents/${hers}/content?format=text`)
  expect(text.body.trim()).toBe(SECRET)
})

test('[H151] a session that was signed otherwise, cut off or has no signature is none (B10)', async () => {
  const [id = '', signature = ''] = mallory.token.split('.')
  const other = await Served.open()
  const stranger = await other.guest()
  const none = Buffer.from('{"alg":"none"}').toString('base64url')
  const forged = [
    stranger.token,
    `${ada.me.id}.${signature}`,
    mallory.token.slice(0, -1),
    `${id}.`,
    id,
    `${none}.${Buffer.from(`{"sub":"${ada.me.id}"}`).toString('base64url')}.`,
  ]
  for (const token of forged) {
    const headers = { authorization: `Bearer ${token}` }
    expect((await mallory.call('GET', '/api/documents', undefined, headers)).status).toBe(401)
    expect(await endOf(mallory.socket(own, headers)), token).toBe(401)
  }
  await other[Symbol.asyncDispose]()
  const long = { authorization: `Bearer ${'x'.repeat(257)}` }
  expect((await mallory.call('GET', '/api/documents', undefined, long)).status).toBe(401)
})

test('[H152] of cookies the first of our name counts, and none of another name (B92)', async () => {
  const status = async (cookie: string, url = served.url) =>
    (await fetch(`${url}/api/session`, { headers: { cookie } })).status
  const good = `gloss=${mallory.token}`
  expect(await status(good)).toBe(200)
  expect(await status(`__Host-gloss=${mallory.token}`)).toBe(401)
  expect(await status(`gloss=forged; ${good}`)).toBe(401)
  expect(await status(`GLOSS=${mallory.token}; glossy=${mallory.token}`)).toBe(401)
  const many = Array.from({ length: 100 }, (_, n) => `c${n}=${n}`).join('; ')
  expect(await status(`${many}; ${good}`)).toBe(200)
  expect(await status(`${'x'.repeat(20_000)}=1; ${good}`)).toBe(431)

  const secure = await Served.open({ PUBLIC_URL: 'https://gloss.example' })
  const at = secure.listening
  const page = { method: 'POST', headers: { origin: 'https://gloss.example' } }
  const cookie = (await fetch(`${at}/api/session`, page)).headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/^__Host-gloss=.+Path=\/; HttpOnly; SameSite=Lax.+; Secure$/)
  const [pair = ''] = cookie.split(';')
  expect(await status(pair, at)).toBe(200)
  expect(await status(pair.replace('__Host-', ''), at)).toBe(401)
  await secure[Symbol.asyncDispose]()
})

test('[H153] only JSON is a body, so that no form of another site can be one (B93)', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json-patch+json',
    'text/html',
  ]) {
    const headers = { 'content-type': type }
    const answer = await mallory.call('POST', '/api/documents', '{"title":"x"}', headers)
    expect(answer.status, type).toBe(415)
  }
})

/** Sends bytes as they are; what came back until the connection ended. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(served.url)
  const socket = connect(Number(port), hostname)
  let heard = ''
  socket.on('data', (data) => {
    heard += data
  })
  socket.on('error', () => undefined)
  socket.write(bytes)
  setTimeout(() => socket.end(), 300)
  await new Promise((resolve) => socket.once('close', resolve))
  return heard
}

test('[H154] a request that says two things about itself is refused (B94)', async () => {
  const auth = `Authorization: Bearer ${mallory.token}`
  const get = (...lines: string[]) =>
    `${[...lines, auth, 'Connection: close', '\r\n'].join('\r\n')}`
  const cases: [string, string, RegExp][] = [
    ['a name of others', get('GET /api/session HTTP/1.1', 'Host: evil.example'), /^HTTP\/1.1 403/],
    ['no name', get('GET /api/session HTTP/1.1'), /^HTTP\/1.1 400/],
    ['two names', get('GET /api/session HTTP/1.1', 'Host: localhost', 'Host: x'), /^HTTP\/1.1 400/],
    [
      'an address with a name',
      get('GET http://evil.example/api/session HTTP/1.1', 'Host: evil.example'),
      /^HTTP\/1.1 4/,
    ],
    [
      'a name split by a line',
      get('GET /api/session HTTP/1.1', 'Host: local\rhost'),
      /^HTTP\/1.1 400/,
    ],
    [
      'two lengths',
      get(
        'POST /api/documents HTTP/1.1',
        'Host: localhost',
        'Content-Length: 2',
        'Content-Length: 3',
      ),
      /^HTTP\/1.1 400/,
    ],
    [
      'a length and chunks',
      get(
        'POST /api/documents HTTP/1.1',
        'Host: localhost',
        'Content-Length: 2',
        'Transfer-Encoding: chunked',
      ),
      /^HTTP\/1.1 400/,
    ],
    ['HTTP/0.9', 'GET /api/session\r\n\r\n', /^HTTP\/1.1 400/],
    ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', /^HTTP\/1.1 (400|505)/],
  ]
  for (const [name, bytes, answer] of cases) {
    const heard = await raw(bytes)
    expect(heard, name).toMatch(answer)
    expect(heard, name).not.toContain(mallory.me.name)
  }
  await probed()
})

test('[H155] JSON that would cost or confuse is refused at once, and in few words (B95)', async () => {
  const keys = Array.from({ length: 70_000 }, (_, n) => `"k${n}":1`).join(',')
  const cases: [string, string, number][] = [
    ['100,000 deep', '['.repeat(100_000), 400],
    ['deep, and closed', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 400],
    ['70,000 keys', `{${keys}}`, 400],
    ['a million keys', `{${Array.from({ length: 1e6 }, (_, n) => `"k${n}":1`).join(',')}}`, 413],
    ['__proto__', '{"__proto__":{"title":"x"}}', 400],
    ['constructor.prototype', '{"constructor":{"prototype":{"a":1}}}', 400],
    ['a name twice', '{"title":"a","title":7}', 400],
    ['a BOM inside', '{"title":\uFEFF"a"}', 400],
    ['NaN', '{"title":NaN}', 400],
    ['nothing', '', 201],
    ['null', 'null', 400],
  ]
  for (const [name, body, status] of cases) {
    const took = await atBest(2_000, () =>
      timed(async () => {
        const answer = await mallory.call('POST', '/api/documents', body)
        expect(answer.status, name).toBe(status)
        expect(JSON.stringify(answer.body).length, name).toBeLessThan(600)
      }),
    )
    if (status !== 413) expect(took, name).toBeLessThan(2_000)
  }
  expect(({} as Record<string, unknown>).title).toBeUndefined()
})

test('[H156] a page of a list cannot be asked for in a way that is none (B96)', async () => {
  for (const query of [
    'limit=1e9',
    'limit=0',
    'limit=101',
    'limit=NaN',
    'limit=1&limit=2',
    'cursor=id;drop table documents',
    "cursor=1.x' or 1=1",
    'cursor=',
    `query=${'x'.repeat(201)}`,
  ]) {
    const { status } = await mallory.call('GET', `/api/documents?${query}`)
    expect(status, query).toBe(400)
  }
  for (const query of ['offset=-1', 'sort=id;drop', "query=%' or 1=1 --", 'query=%25_\\']) {
    const answer = await mallory.call<{ documents: { id: string }[] }>(
      'GET',
      `/api/documents?${query}`,
    )
    expect(answer.status, query).toBe(200)
    expect(JSON.stringify(answer.body), query).not.toContain(hers)
  }
})

test('[H157] no text is slow to read, and nothing that is nested costs more than it is long (B83, B88)', async () => {
  const texts = [
    `${'a'.repeat(100_000)}!`,
    '['.repeat(20_000),
    '> '.repeat(10_000),
    `${'('.repeat(10_000)}${')'.repeat(10_000)}`,
    `http://${'a.'.repeat(10_000)}`,
    '`'.repeat(99_999),
    '<'.repeat(20_000),
    'http://a '.repeat(2_000),
    '**a'.repeat(4_000),
  ]
  let asked = 0
  const asking = setInterval(async () => {
    const begin = performance.now()
    await ada.call('GET', '/api/session')
    asked = Math.max(asked, performance.now() - begin)
  }, 50)
  for (const markdown of texts) {
    const begin = performance.now()
    const made = await mallory.call<{ id: string }>('POST', '/api/documents', { markdown })
    const took = performance.now() - begin
    expect([201, 413], markdown.slice(0, 8)).toContain(made.status)
    expect(took, markdown.slice(0, 8)).toBeLessThan(20_000)
    if (made.status !== 201) continue
    const read = await atBest(2_000, () =>
      timed(async () => {
        const answer = await mallory.call('GET', `/api/documents/${made.body.id}/content`)
        expect(answer.status).toBe(200)
      }),
    )
    expect(read, markdown.slice(0, 8)).toBeLessThan(2_000)
  }
  clearInterval(asking)
  expect(asked).toBeLessThan(10_000)
  await probed()
})
