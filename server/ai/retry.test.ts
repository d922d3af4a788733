import { getEventListeners } from 'node:events'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import { silent } from '#server/log.ts'
import { atBest, timed } from '#server/testing/at-best.ts'
import type { Deadlines, ModelEndpoint, ModelRequest } from './endpoint.ts'
import { openAiEndpoint } from './openai.ts'
import { withRetry } from './retry.ts'

let server: ModelServer
let endpoint: ModelEndpoint

beforeAll(async () => {
  server = await startModelServer({ scenario: { text: 'All is well.' } })
  const openAi = openAiEndpoint({ baseUrl: server.url, model: 'test', log: silent })
  endpoint = withRetry(openAi, { attempts: 3, maxWaitMs: 1_000 })
})
beforeEach(() => server.reset())
afterAll(async () => {
  await endpoint.close()
  await server.close()
})

const REQUEST: ModelRequest = {
  messages: [{ role: 'user', content: 'Go on.' }],
  maxOutputTokens: 100,
  task: { command: 'continue', instruction: '', caret: undefined, blocks: [], isLater: false },
}

async function listen(
  signal = new AbortController().signal,
  deadlines: Partial<Deadlines> = {},
): Promise<string> {
  let text = ''
  for await (const part of endpoint.stream(REQUEST, { signal, deadlines })) {
    if (part.type === 'text') text += part.text
  }
  return text
}

test.each([
  { status: 500 },
  { status: 503 },
  { status: 429 },
  { fault: 'reset', at: 'headers' },
  { fault: 'reset', at: 'first' },
  { fault: 'end', at: 'first' },
  { shape: 'empty' },
] as const)('[A21] a passing trouble before the first text is not seen: %j', async (trouble) => {
  server.script(trouble, trouble)

  expect(await listen()).toBe('All is well.')
  expect(server.requests).toHaveLength(3)
})

test('[A21] after the first text nothing is tried again', async () => {
  server.script({ fault: 'reset', at: 2, delay: 1 })

  await expect(listen()).rejects.toMatchObject({ fault: 'reset', partial: true })
  expect(server.requests).toHaveLength(1)
})

test('[A21] what cannot get better is not tried again', async () => {
  server.script({ status: 401 })

  await expect(listen()).rejects.toMatchObject({ fault: 'auth' })
  expect(server.requests).toHaveLength(1)
})

test('[A21] after the last attempt its fault is thrown', async () => {
  server.script({ status: 500 }, { status: 500 }, { status: 503 })

  await expect(listen()).rejects.toMatchObject({ fault: 'overloaded' })
  expect(server.requests).toHaveLength(3)
})

test('[A22] the wait that an upstream asks for is kept', async () => {
  server.script({ status: 429, retryAfter: '0.7' })

  expect(await listen()).toBe('All is well.')

  const [first, second] = server.requests
  expect((second?.startedAt ?? 0) - (first?.closedAt ?? 0)).toBeGreaterThanOrEqual(690)
})

test('[A22] a wait longer than ours is not waited for', async () => {
  server.script({ status: 429, retryAfter: '60' })

  await expect(listen()).rejects.toMatchObject({ fault: 'rate-limit', retryAfterMs: 60_000 })
  expect(server.requests).toHaveLength(1)
})

test('[A23] a wait can be cancelled, and leaves no listener', async () => {
  const took = await atBest(200, async () => {
    server.reset()
    server.script({ status: 429, retryAfter: '0.9' })
    const abort = new AbortController()
    const listening = listen(abort.signal)
    await server.waitFor(({ closedBy }) => closedBy !== undefined)

    const took = timed(() => expect(listening).rejects.toMatchObject({ fault: 'cancelled' }))
    abort.abort()

    await took
    expect(server.requests).toHaveLength(1)
    expect(getEventListeners(abort.signal, 'abort')).toEqual([])
    return took
  })
  expect(took).toBeLessThan(200)
})

test('[A23] the total deadline spans all attempts', async () => {
  const took = await atBest(900, () => {
    server.script({ status: 429, retryAfter: '0.3' }, { fault: 'hang', at: 'headers' })
    const listening = listen(undefined, { total: 600 })
    return timed(() => expect(listening).rejects.toMatchObject({ fault: 'timeout-total' }))
  })
  expect(took).toBeLessThan(900)
})

test('[A23] leaving the loop of a retried stream ends the request', async () => {
  server.script({ status: 500 }, { fault: 'hang', at: 2 })
  const { signal } = new AbortController()
  for await (const part of endpoint.stream(REQUEST, { signal })) if (part.type === 'text') break

  const { n } = await server.waitFor(({ closedBy }) => closedBy === 'client')
  expect(n).toBe(2)
})
