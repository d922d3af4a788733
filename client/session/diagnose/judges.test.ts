import { expect, test } from 'vitest'
import { judgeAddress, judgeClock, judgeHttp, type Seen } from './address.ts'
import { QUICK } from './check.ts'
import { judgeBody, judgeRequests } from './requests.ts'
import { judgeSocket } from './socket.ts'
import { judgeStorage } from './storage.ts'
import { judgePatience, judgeStream } from './stream.ts'

const HERE = { origin: 'https://gloss.example', host: 'gloss.example', protocol: 'https:' }
const SEEN: Seen = {
  now: 0,
  host: 'gloss.example',
  proto: 'https',
  publicOrigin: 'https://gloss.example',
  session: true,
  clockOff: 0,
  tookMs: 20,
  protocol: 'h2',
  server: 'nginx',
}

test('[V172] an address is good only where browser, proxy and PUBLIC_URL agree', () => {
  const judge = (seen: Partial<Seen>) => judgeAddress({ ...SEEN, ...seen }, HERE)

  expect(judge({})).toMatchObject({ level: 'good' })
  expect(judge({ publicOrigin: 'https://other.example' })).toMatchObject({
    level: 'bad',
    setting: 'PUBLIC_URL=https://gloss.example',
  })
  expect(judge({ publicOrigin: null, host: '127.0.0.1:3000' })).toMatchObject({
    level: 'bad',
    fix: 'host',
  })
  expect(judge({ host: '127.0.0.1:3000' })).toMatchObject({ level: 'good' })
  expect(judge({ session: false })).toMatchObject({ level: 'bad' })
  expect(judge({ proto: 'http' })).toMatchObject({ level: 'warn', fix: 'proto' })
  expect(judge({ proto: 'https, http' })).toMatchObject({ level: 'good' })
  expect(judge({ proto: null })).toMatchObject({ level: 'warn', fix: 'proto' })
  expect(judge({ publicOrigin: null })).toMatchObject({
    level: 'warn',
    setting: 'PUBLIC_URL=https://gloss.example',
  })
})

test('[V173] a stream is broken by coming in one burst, not by coming late as a whole', () => {
  const judge = (arrivals: number[]) =>
    judgeStream({ arrivals, sentOverMs: 750, status: 200 }, QUICK)

  expect(judge([5, 255, 505, 755])).toMatchObject({ level: 'good' })
  expect(judge([900, 1_150, 1_400, 1_650])).toMatchObject({ level: 'good' })
  expect(judge([755, 756, 756, 757])).toMatchObject({ level: 'bad', fix: 'buffering' })
  expect(judge([5, 255])).toMatchObject({ level: 'bad', fix: 'buffering' })
  expect(judge([5, 400])).toMatchObject({ level: 'bad', fix: 'timeout' })
  expect(judge([])).toMatchObject({ level: 'bad', fix: 'buffering' })
})

test('[V174] a socket works when it opens, is answered and stays; each failure has its own line', () => {
  const open = { opened: true, ackMs: 20, diedAfterMs: undefined, code: 0 } as const

  expect(judgeSocket(open, QUICK)).toMatchObject({ level: 'good' })
  expect(judgeSocket({ ...open, ackMs: 2_000 }, QUICK)).toMatchObject({ level: 'warn' })
  expect(judgeSocket({ ...open, ackMs: undefined }, QUICK).level).toBe('bad')
  expect(judgeSocket({ ...open, diedAfterMs: 5_000, code: 1006 }, QUICK).fix).toBe('timeout')
  expect(judgeSocket({ opened: false, afterMs: 10, code: 1006 }, QUICK).fix).toBe('upgrade')
  expect(judgeSocket({ opened: false, afterMs: 8_000, code: 0 }, QUICK).saw).toContain('never')
})

test('[V175] what only makes things worse is told from what breaks them', () => {
  expect(judgePatience({ ok: false, afterMs: 5_000, status: 504 }, QUICK).level).toBe('warn')
  expect(judgeBody({ through: 256 * 1024, status: 413 }).level).toBe('warn')
  expect(judgeBody({ through: 0, status: 413 }).means).toContain('sync without a socket is slow')
  expect(judgeBody({ through: 0, status: 403 }).level).toBe('unknown')
  expect(judgeRequests(undefined).level).toBe('bad')
  expect(judgeClock({ ...SEEN, clockOff: 4_900 }).level).toBe('good')
  expect(judgeClock({ ...SEEN, clockOff: -60_000 }).saw).toContain('60 s ahead of')
  expect(judgeClock({ ...SEEN, clockOff: 60_000 }).saw).toContain('60 s behind')
  expect(judgeHttp({ ...SEEN, protocol: 'http/1.1' }, 'https:').fix).toBe('http2')
  expect(judgeHttp({ ...SEEN, protocol: 'http/1.1' }, 'http:').level).toBe('good')
  const kept = { keeps: true, freeBytes: 1e10, persisted: false }
  expect(judgeStorage(kept).level).toBe('good')
  expect(judgeStorage({ ...kept, freeBytes: 1_000 }).level).toBe('warn')
  expect(judgeStorage({ ...kept, keeps: false }).level).toBe('warn')
})
