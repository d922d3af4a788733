/** Runs that broke off and are gone on with, over a restart of the server, in one suggestion. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import { eventually } from '#server/testing/eventually.ts'
import { LaneClient } from '#server/testing/lane-client.ts'
import { GuestClient, Served } from '#server/testing/served.ts'
import type { RunInfo, SuggestionInfo } from '#shared/protocol/api.ts'

let model: ModelServer
let folder: string
let served: Served
let ada: GuestClient

beforeAll(async () => {
  model = await startModelServer()
  folder = await mkdtemp(join(tmpdir(), 'gloss-going-on-'))
  const models = [{ name: 'small', url: model.url, model: 'scripted', contextTokens: 2_048 }]
  await writeFile(join(folder, 'models.json'), JSON.stringify(models))
  served = await serve()
  ada = await served.guest()
})
afterEach(() => model.reset())
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  await model.close()
  await rm(folder, { recursive: true, force: true })
})

const serve = () =>
  Served.limited({ drainMs: 50 }, { DATA_DIR: folder, GLOSS_MODELS: join(folder, 'models.json') })

async function restart(): Promise<void> {
  await served[Symbol.asyncDispose]()
  served = await serve()
  ada = new GuestClient(served.url, ada.token, ada.me)
}

let asked = 0
async function ask(id: string, more: object): Promise<RunInfo> {
  const { body } = await ada.call<{ run: RunInfo }>('POST', `/api/documents/${id}/runs`, {
    ...{ command: 'continue', target: { document: true }, key: `k${asked++}` },
    ...more,
  })
  return body.run
}
async function runsOf(id: string): Promise<RunInfo[]> {
  return (await ada.call<{ runs: RunInfo[] }>('GET', `/api/documents/${id}/runs`)).body.runs
}
const ended = (id: string, run: string) =>
  eventually(async () => {
    const info = (await runsOf(id)).find((it) => it.id === run)!
    expect(info.endedAt).not.toBeNull()
    return info
  })
async function suggestionsOf(id: string): Promise<SuggestionInfo[]> {
  const path = `/api/documents/${id}/suggestions`
  return (await ada.call<{ suggestions: SuggestionInfo[] }>('GET', path)).body.suggestions
}
async function textOf(id: string, view: 'without' | 'accepted'): Promise<string> {
  const path = `/api/documents/${id}/content?format=text&suggestions=${view}`
  return (await ada.call<string>('GET', path)).body
}
const decide = (id: string, suggestion: string, decision: string, chunks?: number[]) =>
  ada.call('POST', `/api/documents/${id}/suggestions/${suggestion}/decision`, {
    ...{ decision, key: `d${asked++}` },
    ...(chunks && { chunks }),
  })

const LINES = Array.from({ length: 60 }, (_, n) => `Paragraph ${n} says alpha beta gamma delta.`)

test('[P19] case 30.9: a rewrite goes on in its suggestion after a restart in the middle', async () => {
  const id = await ada.document(LINES.join('\n\n'))
  const before = await textOf(id, 'without')
  const lane = await LaneClient.open(ada, id)
  model.script({}, { fault: 'hold', at: 60 })
  const first = await ask(id, { command: 'translate', instruction: 'German' })
  await model.waitFor(({ holding }) => holding)
  await eventually(() => expect(lane.of('run.progress').length).toBeGreaterThan(2))
  lane.close()

  await restart()
  model.reset()
  const broken = await ended(id, first.id)
  expect(broken).toMatchObject({ status: 'interrupted', failure: { continuable: true } })
  expect(broken.progress!.of).toBe(60)
  expect(broken.progress!.done).toBeGreaterThan(5)
  expect(broken.progress!.done).toBeLessThan(60)
  const [half] = await suggestionsOf(id)
  const accepted = half!.chunks.slice(0, 2).map(({ n }) => n)
  await decide(id, first.id, 'accept', accepted)
  const kept = (await textOf(id, 'without')).split('\n\n')

  const both = await Promise.all([
    ask(id, { continues: first.id }),
    ask(id, { continues: first.id }),
  ])

  expect(both[0].id).toBe(both[1].id)
  const second = await ended(id, both[0].id)
  expect(second).toMatchObject({
    ...{ command: 'translate', instruction: 'German', suggestion: first.id },
    ...{ status: 'finished', progress: { done: 60, of: 60, missed: 0 } },
  })
  const all = await suggestionsOf(id)
  expect(all.map((one) => one.id)).toEqual([first.id])
  // Each paragraph was asked for once: one chunk for each, but for the two that are decided.
  expect(all[0]!.chunks.map(({ deleted }) => deleted)).toEqual(LINES.slice(2))
  await decide(id, first.id, 'reject')
  const after = (await textOf(id, 'without')).split('\n\n')
  expect(after).toEqual([...kept.slice(0, 2), ...before.split('\n\n').slice(2)])
})

/** The run goes on in its suggestion, and what it proposes is whole sentences. */
async function goesOnWhole(id: string, first: string): Promise<void> {
  const second = await ask(id, { continues: first })
  expect(second).toMatchObject({ suggestion: first, command: 'continue' })
  await ended(id, second.id)
  const whole = 'One whole sentence. Two sentences there. And three.'
  expect(await textOf(id, 'accepted')).toBe(`Hello.\n\n${whole}\n`)
  expect((await suggestionsOf(id)).map((one) => one.id)).toEqual([first])
}

test('[P20] case 30.10: text that was cut in a word goes on from its last whole sentence', async () => {
  for (const decided of ['first', 'none'] as const) {
    const id = await ada.document('Hello.')
    const text = 'One whole sentence. Two sentences.'
    model.script({ text, tokenSize: 4, fault: 'reset', at: 7 })
    const first = await ask(id, {})
    expect(await ended(id, first.id)).toMatchObject({ failure: { continuable: true } })
    expect(await textOf(id, 'accepted')).toMatch(/One whole sentence\. Two sent\n$/)
    if (decided === 'first') await decide(id, first.id, 'accept', [1])
    await restart()

    model.script({ text: 'Two sentences there. And three.' })
    await goesOnWhole(id, first.id)
    await decide(id, first.id, 'reject')
    const kept = decided === 'first' ? 'Hello.\n\nOne whole sentence.' : 'Hello.'
    expect((await textOf(id, 'without')).trim()).toBe(kept)
  }
})

test('[P20] case 30.10: of a run that wrote but half a sentence nothing stays, and it is asked again', async () => {
  const id = await ada.document('Hello.')
  const half = { text: 'Only half of it.', tokenSize: 4, fault: 'reset', at: 2 } as const
  model.script(half, { text: 'All of it.' })
  const first = await ask(id, { command: 'ask', instruction: 'Say it.' })
  await ended(id, first.id)

  const second = await ask(id, { continues: first.id })

  expect(second).toMatchObject({ command: 'ask', instruction: 'Say it.', suggestion: first.id })
  await ended(id, second.id)
  expect(await textOf(id, 'accepted')).toBe('Hello.\n\nAll of it.\n')
  expect((await suggestionsOf(id)).map((one) => one.id)).toEqual([first.id])
})

test('[P21] case 30.9: a stop ends a rewrite between its windows and in them, and says how far it came', async () => {
  const id = await ada.document(LINES.join('\n\n'))
  const before = await textOf(id, 'without')
  model.script({}, { fault: 'hold', at: 60 })
  const run = await ask(id, { command: 'translate', instruction: 'German' })
  await model.waitFor(({ holding }) => holding)

  await ada.call('POST', `/api/documents/${id}/runs/${run.id}/stop`)

  const info = await ended(id, run.id)
  expect(info).toMatchObject({ status: 'stopped', progress: { of: 60 } })
  expect(model.requests).toHaveLength(2)
  const [suggestion] = await suggestionsOf(id)
  expect(suggestion!.chunks).toHaveLength(info.progress!.done)
  await decide(id, run.id, 'reject')
  expect(await textOf(id, 'without')).toBe(before)
})

test('[P33] case 30.10: a run that was stopped, or was cut by the model’s length, goes on in its suggestion', async () => {
  for (const end of ['stopped', 'length'] as const) {
    const id = await ada.document('Hello.')
    const held = { text: 'One whole sentence. Two sentences.', fault: 'hold', at: 7 } as const
    const cut = { text: 'One whole sentence. Two sent', finish: 'length' } as const
    const more = { text: 'Two sentences there. And three.' }
    model.script({ ...(end === 'stopped' ? held : cut), tokenSize: 4 }, more)
    const first = await ask(id, {})
    if (end === 'stopped') {
      await eventually(async () => expect(await textOf(id, 'accepted')).toContain('sentence. Two'))
      await ada.call('POST', `/api/documents/${id}/runs/${first.id}/stop`)
    }
    const status = end === 'stopped' ? end : 'finished'
    expect(await ended(id, first.id)).toMatchObject({ status, isCut: true })

    await goesOnWhole(id, first.id)
    await decide(id, first.id, 'reject')
    expect((await textOf(id, 'without')).trim()).toBe('Hello.')
  }
})
