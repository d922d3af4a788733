import { expect, test } from 'vitest'
import WebSocket from 'ws'
import * as Y from 'yjs'
import { eventually } from '#server/testing/eventually.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { type GuestClient, Served } from '#server/testing/served.ts'
import { SCHEMA_VERSION } from '#shared/document/shape.ts'

/** A browser's socket: a cookie and an origin, and what the page of some day put in the address. */
async function pageSocket(served: Served, owner: GuestClient, id: string, query: string) {
  const { url } = served
  const headers = { origin: url }
  const session = await fetch(`${url}/api/session`, { method: 'POST', headers })
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''
  await owner.call('PATCH', `/api/documents/${id}`, { linkRole: 'edit' })
  const address = `${url.replace('http', 'ws')}/sync/${id}${query}`
  return FrameClient.open(new WebSocket(address, { headers: { ...headers, cookie } }))
}

/** What a page of that day does: it takes the document from its device, types, and answers what it is asked. */
async function oldPage(served: Served, ada: GuestClient, id: string) {
  const page = await pageSocket(served, ada, id, '?epoch=1')
  await eventually(() => expect(page.heard.some(({ kind }) => kind === 'sync-step-1')).toBe(true))
  return page
}

test('[Y12] a page that is older than the server is told to look, its words are taken, and it is shown nothing', async () => {
  await using served = await Served.open()
  const ada = await served.guest()
  const id = await ada.document('Hello')
  const witness = await FrameClient.joined(ada.socket(id))

  const page = await oldPage(served, ada, id)
  Y.applyUpdate(page.doc, Y.encodeStateAsUpdate(witness.doc))
  const typed = Y.encodeStateVector(page.doc)
  page.doc.clientID = 4711
  page.type(' typed in a tunnel')
  const kept = Y.encodeStateAsUpdate(page.doc, typed)
  page.send({ kind: 'sync-step-2', update: kept })
  page.send({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) })
  await eventually(() => expect(page.acked).toBe(2))
  await eventually(() => expect(witness.text).toBe('Hello typed in a tunnel'))
  witness.type(' and more')
  witness.send({ kind: 'awareness', update: Uint8Array.of(0) })
  await eventually(() => expect(witness.acked).toBe(2))
  page.type('!')
  await eventually(() => expect(page.acked).toBe(3))

  const kinds = new Set(page.heard.map(({ kind }) => kind))
  expect(kinds).toEqual(new Set(['sync-step-1', 'ack', 'awareness']))
  // One awareness frame, of the client that stands for the document: it says "look".
  const news = page.heard.filter((frame) => frame.kind === 'awareness')
  expect(news).toHaveLength(1)
  expect(Buffer.from(news[0]!.update).toString('latin1')).toContain('"changed":')
  const { body } = await ada.call<{ schema: number }>('GET', `/api/documents/${id}`)
  expect(body.schema).toBe(SCHEMA_VERSION)
})

test.each([
  '',
  `?epoch=1&schema=${SCHEMA_VERSION}`,
  '?epoch=1&schema=99',
])('[Y13] whoever is not an old page is let in as ever: %j', async (query) => {
  await using served = await Served.open()
  const ada = await served.guest()
  const id = await ada.document('Hello')
  const page = await pageSocket(served, ada, id, query)
  page.send({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) })
  await eventually(() => expect(page.text).toBe('Hello'))
})

test('[Y14] a program with a token that names the epoch alone is let in as ever', async () => {
  await using served = await Served.open()
  const ada = await served.guest()
  const id = await ada.document('Hello')
  const program = await FrameClient.open(ada.socket(`${id}?epoch=1`))
  program.send({ kind: 'sync-step-1', stateVector: Uint8Array.of(0) })
  await eventually(() => expect(program.text).toBe('Hello'))
})
