import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import { endOf, type GuestClient, opened, Served } from '#server/testing/served.ts'
import type { DocumentInfo } from '#shared/protocol/api.ts'
import { LIMITS } from '#shared/protocol/limits.ts'

let served: Served
let ada: GuestClient
let ben: GuestClient
beforeAll(async () => {
  served = await Served.open({ GLOSS_LIMITS: JSON.stringify({ socketsPerUser: 3 }) })
  ada = await served.guest()
  ben = await served.guest()
})
afterAll(() => served[Symbol.asyncDispose]())

test('[H1] a guest has a name at once and may change it', async () => {
  const { body } = await ada.call('GET', '/api/session')
  expect(body).toEqual(ada.me)
  expect(ada.me.name).toMatch(/^\w+ \w+$/)

  const renamed = await ada.call('PATCH', '/api/session', { name: '  Ada\nLovelace ' })

  expect(renamed.body).toMatchObject({ id: ada.me.id, name: 'Ada Lovelace' })
})

test('[H2] without a session nothing is told, whatever the token says', async () => {
  for (const token of ['none', `${ada.me.id}.forged`, '..', 'a.b.c', ada.token.slice(0, -1)]) {
    const { status, headers } = await ada.call('GET', '/api/documents', undefined, {
      authorization: `Bearer ${token}`,
    })
    expect(status).toBe(401)
    expect(headers.get('content-type')).toContain('application/problem+json')
  }
})

test('[H3] a document that is not shared is not there, for every route alike', async () => {
  const id = await ada.document()
  const calls: [string, string, object?][] = [
    ['GET', ''],
    ['GET', '/content'],
    ['GET', '/events'],
    ['GET', '/runs'],
    ['GET', '/suggestions'],
    ['GET', '/hash'],
    ['PATCH', '', { title: 'mine' }],
    ['DELETE', ''],
    ['POST', '/runs', { command: 'continue', target: { document: true }, key: 'k' }],
    ['POST', '/ticket'],
  ]
  for (const [method, path, body] of calls) {
    const foreign = await ben.call(method, `/api/documents/${id}${path}`, body)
    const absent = await ben.call(method, `/api/documents/nowhere${path}`, body)
    expect(foreign.status, path).toBe(404)
    expect(foreign.body, path).toEqual(absent.body)
  }
  expect(await endOf(ben.socket(id))).toBe(404)
})

test('[H4] a link that may view lets read and nothing else; one that may edit lets write', async () => {
  const id = await ada.document('Hello.', 'view')
  expect((await ben.call<DocumentInfo>('GET', `/api/documents/${id}`)).body.role).toBe('viewer')
  expect((await ben.call('PATCH', `/api/documents/${id}`, { title: 'x' })).status).toBe(403)
  const ask = { command: 'continue', target: { document: true }, key: 'k' }
  expect((await ben.call('POST', `/api/documents/${id}/runs`, ask)).status).toBe(403)

  await ada.call('PATCH', `/api/documents/${id}`, { linkRole: 'edit' })

  expect((await ben.call('PATCH', `/api/documents/${id}`, { title: 'Ben' })).status).toBe(200)
  expect((await ben.call('PATCH', `/api/documents/${id}`, { linkRole: 'view' })).status).toBe(403)
  expect((await ben.call('DELETE', `/api/documents/${id}`)).status).toBe(403)
})

test('[H5] a document starts with the markdown it was given and reads back in four formats', async () => {
  const id = await ada.document('# Plan\n\nWe *begin* on **Monday**.\n\n- one\n- two')
  const read = async (format: string) =>
    (await ada.call<string>('GET', `/api/documents/${id}/content?format=${format}`)).body
  expect(await read('markdown')).toBe('# Plan\n\nWe _begin_ on **Monday**.\n\n- one\n- two\n')
  expect(await read('html')).toContain('<h1>Plan</h1>')
  expect(await read('text')).toContain('We begin on Monday.')
  expect(JSON.stringify(await read('json'))).toContain('Monday')
  expect((await ada.call('GET', `/api/documents/${id}/content?format=pdf`)).status).toBe(400)
})

test('[H6] what is deleted is gone, also for those who are in it', async () => {
  const id = await ada.document('x', 'edit')
  const socket = ben.socket(id)
  await opened(socket)
  const end = endOf(socket)

  expect((await ada.call('DELETE', `/api/documents/${id}`)).status).toBe(204)

  expect((await ada.call('GET', `/api/documents/${id}`)).status).toBe(410)
  expect(await end).toBe(4404)
})

test('[H7] the list pages through mine and those I opened by link', async () => {
  const cleo = await served.guest()
  const ids = []
  for (let n = 0; n < 5; n++) ids.push(await cleo.document())
  const shared = await ada.document('x', 'view')
  await cleo.call('GET', `/api/documents/${shared}`)

  const seen: string[] = []
  let cursor: string | undefined
  do {
    const query = cursor === undefined ? '' : `&cursor=${cursor}`
    const { body } = await cleo.call<{ documents: DocumentInfo[]; cursor?: string }>(
      'GET',
      `/api/documents?limit=2${query}`,
    )
    seen.push(...body.documents.map(({ id }) => id))
    cursor = body.cursor
  } while (cursor)

  expect(seen.toSorted()).toEqual([...ids, shared].toSorted())
})

test('[H8] a foreign origin gets nothing, and a page of ours gets its cookie', async () => {
  const evil = { origin: 'https://evil.example' }
  const id = await ada.document()
  expect((await ada.call('POST', '/api/documents', {}, evil)).status).toBe(403)
  expect((await ada.call('GET', `/api/documents/${id}/events`, undefined, evil)).status).toBe(403)
  for (const origin of ['https://evil.example', 'null', `${served.url}.evil.example`]) {
    expect(await endOf(ada.socket(id, { origin }))).toBe(403)
  }
  const cross = { 'sec-fetch-site': 'cross-site' }
  expect((await ada.call('GET', `/api/documents/${id}`, undefined, cross)).status).toBe(403)

  const page = await fetch(`${served.url}/api/session`, {
    method: 'POST',
    headers: { origin: served.url },
  })
  const cookie = page.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/^gloss=.+HttpOnly; SameSite=Lax/)
  expect(await page.json()).not.toHaveProperty('token')
  const [pair = ''] = cookie.split(';')
  const named = { cookie: pair, authorization: '', origin: served.url }
  expect((await ada.call('POST', '/api/documents', {}, named)).status).toBe(201)
  const nameless = { cookie: pair, authorization: '' }
  expect((await ada.call('POST', '/api/documents', {}, nameless)).status).toBe(403)
})

test('[H9] bad input is answered with a problem that names it', async () => {
  const deep = (n: number) => `${'{"title":'.repeat(n)}1${'}'.repeat(n)}`
  const cases: [string, string, unknown, number][] = [
    ['POST', '/api/documents', '{', 400],
    ['POST', '/api/documents', '[1]', 400],
    ['POST', '/api/documents', { title: 7 }, 400],
    ['POST', '/api/documents', { titel: 'x' }, 400],
    ['POST', '/api/documents', '{"__proto__":{"a":1}}', 400],
    ['POST', '/api/documents', { title: 'x'.repeat(LIMITS.titleCharacters + 1) }, 400],
    ['POST', '/api/documents', deep(LIMITS.jsonDepth + 1), 400],
    ['POST', '/api/documents', JSON.stringify({ title: 'x'.repeat(LIMITS.jsonBytes) }), 413],
    ['GET', '/api/documents?limit=1e9', undefined, 400],
    ['GET', '/api/documents?limit=-1', undefined, 400],
    ['GET', '/api/documents?cursor=id;drop', undefined, 400],
    ['GET', '/api/documents/..%2f..%2fetc', undefined, 404],
    ['GET', '/api/documents/%00', undefined, 404],
    ['GET', '/api/documents/%zz', undefined, 400],
    ['GET', `/api/documents/${'x'.repeat(65)}`, undefined, 404],
    ['GET', '/api/nothing', undefined, 404],
    ['PUT', '/api/documents', {}, 405],
    ['PATCH', '/api/session', { color: 'url(//evil)' }, 400],
    ['PATCH', '/api/session', { name: '' }, 400],
  ]
  for (const [method, path, body, status] of cases) {
    const answer = await ada.call(method, path, body)
    const name = `${method} ${path} ${String(body).slice(0, 40)}`
    expect(answer.status, name).toBe(status)
    expect(answer.headers.get('content-type'), name).toContain('application/problem+json')
    expect(answer.body, name).toMatchObject({ status, type: expect.any(String) })
  }
  expect((await ada.call('POST', '/api/documents', deep(LIMITS.jsonDepth))).status).toBe(400)
  const plain = { 'content-type': 'text/plain' }
  expect((await ada.call('POST', '/api/documents', '{}', plain)).status).toBe(415)
})

test('[H10] the socket takes its limit of one user and refuses one beyond', async () => {
  const dora = await served.guest()
  const id = await dora.document()
  const sockets = [dora.socket(id), dora.socket(id), dora.socket(id)]
  await Promise.all(sockets.map(opened))

  expect(await endOf(dora.socket(id))).toBe(429)

  sockets[0]!.close()
  await eventually(async () => {
    const next = dora.socket(id)
    await opened(next)
    sockets.push(next)
  })
  for (const socket of sockets) socket.terminate()
})

test('[H11] a ticket opens one socket, once, of one document', async () => {
  const id = await ada.document()
  const other = await ada.document()
  const { body } = await ada.call<{ ticket: string }>('POST', `/api/documents/${id}/ticket`)
  const WebSocket = (await import('ws')).default
  const use = (document: string) =>
    new WebSocket(`${served.url.replace('http', 'ws')}/sync/${document}`, [
      `gloss.ticket.${body.ticket}`,
    ])

  expect(await endOf(use(other))).toBe(401)
  const first = use(id)
  await opened(first)
  expect(await endOf(use(id))).toBe(401)
  first.terminate()
})

test('[H12] health, metrics and the description of the routes answer', async () => {
  expect((await ada.call('GET', '/livez')).status).toBe(200)
  expect((await ada.call('GET', '/readyz')).status).toBe(200)
  const metrics = await ada.call<string>('GET', '/metrics')
  for (const name of [
    'gloss_connections',
    'gloss_rooms',
    'gloss_commit_seconds',
    'gloss_runs_total',
  ]) {
    expect(metrics.body).toContain(name)
  }
  const { body } = await ada.call<{ openapi: string; paths: object }>('GET', '/api/openapi.json')
  expect(body.openapi).toBe('3.1.0')
  expect(Object.keys(body.paths)).toContain('/api/documents/{id}/content')
})

test('[H13] every answer carries the policy that keeps a page to itself', async () => {
  const { headers } = await ada.call('GET', '/api/session')
  expect(headers.get('content-security-policy')).toContain("default-src 'self'")
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('cache-control')).toBe('no-store')
})

test('[H141] an address that exists refuses a method it does not take, and names those it does', async () => {
  const id = await ada.document()
  const cases: [string, string, string][] = [
    ['PUT', `/api/documents/${id}`, 'GET, PATCH, DELETE'],
    ['POST', `/api/documents/${id}`, 'GET, PATCH, DELETE'],
    ['POST', `/api/documents/${id}/events`, 'GET'],
    ['HEAD', `/api/documents/${id}/events`, 'GET'],
    ['DELETE', '/api/documents', 'POST, GET'],
    ['POST', '/livez', 'GET, HEAD'],
    ['OPTIONS', '/api/session', 'POST, GET, PATCH, DELETE'],
  ]
  for (const [method, path, allow] of cases) {
    const body = ['PUT', 'POST'].includes(method) ? '{' : undefined
    const answer = await ada.call(method, path, body)
    expect(answer.status, `${method} ${path}`).toBe(405)
    expect(answer.headers.get('allow')?.split(', ').toSorted(), `${method} ${path}`).toEqual(
      allow.split(', ').toSorted(),
    )
  }
  expect((await ada.call('PUT', '/api/nothing', {})).status).toBe(404)
})

test('[H142] who asks to be forgotten loses the cookie, and the next visit is somebody else’s', async () => {
  const fromPage = { origin: served.url }
  const visit = (cookie?: string) =>
    fetch(`${served.url}/api/session`, {
      method: 'POST',
      headers: { ...fromPage, ...(cookie && { cookie }) },
    })
  const first = await visit()
  const [cookie = ''] = (first.headers.get('set-cookie') ?? '').split(';')

  const gone = await fetch(`${served.url}/api/session`, {
    method: 'DELETE',
    headers: { ...fromPage, cookie },
  })
  expect(gone.status).toBe(204)
  expect(gone.headers.get('set-cookie')).toMatch(/^gloss=; Path=\/; HttpOnly;.*Max-Age=0/)
  const foreign = await fetch(`${served.url}/api/session`, {
    method: 'DELETE',
    headers: { origin: 'https://evil.example', cookie },
  })
  expect(foreign.status).toBe(403)
  expect(foreign.headers.get('set-cookie')).toBeNull()

  const [one, two] = await Promise.all([visit(cookie), visit()])
  const ids = await Promise.all([first, one, two].map(async (it) => (await it.json()).id))
  expect(ids[1]).toBe(ids[0])
  expect(ids[2]).not.toBe(ids[0])
})

test('[H143] the description names every route, the sign-in and the stream too', async () => {
  const { body } = await ada.call<{ paths: Record<string, Record<string, object>> }>(
    'GET',
    '/api/openapi.json',
  )
  expect(Object.keys(body.paths['/api/session']!).toSorted()).toEqual([
    'delete',
    'get',
    'patch',
    'post',
  ])
  expect(body.paths['/api/documents/{id}/events']!.get).toMatchObject({
    responses: { 200: { content: { 'text/event-stream': {} } } },
  })
})
