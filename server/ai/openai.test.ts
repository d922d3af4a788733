import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import type { Scenario } from '#e2e/model-server/scenario.ts'
import { createLog, silent } from '#server/log.ts'
import { atBest, timed } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import {
  type Deadlines,
  type ModelEndpoint,
  ModelError,
  type ModelFault,
  type ModelPart,
  type ModelRequest,
} from './endpoint.ts'
import { openAiEndpoint } from './openai.ts'

let server: ModelServer
let endpoint: ModelEndpoint

beforeAll(async () => {
  server = await startModelServer()
  endpoint = openAiEndpoint({ baseUrl: server.url, model: 'test', key: 'sk-secret', log: silent })
})
beforeEach(() => server.reset())
afterAll(async () => {
  await endpoint.close()
  await server.close()
})

const REQUEST: ModelRequest = {
  messages: [
    { role: 'system', content: 'Rules.' },
    { role: 'user', content: 'Go on.' },
  ],
  maxOutputTokens: 100,
  task: { command: 'continue', instruction: '', caret: undefined, blocks: [], isLater: false },
}
const TEXT = 'One two three, four five six. Seven eight nine ten.'

interface Heard {
  parts: ModelPart[]
  text: string
  error: ModelError | undefined
}

/** Asks and listens to the end, whichever it is. */
async function ask(
  scenario: Partial<Scenario>,
  deadlines: Partial<Deadlines> = {},
  signal = new AbortController().signal,
): Promise<Heard> {
  server.script({ text: TEXT, ...scenario })
  const parts: ModelPart[] = []
  let error: ModelError | undefined
  try {
    for await (const part of endpoint.stream(REQUEST, { signal, deadlines })) parts.push(part)
  } catch (thrown) {
    if (!(thrown instanceof ModelError)) throw thrown
    error = thrown
  }
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  return { parts, text, error }
}

const endOf = ({ parts }: Heard) => parts.find((part) => part.type === 'end')

test('[A1] an answer arrives as it was said, with its end and its usage', async () => {
  const heard = await ask({})

  expect(heard.text).toBe(TEXT)
  expect(heard.parts.at(-1)).toEqual({
    type: 'end',
    finish: 'stop',
    usage: { input: 3, output: 10 },
  })
  const [{ body, authorization } = expect.fail('no request came')] = server.requests
  expect(authorization).toBe('Bearer sk-secret')
  expect(body).toMatchObject({ model: 'test', stream: true, max_tokens: 100 })
  expect(body).not.toHaveProperty('task')
  expect(body).not.toHaveProperty('temperature')
})

const FAULTS: [string, Partial<Scenario>, ModelFault][] = [
  ['401', { status: 401 }, 'auth'],
  ['403', { status: 403 }, 'auth'],
  ['404', { status: 404 }, 'not-found'],
  ['a redirect', { status: 308 }, 'not-found'],
  ['an unknown model', { status: 400, code: 'model_not_found' }, 'not-found'],
  ['400', { status: 400 }, 'bad-request'],
  ['422', { status: 422 }, 'bad-request'],
  ['a prompt too long', { status: 400, code: 'context_length_exceeded' }, 'context-length'],
  ['413', { status: 413 }, 'context-length'],
  ['429', { status: 429, retryAfter: '3' }, 'rate-limit'],
  ['no money left', { status: 429, code: 'insufficient_quota' }, 'quota'],
  ['402', { status: 402 }, 'quota'],
  ['500', { status: 500 }, 'server'],
  ['502', { status: 502 }, 'server'],
  ['503', { status: 503 }, 'overloaded'],
  ['529', { status: 529 }, 'overloaded'],
  ['a reset before the headers', { fault: 'reset', at: 'headers' }, 'reset'],
  ['a reset before the first token', { fault: 'reset', at: 'first' }, 'reset'],
  ['a reset in the middle', { fault: 'reset', at: 4, delay: 1 }, 'reset'],
  ['an end before the first token', { fault: 'end', at: 'first' }, 'truncated'],
  ['an end in the middle', { fault: 'end', at: 4 }, 'truncated'],
  ['an error as a frame', { fault: 'error-frame', at: 4 }, 'server'],
  ['overload as a frame', { fault: 'error-frame', at: 4, code: 'overloaded_error' }, 'overloaded'],
  ['a page', { shape: 'html' }, 'bad-stream'],
  ['nothing', { shape: 'empty' }, 'truncated'],
  ['four torn frames', { fault: 'malformed', at: 2, count: 4 }, 'bad-stream'],
]

describe('[A2] each trouble of an upstream has its name', () => {
  test.each(FAULTS)('%s', async (_, scenario, fault) => {
    const heard = await ask(scenario)

    expect(heard.error?.fault).toBe(fault)
    expect(endOf(heard)).toBeUndefined()
    expect(heard.error?.partial).toBe(heard.text !== '')
  })

  test('nobody listens', async () => {
    const gone = await startModelServer()
    const nobody = openAiEndpoint({ baseUrl: gone.url, model: 'test', log: silent })
    await gone.close()

    const listening = listen(nobody)

    await expect(listening).rejects.toMatchObject({ fault: 'connect', partial: false })
    await nobody.close()
  })

  test('a closed endpoint', async () => {
    const closed = openAiEndpoint({ baseUrl: server.url, model: 'test', log: silent })
    await closed.close()
    await closed.close()

    await expect(listen(closed)).rejects.toMatchObject({ fault: 'cancelled' })
    expect(server.requests).toEqual([])
  })

  test('an address that is none', () => {
    const options = { model: 'test', log: silent }
    expect(() => openAiEndpoint({ ...options, baseUrl: 'file:///etc' })).toThrow(/http or https/)
    expect(() => openAiEndpoint({ ...options, baseUrl: 'nonsense' })).toThrow(/URL/)
  })
})

async function listen(to: ModelEndpoint): Promise<void> {
  const { signal } = new AbortController()
  for await (const part of to.stream(REQUEST, { signal })) expect(part).toBeDefined()
}

test('[A2] a wait that the upstream asks for is told', async () => {
  const seconds = await ask({ status: 429, retryAfter: '2.5' })
  const date = await ask({ status: 503, retryAfter: new Date(Date.now() + 9_000).toUTCString() })
  const nonsense = await ask({ status: 429, retryAfter: 'soon' })

  expect(seconds.error?.retryAfterMs).toBe(2_500)
  expect(date.error?.retryAfterMs).toBeGreaterThan(7_000)
  expect(date.error?.retryAfterMs).toBeLessThanOrEqual(9_000)
  expect(nonsense.error?.retryAfterMs).toBeUndefined()
})

test.each([
  'lf',
  'crlf',
  'cr',
] as const)('[A3] wherever the bytes are cut, the text is the same (%s)', async (newline) => {
  const text = 'é👩‍🚀 中\n"x"'
  const scenario = { text, newline, keepalive: true, tokenSize: 1, usage: 'never' } as const
  const whole = await ask(scenario)
  const bytes = server.requests[0]?.bytesSent ?? 0
  expect(whole.text).toBe(text)
  expect(bytes).toBeGreaterThan(1_000)

  for (let cutAt = 1; cutAt < bytes; cutAt++) {
    const cut = await ask({ ...scenario, cutAt })
    if (cut.error || cut.text !== text) expect.fail(`cut behind byte ${cutAt}: ${cut.text}`)
  }
})

test('[A3] however small the pieces are, the text is the same', async () => {
  const pieces = fc.record({
    text: fc.string({ unit: 'binary', maxLength: 12 }),
    newline: fc.constantFrom('lf' as const, 'crlf' as const, 'cr' as const),
    drip: fc.integer({ min: 1, max: 9 }),
    keepalive: fc.boolean(),
    tokenSize: fc.integer({ min: 0, max: 3 }),
  })
  await fc.assert(
    fc.asyncProperty(pieces, async (scenario) => {
      const heard = await ask(scenario)

      expect(heard.error).toBeUndefined()
      expect(heard.text).toBe(scenario.text)
    }),
    { numRuns: 40 },
  )
})

describe('deadlines', () => {
  test.each<[string, Partial<Scenario>, Partial<Deadlines>, ModelFault]>([
    ['[A4] no headers', { fault: 'hang', at: 'headers' }, { headers: 80 }, 'timeout-headers'],
    ['[A5] no first token', { fault: 'hang', at: 'first' }, { first: 80 }, 'timeout-first'],
    ['[A5] comments alone', { fault: 'comments', at: 'first' }, { first: 80 }, 'timeout-first'],
    ['[A6] silence', { fault: 'hang', at: 4 }, { idle: 80 }, 'timeout-idle'],
    ['[A6] silence with comments', { fault: 'comments', at: 4 }, { idle: 80 }, 'timeout-idle'],
    ['[A7] too long in all', { delay: 25, text: 'a '.repeat(99) }, { total: 200 }, 'timeout-total'],
  ])('%s ends the stream in time, and upstream hears of it', async (_, scenario, late, fault) => {
    const took = await atBest(600, () =>
      timed(async () => expect((await ask(scenario, late)).error?.fault).toBe(fault)),
    )

    expect(took).toBeLessThan(600)
    const entry = await server.waitFor(({ closedBy }) => closedBy !== undefined)
    expect(entry.closedBy).toBe('client')
  })

  test('[A6] who thinks aloud is not silent', async () => {
    const reasoning = 'so then if but when '.repeat(3)
    const heard = await ask({ reasoning, delay: 120 }, { first: 1_500, idle: 1_500 })

    expect(heard.error).toBeUndefined()
    const thoughts = heard.parts.filter(({ type }) => type === 'reasoning')
    expect(thoughts.map((part) => 'text' in part && part.text).join('')).toBe(reasoning)
    expect(heard.text).toBe(TEXT)
  })

  test('[A6] who writes a tool call is not silent', async () => {
    const heard = await ask({ tools: 16, delay: 120 }, { first: 1_500, idle: 1_500 })

    expect(heard.error).toBeUndefined()
    expect(heard.text).toBe(TEXT)
  })

  test('[A6] a consumer that takes its time does not make the model silent', async () => {
    server.script({ text: TEXT, delay: 1 })
    const deadlines = { idle: 700, stalled: 30_000 }
    let parts = 0
    for await (const part of endpoint.stream(REQUEST, { signal: never(), deadlines })) {
      if (parts++ < 2) await later(900)
      expect(part).toBeDefined()
    }

    expect(parts).toBe(11)
  })

  test('[A8] a consumer that never comes back holds no connection', async () => {
    server.script({ text: TEXT, fault: 'hang', at: 4 })
    const stream = endpoint.stream(REQUEST, { signal: never(), deadlines: { stalled: 80 } })
    const parts = stream[Symbol.asyncIterator]()
    await parts.next()

    const { closedBy } = await server.waitFor((entry) => entry.closedBy !== undefined)

    expect(closedBy).toBe('client')
    await expect(parts.next()).rejects.toMatchObject({ fault: 'stalled', partial: true })
  })
})

const never = () => new AbortController().signal
const later = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

test('[A9] while the consumer is slow, the upstream is held back', async () => {
  server.script({ text: 'x'.repeat(40_000_000), tokenSize: 4_000 })
  const parts = endpoint.stream(REQUEST, { signal: never() })[Symbol.asyncIterator]()
  await parts.next()

  const entry = await server.waitFor(({ stalled }) => stalled)
  // The kernel takes some more, and then no more.
  const sent = await eventually(async () => {
    const before = entry.bytesSent
    await later(300)
    expect([entry.stalled, entry.bytesSent]).toEqual([true, before])
    return before
  })
  expect(sent).toBeLessThan(16_000_000)

  await parts.next()
  for (let n = 0; n < 3_000; n++) await parts.next()
  expect(entry.bytesSent).toBeGreaterThan(sent)
  await parts.return?.()
})

describe('[A10] a wanted answer no more is ended upstream within 200 ms', () => {
  test.each(['headers', 'first', 4] as const)('at %s', async (at) => {
    const took = await atBest(200, async () => {
      server.reset()
      const abort = new AbortController()
      const asking = ask({ fault: 'hang', at }, {}, abort.signal)
      const tokens = at === 4 ? 4 : 0
      await server.waitFor(({ tokensSent }) => tokensSent === tokens)
      await later(30)

      const abortedAt = Date.now()
      abort.abort({ kind: 'closing' })
      const { closedAt } = await server.waitFor(({ closedBy }) => closedBy === 'client')

      expect((await asking).error?.fault).toBe('cancelled')
      return (closedAt ?? Number.NaN) - abortedAt
    })
    expect(took).toBeLessThan(200)
  })

  test('a request that was never wanted is never sent', async () => {
    const heard = await ask({}, {}, AbortSignal.abort())

    expect(heard.error?.fault).toBe('cancelled')
    expect(server.requests).toEqual([])
  })
})

test('[A11] leaving the loop ends the request', async () => {
  server.script({ text: TEXT, fault: 'hang', at: 4 })
  for await (const part of endpoint.stream(REQUEST, { signal: never() })) {
    if (part.type === 'text') break
  }

  const { closedBy } = await server.waitFor((entry) => entry.closedBy !== undefined)
  expect(closedBy).toBe('client')
})

test('[A11] closing the endpoint ends its streams', async () => {
  const closing = openAiEndpoint({ baseUrl: server.url, model: 'test', log: silent })
  server.script({ text: TEXT, fault: 'hang', at: 4 })
  const listening = listen(closing)
  await server.waitFor(({ tokensSent }) => tokensSent === 4)

  await Promise.all([
    closing.close(),
    expect(listening).rejects.toMatchObject({ fault: 'cancelled' }),
  ])

  const { closedBy } = await server.waitFor((entry) => entry.closedBy !== undefined)
  expect(closedBy).toBe('client')
})

test('[A12] a line without end is refused at 4 MiB', async () => {
  const heard = await ask({ fault: 'endless-line', at: 2 })

  expect(heard.error).toMatchObject({ fault: 'bad-stream', partial: true })
  await server.waitFor(({ closedBy }) => closedBy === 'client')
  expect(server.requests[0]?.bytesSent).toBeLessThan(24 * 1024 * 1024)
})

test('[A12] an answer without a stream is refused at 4 MiB', async () => {
  const heard = await ask({ shape: 'json', text: 'x'.repeat(5 * 1024 * 1024) })

  expect(heard.error?.fault).toBe('bad-stream')
})

test('[A13] a few torn frames are skipped, counted and told', async () => {
  const heard = await ask({ fault: 'malformed', at: 2, count: 3 })

  expect(heard.text).toBe(TEXT)
  expect(heard.parts.at(-2)).toEqual({ type: 'warning', text: '3 torn frames skipped' })
  expect(heard.parts.at(-1)).toMatchObject({ type: 'end', finish: 'stop' })
})

test.each<[string, Partial<Scenario>, 'stop' | 'length' | 'filtered']>([
  ['an end mark without a finish reason', { finish: '' }, 'stop'],
  ['a finish reason without an end mark', { done: false }, 'stop'],
  ['an end for length', { finish: 'length' }, 'length'],
  ['an end by a filter', { finish: 'content_filter' }, 'filtered'],
  ['an end of a kind we do not know', { finish: 'eos' }, 'stop'],
  [
    'a reset after the finish reason',
    { usage: 'never', done: false, fault: 'reset', at: 99 },
    'stop',
  ],
  [
    'silence after the finish reason',
    { usage: 'never', done: false, fault: 'hang', at: 99 },
    'stop',
  ],
])('[A14] %s is complete', async (_, scenario, finish) => {
  const heard = await ask({ delay: 1, ...scenario })

  expect(heard.error).toBeUndefined()
  expect(heard.text).toBe(TEXT)
  expect(endOf(heard)).toMatchObject({ finish })
})

test('[A15] usage is what the provider told last, or undefined', async () => {
  expect(endOf(await ask({ usage: 'never' }))).toMatchObject({ usage: undefined })
  expect(endOf(await ask({ usage: 'inline' }))).toMatchObject({ usage: { input: 3, output: 10 } })
  expect(endOf(await ask({ usage: 'always' }))).toMatchObject({ usage: { input: 3, output: 10 } })
})

test('[A16] a server that does not stream is understood', async () => {
  const heard = await ask({ shape: 'json', finish: 'length' })

  expect(heard.parts).toEqual([
    { type: 'text', text: TEXT },
    { type: 'end', finish: 'length', usage: { input: 3, output: 10 } },
  ])
})

test('[A17] not a word of the upstream is in an error or in the log', async () => {
  const lines: string[] = []
  const log = createLog('debug', { write: (line) => void lines.push(line) })
  const quiet = openAiEndpoint({ baseUrl: server.url, model: 'test', key: 'sk-secret', log })
  for (const [, scenario] of FAULTS) {
    server.script({ text: 'SECRET answer of a few words', ...scenario })
    const error = await listen(quiet).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ModelError)
    const told = error instanceof ModelError ? `${error.stack}${String(error.cause)}` : ''
    expect(told).not.toMatch(/SECRET|sk-secret|<h1>/)
  }

  expect(lines.length).toBe(FAULTS.length)
  expect(lines.join('')).not.toMatch(/SECRET|sk-secret|<h1>/)
  await quiet.close()
})

test('[A18] no listener and no timer outlives its stream', async () => {
  const { signal } = new AbortController()
  const set = vi.spyOn(globalThis, 'setTimeout')
  const clear = vi.spyOn(globalThis, 'clearTimeout')
  const ours = { headers: 41_001, first: 41_002, idle: 41_003, total: 41_004, stalled: 41_005 }
  try {
    const scenarios = [{}, { status: 500 }, { fault: 'end' }, { fault: 'reset', at: 3 }] as const
    for (const scenario of scenarios) await ask(scenario, ours, signal)

    const armed = set.mock.calls.flatMap(([, ms], call) =>
      ms !== undefined && ms > 41_000 && ms < 41_006 ? [set.mock.results[call]?.value] : [],
    )
    const cleared = new Set(clear.mock.calls.map(([timer]) => timer))
    expect(armed.length).toBeGreaterThan(10)
    expect(armed.filter((timer) => !cleared.has(timer))).toEqual([])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  } finally {
    set.mockRestore()
    clear.mockRestore()
  }
})

test('[A19] many streams at once do not mix', async () => {
  server.setDefault({ delay: 2 })
  const texts = Array.from({ length: 60 }, (_, n) => `stream ${n} `.repeat(20))
  server.script(...texts.map((text) => ({ text })))

  const heard = await Promise.all(
    texts.map(async () => {
      let text = ''
      for await (const part of endpoint.stream(REQUEST, { signal: never() })) {
        if (part.type === 'text') text += part.text
      }
      return text
    }),
  )

  expect(heard.toSorted()).toEqual(texts.toSorted())
  server.setDefault({})
})

test('[A19] a connection serves again after a complete answer', async () => {
  const fresh = openAiEndpoint({ baseUrl: server.url, model: 'test', log: silent })
  for (let n = 0; n < 5; n++) await listen(fresh)

  expect(server.requests.length).toBe(5)
  // The pool may open a second one when asked before the first has been handed back.
  expect(new Set(server.requests.map(({ port }) => port)).size).toBeLessThan(3)
  await fresh.close()
})
