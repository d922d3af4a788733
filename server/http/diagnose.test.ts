import { expect, test } from 'vitest'
import { atBest } from '#server/testing/at-best.ts'
import { type GuestClient, Served } from '#server/testing/served.ts'
import type { SeenRequest } from '#shared/protocol/diagnose.ts'

async function scene() {
  const served = await Served.open()
  const ada = await served.guest()
  return { served, ada, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() }
}

const nobody = (guest: GuestClient): GuestClient =>
  Object.assign(Object.create(guest), { token: 'nobody' }) as GuestClient

test('[H183] a request is told how it looked, also without a session, and of nothing else', async () => {
  await using it = await scene()
  const path = '/api/diagnose/request'

  const before = Date.now()
  const mine = await it.ada.call<SeenRequest>('GET', path, undefined, {
    'x-forwarded-proto': 'https',
  })
  expect(mine.body.now).toBeGreaterThanOrEqual(before)
  expect(mine.body).toMatchObject({
    host: new URL(it.ada.url).host,
    proto: 'https',
    publicOrigin: null,
    session: true,
  })
  const none = await nobody(it.ada).call<SeenRequest>('GET', path)
  expect(none.body).toMatchObject({ session: false, proto: null })
  expect(Object.keys(none.body).toSorted()).toEqual([
    'host',
    'now',
    'proto',
    'publicOrigin',
    'session',
  ])
})

test('[H184] ticks come one by one, as many as were asked for and then no more', async () => {
  await using it = await scene()
  // The times in them are the server's; a reader that is held up hears two of them at once.
  const short = await atBest(0, async () => {
    const response = await fetch(`${it.ada.url}/api/diagnose/ticks?count=3&every=100`)
    expect(response.headers.get('x-accel-buffering')).toBe('no')
    const heard: number[] = []
    let text = ''
    for await (const bytes of response.body ?? []) {
      text += Buffer.from(bytes).toString()
      if (text.match(/event: tick/g)?.length !== heard.length) heard.push(performance.now())
    }
    expect(text.match(/event: tick\ndata: \{"n":\d,"at":\d+\}/g)).toHaveLength(3)
    expect(text).toContain('event: bye')
    return 150 - (heard.at(-1)! - heard[0]!)
  })
  expect(short).toBeLessThan(0)
})

test('[H185] what is asked of diagnose has bounds, and so has how often', async () => {
  await using it = await scene()
  for (const path of ['ticks?count=1000', 'ticks?every=1', 'wait?ms=600000', 'wait', 'wait?ms=x']) {
    expect((await it.ada.call('GET', `/api/diagnose/${path}`)).status, path).toBe(400)
  }
  const evil = { origin: 'https://evil.example' }
  expect((await it.ada.call('GET', '/api/diagnose/request', undefined, evil)).status).toBe(403)

  const body = (bytes: number, headers = {}) =>
    fetch(`${it.ada.url}/api/diagnose/body`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream', origin: it.ada.url, ...headers },
      body: new Uint8Array(bytes),
    })
  expect(await (await body(1024 * 1024)).json()).toEqual({ bytes: 1024 * 1024 })
  expect((await body(1024 * 1024 + 1)).status).toBe(413)
  expect((await body(1, evil)).status).toBe(403)

  const many = await Promise.all(
    Array.from({ length: 300 }, () => it.ada.call('GET', '/api/diagnose/request')),
  )
  expect(many.some(({ status }) => status === 429)).toBe(true)
  expect((await it.ada.call<string>('GET', '/metrics')).body).toContain(
    'gloss_limit_refused_total{scope="diagnose",kind="requests"}',
  )
})
