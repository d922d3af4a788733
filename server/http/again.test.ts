/** Asking again for a stale suggestion, over HTTP. */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import { eventually } from '#server/testing/eventually.ts'
import { type GuestClient, Served } from '#server/testing/served.ts'
import type { RunInfo, SuggestionInfo } from '#shared/protocol/api.ts'

let model: ModelServer
let served: Served
let ada: GuestClient

beforeAll(async () => {
  model = await startModelServer({ scenario: { text: '' } })
  served = await Served.limited({}, { GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' })
  ada = await served.guest()
})
afterEach(() => model.reset())
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  await model.close()
})

let asked = 0

async function rewrite(id: string, answer: string, more: object = {}): Promise<RunInfo> {
  model.script({ text: answer })
  const { body, status } = await ada.call<{ run: RunInfo }>('POST', `/api/documents/${id}/runs`, {
    command: 'shorten',
    target: { document: true },
    key: `again-${asked++}`,
    ...more,
  })
  expect(status).toBe(202)
  return eventually(async () => {
    const { runs } = (await ada.call<{ runs: RunInfo[] }>('GET', `/api/documents/${id}/runs`)).body
    const run = runs.find((one) => one.id === body.run.id)!
    expect(run.endedAt).not.toBeNull()
    return run
  })
}

const decide = (id: string, run: RunInfo, decision: string, chunks?: number[]) =>
  ada.call<{ detail?: string }>('POST', `/api/documents/${id}/suggestions/${run.id}/decision`, {
    decision,
    key: `decide-${asked++}`,
    ...(chunks && { chunks }),
  })

const suggestionsOf = async (id: string) =>
  (await ada.call<{ suggestions: SuggestionInfo[] }>('GET', `/api/documents/${id}/suggestions`))
    .body.suggestions

const textOf = async (id: string, view: string) =>
  (
    await ada.call<string>('GET', `/api/documents/${id}/content?format=text&suggestions=${view}`)
  ).body.trim()

test('[G8] a stale suggestion is asked again on the present text with the command of its run, and goes once the new one is there', async () => {
  const id = await ada.document('We ought to consider it.', 'edit')
  const first = await rewrite(id, 'b1.1: Let us chew on that.')
  const second = await rewrite(id, 'b1.1: We shall think.')
  expect((await decide(id, first, 'accept')).status).toBe(200)
  expect(await suggestionsOf(id)).toMatchObject([
    {
      id: second.id,
      chunks: [{ n: 1, state: 'stale', reason: { present: 'Let us chew on that.' } }],
    },
  ])
  const refused = await decide(id, second, 'accept', [1])
  expect([refused.status, refused.body.detail]).toEqual([409, expect.stringContaining('changed')])

  const again = await rewrite(id, 'b1.1: We chew.', {
    command: 'proofread',
    again: `${second.id}.1`,
  })

  expect(again).toMatchObject({ command: 'shorten', status: 'finished' })
  const prompt = JSON.stringify(model.requests.at(-1)?.body)
  expect(prompt).toContain('Let us chew on that.')
  expect(prompt).not.toContain('We shall think.')
  await eventually(async () =>
    expect((await suggestionsOf(id)).map((one) => one.id)).toEqual([again.id]),
  )
  expect(await textOf(id, 'without')).toBe('Let us chew on that.')
  expect(await textOf(id, 'accepted')).toBe('We chew.')
})

test('[G8] a new run that has nothing to say leaves the stale one, and what is not stale cannot be asked again', async () => {
  const id = await ada.document('We ought to consider it.', 'edit')
  const first = await rewrite(id, 'b1.1: Let us chew on that.')
  const second = await rewrite(id, 'b1.1: We shall think.')
  const call = (again: string) =>
    ada.call('POST', `/api/documents/${id}/runs`, {
      command: 'shorten',
      target: { document: true },
      key: `again-${asked++}`,
      again,
    })
  for (const chunk of [`${second.id}.1`, `${second.id}.9`, 'nowhere.1']) {
    expect((await call(chunk)).status).toBe(400)
  }
  await decide(id, first, 'accept')
  await rewrite(id, '', { again: `${second.id}.1` })
  expect((await suggestionsOf(id)).map((one) => one.id)).toEqual([second.id])
  expect((await decide(id, second, 'reject')).status).toBe(200)
  expect(await textOf(id, 'inline')).toBe('Let us chew on that.')
})
