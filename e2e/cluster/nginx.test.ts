/** The proxy's configuration, tried in a real nginx before instances that tell what reached them. */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { connect as connectSecurely } from 'node:http2'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { EchoInstance } from './echo-instance.ts'
import { Nginx } from './nginx.ts'

let one: EchoInstance
let two: EchoInstance
let proxy: Nginx
beforeEach(async () => {
  one = await EchoInstance.start('one')
  two = await EchoInstance.start('two')
  proxy = await Nginx.start({ instances: [one.address, two.address] })
})
afterEach(async () => {
  await proxy.close()
  await one[Symbol.asyncDispose]()
  await two[Symbol.asyncDispose]()
})

const heard = () => [...one.heard, ...two.heard]

test('[H96] the proxy goes round robin: the same visitor is served by each instance in turn', async () => {
  const answers: string[] = []
  for (let n = 0; n < 10; n++) answers.push(await (await fetch(`${proxy.url}/`)).text())

  expect(answers.filter((name) => name === 'one')).toHaveLength(5)
  expect(answers.filter((name) => name === 'two')).toHaveLength(5)
})

test('[H97] the proxy hands on the address that it sees, and never the one that a client claims', async () => {
  await fetch(`${proxy.url}/api/session`, {
    headers: { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
  })

  const [{ headers }] = heard() as [(typeof one.heard)[0]]
  expect(headers['x-forwarded-for']).toBe('127.0.0.1')
  expect(headers['x-forwarded-proto']).toBe('http')
  expect(headers.host).toBe(`localhost:${proxy.port}`)
})

test('[H98] a WebSocket is passed on as an upgrade, and no other protocol is', async () => {
  const upgrade = async (protocol: string) => {
    const headers = { connection: 'Upgrade', upgrade: protocol }
    const asked = request(`${proxy.url}/sync/abc`, { headers }).end()
    const result = await Promise.race([
      once(asked, 'upgrade').then(() => 101),
      once(asked, 'response').then(([response]) => (response as { statusCode: number }).statusCode),
    ])
    asked.destroy()
    return result
  }

  expect(await upgrade('websocket')).toBe(101)
  expect(await upgrade('h2c')).toBe(200)
  expect(heard().filter(({ headers }) => headers.upgrade === 'h2c')).toEqual([])
})

test('[H99] what an instance streams leaves the proxy at once, on the lane and on the sync over HTTP', async () => {
  let finish = (): void => undefined
  const stream: EchoInstance['answer'] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: first\n\n')
    finish = () => response.end()
  }
  one.answer = stream
  two.answer = stream

  for (const path of [
    '/api/documents/abc/events',
    '/api/documents/abc/sync/x?after=0',
    '/sync/abc',
  ]) {
    const response = await fetch(`${proxy.url}${path}`)
    const { value } = await response.body!.getReader().read()
    expect(new TextDecoder().decode(value)).toBe('data: first\n\n')
    finish()
  }
})

test('[H100] when an instance is gone whoever reads is served by the other, and does not notice', async () => {
  await one[Symbol.asyncDispose]()

  for (let n = 0; n < 6; n++) {
    const response = await fetch(`${proxy.url}/api/documents/abc`)
    expect(await response.text()).toBe('two')
  }
})

test('[H101] what may have changed something is never sent to a second instance', async () => {
  const cut: EchoInstance['answer'] = (request) => request.socket.destroy()
  one.answer = cut
  two.answer = cut

  for (const method of ['POST', 'PATCH']) {
    const before = heard().length
    const response = await fetch(`${proxy.url}/api/documents`, { method, body: '{}' })
    expect(response.status).toBe(502)
    expect(heard().length - before, method).toBe(1)
  }
})

test('[H102] a reader is sent on from an instance that is stopping, and is not told of it', async () => {
  one.answer = (_request, response) => response.writeHead(503).end('stopping')

  for (let n = 0; n < 4; n++) {
    expect((await fetch(`${proxy.url}/api/documents/abc`)).status).toBe(200)
  }
})

test('[H103] a body of sixteen megabytes passes, and a larger one is refused at the door', async () => {
  const send = (bytes: number) =>
    fetch(`${proxy.url}/api/documents`, { method: 'POST', body: new Uint8Array(bytes) })

  expect((await send(16 * 1024 * 1024)).status).toBe(200)
  expect((await send(16 * 1024 * 1024 + 1)).status).toBe(413)
  expect(heard()).toHaveLength(1)
})

test('[H104] the figures of an instance are not to be had through the proxy', async () => {
  expect((await fetch(`${proxy.url}/metrics`)).status).toBe(404)
  expect(heard()).toEqual([])
})

test('[H105] the files of the page are packed on their way, and what people wrote is not', async () => {
  const text = 'const same = "same"\n'.repeat(1000)
  const script: EchoInstance['answer'] = (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/javascript' }).end(text)
  }
  one.answer = script
  two.answer = script

  const asset = await fetch(`${proxy.url}/assets/page.js`)
  expect(asset.headers.get('content-encoding')).toBe('gzip')
  expect(await asset.text()).toBe(text)
  const other = await fetch(`${proxy.url}/api/documents/abc/content`)
  expect(other.headers.get('content-encoding')).toBe(null)
})

test('[H106] with certificate files the same proxy speaks HTTPS and HTTP/2, and says so upstream', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gloss-certificates-'))
  const files = ['-keyout', join(folder, 'privkey.pem'), '-out', join(folder, 'fullchain.pem')]
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  execFileSync('openssl', ['req', '-x509', ...kind, '-subj', '/CN=localhost', ...files], {
    stdio: 'pipe',
  })
  const secure = await Nginx.start({ instances: [one.address, two.address], certificates: folder })
  const session = connectSecurely(secure.url, { rejectUnauthorized: false })
  try {
    const stream = session.request({ ':path': '/api/session' })
    const [headers] = (await once(stream, 'response')) as [{ ':status': number }]
    stream.resume()

    expect(session.alpnProtocol).toBe('h2')
    expect(headers[':status']).toBe(200)
    expect(heard()[0]?.headers['x-forwarded-proto']).toBe('https')
    expect(heard()[0]?.headers.host).toBe(`localhost:${secure.port}`)
  } finally {
    session.destroy()
    await secure.close()
    rmSync(folder, { recursive: true })
  }
})
