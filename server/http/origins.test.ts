import type { IncomingMessage } from 'node:http'
import { hostname } from 'node:os'
import { expect, test } from 'vitest'
import { createOrigins } from './origins.ts'

const request = (headers: Record<string, string>) => ({ headers }) as unknown as IncomingMessage

/** What a page of that origin may do at a server it reaches by `host`. */
function taken(publicUrl: string | undefined, host: string, origin: string, listen?: string) {
  try {
    createOrigins(publicUrl, listen).requireOwn(request({ host, origin }))
    return true
  } catch (error) {
    return (error as Error & { public?: string }).public ?? false
  }
}

test('[H144] without a public URL only names that nobody else can point here are ours', () => {
  const machine = hostname().toLowerCase()
  for (const host of [
    'localhost:3000',
    'LOCALHOST:3000',
    'app.localhost',
    '127.0.0.1:3000',
    '192.168.1.20:3000',
    '[::1]:3000',
    `${machine}:3000`,
    `${machine}.local:3000`,
  ]) {
    expect(taken(undefined, host, `http://${host}`), host).toBe(true)
  }
  expect(taken(undefined, 'gloss.lan:3000', 'http://gloss.lan:3000', 'gloss.lan')).toBe(true)

  for (const host of ['evil.example:3000', 'localhost.evil.example', '127.0.0.1.nip.io:3000']) {
    expect(taken(undefined, host, `http://${host}`), host).toContain(`PUBLIC_URL=http://${host}`)
  }
  for (const host of ['', 'a b', 'evil.example/', 'x\u0000', '[::1', 'user@localhost']) {
    expect(taken(undefined, host, `http://${host}`), host).toMatch(/^This Gloss does not know/)
  }
})

test('[H145] with a public URL that origin alone is ours, whatever the name (B02)', () => {
  const url = 'https://app.example'
  expect(taken(url, 'gloss:3000', 'https://app.example')).toBe(true)
  for (const origin of [
    'null',
    'http://app.example',
    'https://app.example:444',
    'https://app.example.evil.com',
    'https://evil.com',
    'http://gloss:3000',
    'https://APP.example.',
  ]) {
    expect(taken(url, 'gloss:3000', origin), origin).toBe(false)
  }
})
