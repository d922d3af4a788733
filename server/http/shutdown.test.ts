import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { startModelServer } from '#e2e/model-server/model-server.ts'
import { FrameClient } from '#server/testing/frame-client.ts'
import { LaneClient } from '#server/testing/lane-client.ts'
import { rawSocket } from '#server/testing/raw-socket.ts'
import { Served } from '#server/testing/served.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'

test('[H80] a server that stops says so to sockets and lanes, and is gone in time', async () => {
  const served = await Served.open()
  const ada = await served.guest()
  const id = await ada.document('Hello', 'edit')
  const client = await FrameClient.joined(ada.socket(id))
  const lane = await LaneClient.open(ada, id)
  // Neither answers the close, nor reads, nor says a word.
  const deaf = await rawSocket(served.url, `/sync/${id}`, ada.token)
  deaf.socket.pause()
  const { hostname, port } = new URL(served.url)
  const silent = connect(Number(port), hostname)
  silent.on('error', () => undefined)
  const begin = performance.now()

  await served[Symbol.asyncDispose]()

  expect(performance.now() - begin).toBeLessThan(10_000)
  expect(await client.ended).toBe(CLOSE.restart)
  await lane.ended
  expect(lane.of('bye')).toHaveLength(1)
  deaf.socket.destroy()
  silent.destroy()
})

test('[H81] while it drains it is not ready, and takes no new runs, but goes on with what is open', async () => {
  await using model = await startModelServer({
    scenario: { text: 'One. Two.', fault: 'hold', at: 1 },
  })
  const served = await Served.open({ GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' })
  const ada = await served.guest()
  const id = await ada.document('Hello', 'edit')
  const client = await FrameClient.joined(ada.socket(id))
  const lane = await LaneClient.open(ada, id)
  const ask = { command: 'continue', target: { document: true } }
  await ada.call('POST', `/api/documents/${id}/runs`, { ...ask, key: 'a' })
  await model.waitFor(({ holding }) => holding)

  const closing = served[Symbol.asyncDispose]()

  expect((await ada.call('GET', '/readyz')).status).toBe(503)
  expect((await ada.call('GET', '/livez')).status).toBe(200)
  expect((await ada.call('POST', `/api/documents/${id}/runs`, { ...ask, key: 'b' })).status).toBe(
    503,
  )
  const acked = client.next('ack')
  client.type('!')
  await acked
  model.release()
  await closing
  await lane.ended
  expect(lane.of('run.finished')).toHaveLength(1)
  expect(lane.events.at(-1)?.event).toBe('bye')
  expect(await client.ended).toBe(CLOSE.restart)
})

test('[H82] a run that will not end is interrupted, and says so before the doors close', async () => {
  await using model = await startModelServer({
    scenario: { text: 'One. Two.', fault: 'hold', at: 1 },
  })
  const served = await Served.limited(
    { drainMs: 200 },
    { GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' },
  )
  const ada = await served.guest()
  const id = await ada.document('Hello', 'edit')
  const lane = await LaneClient.open(ada, id)
  const ask = { command: 'continue', target: { document: true }, key: 'a' }
  await ada.call('POST', `/api/documents/${id}/runs`, ask)
  await model.waitFor(({ holding }) => holding)

  await served[Symbol.asyncDispose]()

  await lane.ended
  expect(lane.of('run.failed')).toHaveLength(1)
  expect(lane.events.at(-1)?.event).toBe('bye')
})
