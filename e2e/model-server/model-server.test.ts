import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { atBest, timed } from '#server/testing/at-best.ts'
import { tokensOf } from './frames.ts'
import { startModelServer } from './model-server.ts'
import { readScenario } from './scenario.ts'

function post(url: string, body: unknown, signal: AbortSignal | null = null): Promise<Response> {
  const headers = { 'content-type': 'application/json' }
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal })
}

const chat = (model: string, content: string, stream: boolean) => ({
  model,
  stream,
  messages: [{ role: 'user', content }],
})

async function answer(url: string, content: string): Promise<string> {
  const response = await post(`${url}/chat/completions`, chat('scripted', content, false))
  const { choices } = await response.json()
  return choices[0].message.content
}

test('[A27] without a script it says something that fits the prompt, twice the same', async () => {
  await using server = await startModelServer()

  const prose = await answer(server.url, 'Write about lists.')
  expect(await answer(server.url, 'Write about lists.')).toBe(prose)
  expect(await answer(server.url, 'Write about tables.')).not.toBe(prose)
  expect(prose.length).toBeGreaterThan(100)

  const edit = await answer(server.url, 'b12.1: It is what it is, I think so.\nb12.2: Yes.')
  expect(edit.trim().split('\n')).toEqual([
    expect.stringMatching(/^b12\.1: It /),
    expect.stringMatching(/^b12\.2: Yes/),
  ])
  const rewrite = await answer(server.url, '@@ b1\nNew text.\nMarked: b7\nb6: No.\nb7: Yes.')
  expect(rewrite).toMatch(/^@@ b7\n\S/)
  expect(rewrite).not.toContain('b6')
})

test('[A27] a stream is frames, an end mark, and the tokens joined are the text', async () => {
  await using server = await startModelServer()
  server.script({ text: 'Two  words\n', finish: 'length' })

  const response = await post(`${server.url}/chat/completions`, chat('scripted', 'Hi', true))
  const frames = (await response.text()).split('\n\n').filter((frame) => frame !== '')

  expect(frames.every((frame) => frame.startsWith('data: '))).toBe(true)
  expect(frames.pop()).toBe('data: [DONE]')
  const choices = frames.map((frame) => JSON.parse(frame.slice(6)).choices[0])
  expect(choices.map(({ delta }) => delta.content ?? '').join('')).toBe('Two  words\n')
  expect(choices.at(-1).finish_reason).toBe('length')
  expect(tokensOf('é👩 x', 1)).toEqual(['é', '👩', ' ', 'x'])
})

test('[A28] a fault can be chosen by the model’s name, the queue and the default', async () => {
  await using server = await startModelServer({ scenario: { status: 500 } })
  server.script({ status: 429, retryAfter: '7' })
  const ask = (model: string) => post(`${server.url}/chat/completions`, chat(model, 'Hi', true))

  const queued = await ask('scripted')
  const byDefault = await ask('scripted')
  const named = await ask('scripted?status=401')

  expect([queued.status, byDefault.status, named.status]).toEqual([429, 500, 401])
  expect(queued.headers.get('retry-after')).toBe('7')
  expect(server.requests.map(({ model }) => model)).toEqual(['scripted', 'scripted', 'scripted'])
})

test('[A28] a running process is steered over HTTP', async () => {
  await using server = await startModelServer()
  await post(`${server.origin}/__script`, {
    next: [{ text: 'one two three', fault: 'hold', at: 2 }],
  })

  const asked = post(`${server.url}/chat/completions`, chat('scripted', 'Hi', true))
  const held = await server.waitFor(({ holding }) => holding)
  expect(held.tokensSent).toBe(2)
  await post(`${server.origin}/__release`, {})

  expect(await (await asked).text()).toContain('three')
  const journal = await (await fetch(`${server.origin}/__requests`)).json()
  expect(journal).toMatchObject([{ tokensSent: 3, closedBy: 'server' }])
})

test('[A28] in lock-step it says a token when it is let, and not before', async () => {
  await using server = await startModelServer()
  server.script({ text: 'one two three', fault: 'lock-step', at: 1 })
  const response = await post(`${server.url}/chat/completions`, chat('scripted', 'Hi', true))
  const heard = response.text()

  for (const said of [1, 2]) {
    const { tokensSent } = await server.waitFor(({ holding }) => holding)
    expect(tokensSent).toBe(said)
    server.release()
  }

  expect(await heard).toContain('three')
  expect(server.requests).toMatchObject([{ tokensSent: 3, holding: false, closedBy: 'server' }])
})

test('[A28] a script it cannot read is refused with the field’s name', async () => {
  await using server = await startModelServer()

  const wrong = await post(`${server.origin}/__script`, { next: [{ fault: 'catch fire' }] })

  expect(wrong.status).toBe(400)
  expect((await wrong.json()).error.message).toContain('fault')
  expect(() => readScenario({ flames: 1 })).toThrow(/flames/)
  expect(() => readScenario({ delay: -1 })).toThrow(/delay/)
  expect(() => readScenario({ at: 'later' })).toThrow(/at/)
  expect(readScenario({ at: '3', keepalive: '1' })).toEqual({ at: 3, keepalive: true })
  expect((await post(`${server.url}/chat/completions`, { messages: 'x' })).status).toBe(400)
})

test('[A29] the journal says who ended a request, after how many tokens, and when', async () => {
  await using server = await startModelServer()
  server.script({ fault: 'hang', at: 3 })
  const abort = new AbortController()
  const response = await post(
    `${server.url}/chat/completions`,
    chat('scripted', 'Hi', true),
    abort.signal,
  )
  await server.waitFor(({ tokensSent }) => tokensSent === 3)
  abort.abort()

  const entry = await server.waitFor(({ closedBy }) => closedBy !== undefined)
  expect(response.status).toBe(200)
  expect(entry).toMatchObject({ closedBy: 'client', tokensSent: 3 })
  expect(entry.msToClose).toBeGreaterThanOrEqual(0)
})

test('[A29] it keeps the pace it is given', async () => {
  await using server = await startModelServer()
  const took = await atBest(900, () => {
    server.script({ text: 'word '.repeat(51), delay: 10 })
    return timed(async () =>
      (await post(`${server.url}/chat/completions`, chat('scripted', 'Hi', true))).text(),
    )
  })

  expect(took).toBeGreaterThan(480)
  expect(took).toBeLessThan(900)
})

test('[A29] as a program it listens, answers and stops when told', async () => {
  const program = spawn(process.execPath, ['e2e/model-server/main.ts', '--port', '0'])
  const [line] = await once(program.stdout, 'data')
  const url = /GLOSS_MODEL_URL=(\S+)/.exec(String(line))?.[1]

  const models = await (await fetch(`${url}/models`)).json()
  expect(models.data[0].id).toBe('scripted')
  program.kill('SIGTERM')

  expect(await once(program, 'exit')).toEqual([0, null])
})
