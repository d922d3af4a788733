/** The contract to the letter, as a program that knows nothing but the page would use it. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { z } from 'zod'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { LaneClient } from '#server/testing/lane-client.ts'
import { endOf, type GuestClient, opened, Served } from '#server/testing/served.ts'
import type { RunInfo, SuggestionInfo } from '#shared/protocol/api.ts'

let served: Served
let ada: GuestClient
beforeAll(async () => {
  served = await Served.open()
  ada = await served.guest()
})
afterAll(() => served[Symbol.asyncDispose]())

/** A finished run of the built-in engine, and what it suggests. */
async function suggested(): Promise<{ id: string; suggestion: SuggestionInfo }> {
  const id = await ada.document('# Tea\n\nGreen tea is good.\n')
  const { body } = await ada.call<{ run: RunInfo }>('POST', `/api/documents/${id}/runs`, {
    command: 'outline',
    target: { document: true },
    key: 'one',
  })
  const suggestion = await eventually(async () => {
    const { runs } = (await ada.call<{ runs: RunInfo[] }>('GET', `/api/documents/${id}/runs`)).body
    const run = runs.find(({ id }) => id === body.run.id)
    expect(run).toMatchObject({ status: 'finished', target: { document: true } })
    const path = `/api/documents/${id}/suggestions`
    const { suggestions } = (await ada.call<{ suggestions: SuggestionInfo[] }>('GET', path)).body
    expect(suggestions).toHaveLength(1)
    return suggestions[0]!
  })
  return { id, suggestion }
}

test('[H200] y-websocket’s own provider works as it is, with a cookie, the room’s id and nothing in the address', async () => {
  const id = await ada.document('Hello')
  await ada.call('PATCH', `/api/documents/${id}`, { linkRole: 'edit' })
  const { cookie, name } = await aPage()
  class Browser extends WebSocket {
    constructor(url: string, protocols?: string[]) {
      super(url, protocols, { headers: { cookie, origin: served.url } })
    }
  }
  const open = () => {
    const doc = new Y.Doc()
    const provider = new WebsocketProvider(`${served.url.replace('http', 'ws')}/sync`, id, doc, {
      WebSocketPolyfill: Browser as unknown as typeof globalThis.WebSocket,
      disableBc: true,
    })
    const text = () => doc.get('root-v2', Y.XmlElement).get(0) as Y.XmlElement
    return { doc, provider, text }
  }
  const [one, two] = [open(), open()]
  try {
    await eventually(() => expect([one, two].every(({ provider }) => provider.synced)).toBe(true))
    expect(one.provider.url).toBe(`${served.url.replace('http', 'ws')}/sync/${id}`)

    ;(one.text().get(0) as Y.XmlText).insert(5, ' world')
    one.provider.awareness.setLocalState({ user: { name: 'Somebody else' }, at: 3 })

    await eventually(() => expect(two.text().toString()).toContain('Hello world'))
    const state = () => two.provider.awareness.getStates().get(one.doc.clientID)
    await eventually(() => expect(state()).toMatchObject({ at: 3, user: { name } }))
    // It closes and comes back when it is told nothing it knows: it must not have.
    expect([one, two].map(({ provider }) => provider.wsUnsuccessfulReconnects)).toEqual([0, 0])
  } finally {
    for (const { provider } of [one, two]) provider.destroy()
  }
})

test('[H201] what is decided is said: no chunks at all and a body of null are refused, and nothing is decided', async () => {
  const { id, suggestion } = await suggested()
  const path = `/api/documents/${id}/suggestions/${suggestion.id}/decision`

  expect((await ada.call('POST', path, { decision: 'accept', chunks: [], key: 'k' })).status).toBe(
    400,
  )
  expect((await ada.call('POST', '/api/documents', 'null')).status).toBe(400)
  expect((await ada.call('PATCH', '/api/session', 'null')).status).toBe(400)

  const { body } = await ada.call<{ suggestions: SuggestionInfo[] }>(
    'GET',
    `/api/documents/${id}/suggestions`,
  )
  expect(body.suggestions).toEqual([suggestion])
})

test('[H202] a place in the lane that was named twice is answered like one that is not known', async () => {
  const { id } = await suggested()
  const response = await fetch(`${served.url}/api/documents/${id}/events?after=1&after=2`, {
    headers: { authorization: `Bearer ${ada.token}` },
  })
  let heard = ''
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    heard += text
    if (heard.includes('data:')) break
  }
  expect(heard).toContain('event: reset')
})

test('[H203] every metric of the contract is there under its name and labels', async () => {
  const { id } = await suggested()
  const lane = await LaneClient.open(ada, id)
  const text = (await ada.call<string>('GET', '/metrics')).body
  lane.close()
  for (const [name, type] of METRICS) expect(text, name).toContain(`# TYPE ${name} ${type}\n`)
  expect(text).toMatch(/gloss_connections\{kind="ws"\} \d/)
  expect(text).toMatch(/gloss_connections\{kind="sse"\} \d/)
  expect(text).toMatch(/gloss_runs_total\{outcome="finished"\} [1-9]/)
  // Nobody's words, ids or names.
  expect(text).not.toContain(id)
  expect(text).not.toContain(ada.me.id)
})

type Schema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>

test('[H206] a deleted document is listed for its owner, comes back with a request of theirs alone, and is then written in as before', async () => {
  const id = await ada.document('Hello', 'edit')
  const ben = await served.guest()
  expect((await ben.call('GET', `/api/documents/${id}`)).status).toBe(200)
  const restore = (who: GuestClient, doc = id) => who.call('POST', `/api/documents/${doc}/restore`)
  const deleted = async (who: GuestClient) => {
    const path = '/api/documents?deleted=true'
    const { body } = await who.call<{ documents: { id: string }[] }>('GET', path)
    return body.documents.map((document) => document.id)
  }
  const open = ada.socket(id)
  const end = endOf(open)
  await opened(open)
  await ada.call('DELETE', `/api/documents/${id}`)

  expect(await end).toBe(4404)
  expect([await deleted(ada), await deleted(ben)]).toEqual([[id], []])
  expect((await restore(ben)).status).toBe(403)
  expect((await restore(ben, 'nowhere')).status).toBe(404)
  expect((await ada.call('PATCH', `/api/documents/${id}`, { title: 'x' })).status).toBe(410)
  expect(await restore(ada)).toMatchObject({ status: 200, body: { id, role: 'owner' } })
  // The same again is the same answer: it is there.
  expect((await restore(ada)).status).toBe(200)

  expect(await deleted(ada)).toEqual([])
  const content = `/api/documents/${id}/content`
  expect((await ben.call<string>('GET', content)).body.trim()).toBe('Hello')
  const person = await FrameClient.joined(ben.socket(id))
  person.type('more')
  await eventually(async () =>
    expect((await ada.call<string>('GET', content)).body).toContain('more'),
  )
  person.socket.close()
})

test('[H207] what was deleted too long ago is gone for good, in the database as well', async () => {
  await using brief = await Served.limited({ deletedKeptMs: 1, purgeMs: 20 })
  const eve = await brief.guest()
  const id = await eve.document('Hello')
  const kept = await eve.document('Kept')
  await eve.call('DELETE', `/api/documents/${id}`)

  await eventually(async () =>
    expect((await eve.call('GET', `/api/documents/${id}`)).status).toBe(404),
  )
  expect((await eve.call('POST', `/api/documents/${id}/restore`)).status).toBe(404)
  expect((await eve.call('GET', `/api/documents/${kept}`)).status).toBe(200)
})

interface Description {
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> }
}
interface Operation {
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  requestBody?: { required: boolean; content: Record<string, { schema?: Schema }> }
  responses: Record<string, { description: string; content?: Record<string, { schema?: Schema }> }>
}

async function described(): Promise<Description> {
  return (await ada.call<Description>('GET', '/api/openapi.json')).body
}

test('[H204] the description names every address there is, its places in the path, and schemas that are some', async () => {
  const { paths, components } = await described()
  const routes = new Set<string>()
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { parameters, requestBody, responses }] of Object.entries(operations)) {
      routes.add(`${method.toUpperCase()} ${path}`)
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      expect(parameters.filter((it) => it.in === 'path').map(({ name }) => name)).toEqual(inPath)
      expect(Object.keys(responses).some((status) => /^2\d\d$/.test(status))).toBe(true)
      const contents = [requestBody, ...Object.values(responses)].map((it) => it?.content ?? {})
      for (const { schema } of contents.flatMap((content) => Object.values(content))) {
        if (schema && !('$ref' in schema))
          expect(() => z.fromJSONSchema(schema), path).not.toThrow()
      }
      for (const { schema } of parameters) {
        expect(() => z.fromJSONSchema(schema), path).not.toThrow()
      }
    }
  }
  expect(components.schemas.Problem).toBeDefined()
  expect([...routes].toSorted()).toEqual(ROUTES)
})

test('[H205] what the routes really answer is what the description says', async () => {
  const { paths } = await described()
  const { id, suggestion } = await suggested()
  const one = `/api/documents/${id}`
  const decision = `${one}/suggestions/${suggestion.id}/decision`
  const [first] = suggestion.chunks
  const asked: [string, string, string, unknown?][] = [
    ['POST', '/api/session', '/api/session'],
    ['GET', '/api/session', '/api/session'],
    ['PATCH', '/api/session', '/api/session', { name: 'Ada' }],
    ['POST', '/api/documents', '/api/documents', { title: 'T', markdown: 'x' }],
    ['GET', '/api/documents?limit=1', '/api/documents'],
    ['GET', one, '/api/documents/{id}'],
    ['PATCH', one, '/api/documents/{id}', { title: 'New' }],
    ['GET', `${one}/content?format=json`, '/api/documents/{id}/content'],
    ['GET', `${one}/hash`, '/api/documents/{id}/hash'],
    ['POST', `${one}/ticket`, '/api/documents/{id}/ticket'],
    ['GET', '/api/copilot', '/api/copilot'],
    ['GET', `${one}/runs`, '/api/documents/{id}/runs'],
    ['GET', `${one}/suggestions`, '/api/documents/{id}/suggestions'],
    ['POST', decision, DECISION, { decision: 'accept', chunks: [first!.n], key: 'd1' }],
    ['POST', decision, DECISION, { decision: 'reject', chunks: [first!.n], key: 'd2' }],
    ['GET', '/api/diagnose/request', '/api/diagnose/request'],
    ['GET', '/livez', '/livez'],
    ['DELETE', one, '/api/documents/{id}'],
    ['GET', one, '/api/documents/{id}'],
  ]
  for (const [method, url, path, body] of asked) {
    const answer = await ada.call<unknown>(method, url, body)
    const { responses } = paths[path]![method.toLowerCase()]!
    const response = responses[answer.status] ?? responses.default!
    const media = answer.headers.get('content-type')?.replace(/;.*/, '')
    const name = `${method} ${url} ${answer.status}`
    if (!response.content) {
      expect(answer.body, name).toBe('')
      continue
    }
    expect(Object.keys(response.content), name).toContain(media)
    const schema = response.content[media!]?.schema
    if (schema && !('$ref' in schema)) {
      const { error } = z.fromJSONSchema(schema).safeParse(answer.body)
      expect(error?.issues ?? [], name).toEqual([])
    }
  }
})

async function aPage(): Promise<{ cookie: string; name: string }> {
  const response = await fetch(`${served.url}/api/session`, {
    method: 'POST',
    headers: { origin: served.url },
  })
  const { name } = (await response.json()) as { name: string }
  return { cookie: (response.headers.get('set-cookie') ?? '').split(';')[0]!, name }
}

const DECISION = '/api/documents/{id}/suggestions/{suggestion}/decision'

const METRICS: [string, 'gauge' | 'counter' | 'histogram'][] = [
  ['gloss_connections', 'gauge'],
  ['gloss_connections_opened_total', 'counter'],
  ['gloss_rooms', 'gauge'],
  ['gloss_commit_seconds', 'histogram'],
  ['gloss_ack_seconds', 'histogram'],
  ['gloss_fanout_seconds', 'histogram'],
  ['gloss_unacked_bytes', 'gauge'],
  ['gloss_rejected_total', 'counter'],
  ['gloss_hint_gap_total', 'counter'],
  ['gloss_log_reread_total', 'counter'],
  ['gloss_sse_resets_total', 'counter'],
  ['gloss_runs_total', 'counter'],
  ['gloss_run_seconds', 'histogram'],
  ['gloss_time_to_first_token_seconds', 'histogram'],
  ['gloss_token_gap_seconds', 'histogram'],
  ['gloss_tokens_total', 'counter'],
  ['gloss_limit_refused_total', 'counter'],
  ['gloss_breaker_state', 'gauge'],
  ['gloss_fallback_total', 'counter'],
]

/** All of contract.md, and what server/README.md names beside. */
const ROUTES = [
  'DELETE /api/documents/{id}',
  'DELETE /api/documents/{id}/sync/{connection}',
  'DELETE /api/session',
  'GET /api/copilot',
  'GET /api/diagnose/request',
  'GET /api/diagnose/ticks',
  'GET /api/diagnose/wait',
  'GET /api/documents',
  'GET /api/documents/{id}',
  'GET /api/documents/{id}/content',
  'GET /api/documents/{id}/events',
  'GET /api/documents/{id}/hash',
  'GET /api/documents/{id}/runs',
  'GET /api/documents/{id}/suggestions',
  'GET /api/documents/{id}/sync/{connection}',
  'GET /api/openapi.json',
  'GET /api/session',
  'GET /livez',
  'GET /metrics',
  'GET /readyz',
  'PATCH /api/documents/{id}',
  'PATCH /api/session',
  'POST /api/diagnose/body',
  'POST /api/documents',
  'POST /api/documents/{id}/restore',
  'POST /api/documents/{id}/runs',
  'POST /api/documents/{id}/runs/{run}/stop',
  'POST /api/documents/{id}/suggestions/{suggestion}/decision',
  'POST /api/documents/{id}/sync',
  'POST /api/documents/{id}/sync/{connection}',
  'POST /api/documents/{id}/ticket',
  'POST /api/session',
]
