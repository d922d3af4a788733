import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import type { Scenario } from '#e2e/model-server/scenario.ts'
import { atBest } from '#server/testing/at-best.ts'
import { eventually } from '#server/testing/eventually.ts'
import { LaneClient } from '#server/testing/lane-client.ts'
import { type Answer, type GuestClient, Served } from '#server/testing/served.ts'
import type { RunInfo, SuggestionInfo } from '#shared/protocol/api.ts'
import { isTerminal } from '#shared/protocol/event.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'

const THREE = 'First kept. Second kept. Third kept.'

let model: ModelServer
let served: Served
let ada: GuestClient
let ben: GuestClient
const serve = (limits: Partial<Limits>) =>
  Served.limited(limits, { GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' })

beforeAll(async () => {
  model = await startModelServer({ scenario: { text: THREE } })
  served = await serve({})
  ada = await served.guest()
  ben = await served.guest()
})
afterEach(() => model.reset())
afterAll(async () => {
  await served[Symbol.asyncDispose]()
  await model.close()
})

let asked = 0
const ask = (guest: GuestClient, id: string, more: object = {}) =>
  guest.call<{ run: RunInfo }>('POST', `/api/documents/${id}/runs`, {
    command: 'continue',
    target: { document: true },
    key: `k${asked++}`,
    ...more,
  })

const runsOf = async (guest: GuestClient, id: string) =>
  (await guest.call<{ runs: RunInfo[] }>('GET', `/api/documents/${id}/runs`)).body.runs

const ended = (guest: GuestClient, id: string, run: string) =>
  eventually(async () => {
    const info = (await runsOf(guest, id)).find((it) => it.id === run)!
    expect(info.endedAt).not.toBeNull()
    return info
  })

const suggestionsOf = async (guest: GuestClient, id: string) =>
  (await guest.call<{ suggestions: SuggestionInfo[] }>('GET', `/api/documents/${id}/suggestions`))
    .body.suggestions

/** A document with one finished suggestion of three sentences. */
async function suggested(): Promise<{ id: string; run: string; chunks: number[] }> {
  const id = await ada.document('Hello.', 'edit')
  const { body } = await ask(ada, id)
  await ended(ada, id, body.run.id)
  const [suggestion] = await suggestionsOf(ada, id)
  return { id, run: body.run.id, chunks: suggestion!.chunks.map(({ n }) => n) }
}

const decide = (guest: GuestClient, id: string, run: string, decision: string, chunks?: number[]) =>
  guest.call<{ chunks?: object[]; winners?: { by: object }[] }>(
    'POST',
    `/api/documents/${id}/suggestions/${run}/decision`,
    { decision, key: `d${asked++}`, ...(chunks && { chunks }) },
  )

test('[H60] one key is one run, however often and however fast it is asked', async () => {
  const id = await ada.document('Hello.')
  const answers = await Promise.all(Array.from({ length: 8 }, () => ask(ada, id, { key: 'same' })))
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(202))
  expect(new Set(answers.map(({ body }) => body.run.id)).size).toBe(1)
  await ended(ada, id, answers[0]!.body.run.id)
  expect(model.requests).toHaveLength(1)
  expect((await ask(ada, id, { key: 'same' })).body.run.id).toBe(answers[0]!.body.run.id)
})

test('[H61] an ask that cannot be is refused, and no model hears of it', async () => {
  const id = await ada.document('Hello.')
  const cases: object[] = [
    { command: 'no-such' },
    { command: 'ask' }, // an instruction is required
    { target: { at: 'AAAA' } },
    { target: { block: 'nowhere' } },
    { target: { range: { from: 'x' } } },
    { target: { document: false } },
    { target: {} },
    { target: 'document' },
    { key: '' },
    { key: 'x'.repeat(129) },
    { instruction: 'x'.repeat(LIMITS.instructionCharacters + 1) },
    { basis: '!' },
    { basis: '____' },
    { continues: 'no-such-run' },
    { max_tokens: 1e9 },
  ]
  for (const more of cases) {
    const answer = await ask(ada, id, more)
    expect(answer.status, JSON.stringify(more).slice(0, 60)).toBe(400)
    expect(answer.headers.get('content-type')).toContain('application/problem+json')
  }
  expect(await runsOf(ada, id)).toEqual([])
  expect(model.requests).toEqual([])
})

test('[H62] four write, then a queue, then 429 with a time to come back', async () => {
  await using small = await serve({ runsPerDocument: 2, runQueuePerDocument: 2 })
  const guest = await small.guest()
  const id = await guest.document('Hello.')
  model.setDefault({ text: THREE, fault: 'hold', at: 1 })

  const taken: Answer<{ run: RunInfo }>[] = []
  for (let n = 0; n < 4; n++) taken.push(await ask(guest, id))
  const refused = await ask(guest, id)

  expect(taken.map(({ body }) => body.run.queue)).toEqual([0, 0, 1, 2])
  expect(refused.status).toBe(429)
  expect(refused.headers.get('retry-after')).not.toBeNull()
  await model.waitFor(({ n, holding }) => n === 2 && holding)
  expect(model.requests).toHaveLength(2)
  model.setDefault({ text: THREE })
  model.release()
  for (const { body } of taken) {
    expect(await ended(guest, id, body.run.id)).toMatchObject({ status: 'finished' })
  }
  expect((await ask(guest, id)).status).toBe(202)
})

test('[H63] all documents together have their number of runs', async () => {
  await using small = await serve({ runsPerWorkspace: 3 })
  const guest = await small.guest()
  model.setDefault({ text: THREE, fault: 'hold', at: 1 })
  const ids = await Promise.all(Array.from({ length: 4 }, () => guest.document('Hello.')))
  for (const id of ids.slice(0, 3)) expect((await ask(guest, id)).status).toBe(202)

  expect((await ask(guest, ids[3]!)).status).toBe(429)

  model.setDefault({ text: THREE })
  model.release()
  await eventually(async () => expect((await ask(guest, ids[3]!)).status).toBe(202))
})

test('[H64] another editor’s stop reaches the model within 200 ms', async () => {
  const id = await ada.document('Hello.', 'edit')
  let run = ''
  const took = await atBest(200, async () => {
    model.reset()
    model.script({ text: THREE, fault: 'hang', at: 2 })
    run = (await ask(ada, id)).body.run.id
    await model.waitFor(({ tokensSent }) => tokensSent === 2)
    const at = Date.now()

    const stop = await ben.call('POST', `/api/documents/${id}/runs/${run}/stop`)

    expect(stop.status).toBe(202)
    const request = await model.waitFor(({ closedBy }) => closedBy === 'client')
    expect(await ended(ada, id, run)).toMatchObject({ status: 'stopped' })
    return request.closedAt! - at
  })
  expect(took).toBeLessThan(200)
  const again = await ada.call('POST', `/api/documents/${id}/runs/${run}/stop`)
  expect(again.status).toBe(202)
  const absent = await ada.call('POST', `/api/documents/${id}/runs/none/stop`)
  expect(absent.status).toBe(404)
  const elsewhere = await ada.document()
  const foreign = await ada.call('POST', `/api/documents/${elsewhere}/runs/${run}/stop`)
  expect(foreign.status).toBe(404)
})

test('[H65] a run outlives every connection of the one who asked', async () => {
  const id = await ada.document('Hello.', 'edit')
  model.script({ text: THREE, fault: 'hold', at: 2 })
  const lane = await LaneClient.open(ben, id)
  const socket = ben.socket(id)
  const { body } = await ask(ben, id)
  await model.waitFor(({ holding }) => holding)
  lane.close()
  socket.terminate()
  await lane.ended
  model.release()
  expect(await ended(ada, id, body.run.id)).toMatchObject({ status: 'finished' })
})

test('[H66] chunks are accepted, rejected, reopened; the same decision again is no error', async () => {
  const { id, run, chunks } = await suggested()
  expect(chunks).toHaveLength(3)
  const [first, second, third] = chunks as [number, number, number]

  expect((await decide(ada, id, run, 'accept', [first])).status).toBe(200)
  expect((await decide(ada, id, run, 'accept', [first])).status).toBe(200)
  expect((await decide(ben, id, run, 'reject', [second])).status).toBe(200)
  expect((await decide(ben, id, run, 'accept', [third])).status).toBe(200)
  expect((await decide(ben, id, run, 'reopen', [third])).status).toBe(200)

  const { body } = await ada.call<string>('GET', `/api/documents/${id}/content?format=text`)
  expect(body).toContain('First kept.')
  expect(body).not.toContain('Second kept.')
  expect(body).not.toContain('Third kept.')
})

test('[H67] a contrary decision gets 409 and the name of who was first', async () => {
  const { id, run, chunks } = await suggested()
  const [n] = chunks as [number]
  await decide(ada, id, run, 'accept', [n])

  const late = await decide(ben, id, run, 'reject', [n])

  expect(late.status).toBe(409)
  expect(late.headers.get('content-type')).toContain('application/problem+json')
  const by = { id: ada.me.id, name: ada.me.name }
  expect(late.body.winners).toEqual([{ n, state: 'accepted', by }])
})

test('[H68] a decision on what is not there, or by who may not, changes nothing', async () => {
  const { id, run } = await suggested()
  const before = await suggestionsOf(ada, id)
  expect((await decide(ada, id, 'none', 'accept')).status).toBe(404)
  expect((await decide(ada, await ada.document(), run, 'accept')).status).toBe(404)
  expect([400, 404]).toContain((await decide(ada, id, run, 'accept', [99])).status)
  expect((await decide(ada, id, run, 'accept', [-1])).status).toBe(400)
  expect((await decide(ada, id, run, 'burn')).status).toBe(400)
  await ada.call('PATCH', `/api/documents/${id}`, { linkRole: 'view' })
  expect((await decide(ben, id, run, 'accept')).status).toBe(403)
  expect(await suggestionsOf(ada, id)).toEqual(before)
})

interface Fault {
  name: string
  scenario: Partial<Scenario>
  /** Every attempt gets the scenario, so that trying again does not hide it. */
  ends: { kind: string; continuable: boolean } | 'finished'
  /** Whether text had come by then. */
  text?: boolean
}
const provider = (continuable: boolean) => ({ kind: 'provider', continuable })
const timeout = { kind: 'timeout', continuable: true }
/** What a model must never get people to read. */
const UPSTREAM = 'sk-secret upstream words'
const FAULTS: Fault[] = [
  { name: 'hangs before headers', scenario: { fault: 'hang', at: 'headers' }, ends: timeout },
  { name: 'hangs before text', scenario: { fault: 'hang', at: 'first' }, ends: timeout },
  { name: 'hangs midway', scenario: { fault: 'hang', at: 4 }, ends: timeout, text: true },
  {
    name: 'sends comments only',
    scenario: { fault: 'comments', at: 4 },
    ends: timeout,
    text: true,
  },
  {
    name: 'resets before headers',
    scenario: { fault: 'reset', at: 'headers' },
    ends: provider(true),
  },
  { name: 'resets midway', scenario: { fault: 'reset', at: 4 }, ends: provider(true), text: true },
  {
    name: 'ends without its mark',
    scenario: { fault: 'end', at: 4 },
    ends: provider(true),
    text: true,
  },
  {
    name: 'sends what is no JSON',
    scenario: { fault: 'malformed', at: 4, count: 50 },
    ends: provider(true),
    text: true,
  },
  {
    name: 'sends an error midway',
    scenario: { fault: 'error-frame', at: 4 },
    ends: provider(true),
    text: true,
  },
  {
    name: 'sends an endless line',
    scenario: { fault: 'endless-line', at: 4 },
    ends: provider(true),
    text: true,
  },
  { name: 'answers with a page', scenario: { shape: 'html' }, ends: provider(true) },
  { name: 'answers with nothing', scenario: { shape: 'empty' }, ends: provider(true) },
  { name: 'refuses the key', scenario: { status: 401, code: UPSTREAM }, ends: provider(false) },
  {
    name: 'takes no more',
    scenario: { status: 429, retryAfter: '1' },
    ends: { kind: 'busy', continuable: true },
  },
  { name: 'fails', scenario: { status: 500, code: UPSTREAM }, ends: provider(true) },
  { name: 'counts nothing', scenario: { usage: 'never' }, ends: 'finished', text: true },
  { name: 'answers all at once', scenario: { shape: 'json' }, ends: 'finished', text: true },
]

test.each(FAULTS)('[H70] a model that $name: one end, a sentence, the text kept', async (fault) => {
  // Only of a model that is silent is the end of our patience to be seen.
  const runSilenceMs = fault.ends === timeout ? 700 : LIMITS.runSilenceMs
  await using quick = await serve({ runSilenceMs })
  const guest = await quick.guest()
  const id = await guest.document('Hello.')
  const lane = await LaneClient.open(guest, id, { after: 0 })
  model.setDefault({ text: THREE, ...fault.scenario })

  const { body } = await ask(guest, id)
  const info = await ended(guest, id, body.run.id)

  await eventually(() => expect(lane.events.some(({ event }) => isTerminal(event))).toBe(true))
  const ends = lane.events.filter(({ event }) => isTerminal(event))
  expect(ends).toHaveLength(1)
  if (fault.ends === 'finished') {
    expect(info).toMatchObject({ status: 'finished', failure: null })
    expect(ends[0]?.event).toBe('run.finished')
  } else {
    expect(info.failure).toMatchObject(fault.ends)
    expect(info.failure?.message).toMatch(/^[A-Z].+\.$/)
    expect(ends[0]).toMatchObject({ event: 'run.failed', data: fault.ends })
  }
  for (const leaked of ['sk-', 'upstream', '<', '{', 'status', model.url, 'ECONN']) {
    expect(JSON.stringify(info.failure?.message ?? '')).not.toContain(leaked)
  }
  const suggestions = await suggestionsOf(guest, id)
  if (fault.text) {
    const text = suggestions
      .flatMap(({ chunks }) => chunks.map(({ inserted }) => inserted))
      .join('')
    expect(text).toContain('First kept.')
    expect((await decide(guest, id, body.run.id, 'accept')).status).toBe(200)
    const read = await guest.call<string>('GET', `/api/documents/${id}/content?format=text`)
    expect(read.body).toContain('First kept.')
  } else {
    expect(suggestions.flatMap(({ chunks }) => chunks)).toEqual([])
  }
  model.setDefault({ text: 'On it goes.' })
  expect((await ask(guest, id)).status).toBe(202) // its place in line is free again
  lane.close()
})

test('[H71] a model that never ends is stopped at its number of tokens', async () => {
  await using quick = await serve({ runOutputTokens: 50 })
  const guest = await quick.guest()
  const id = await guest.document('Hello.')
  const lane = await LaneClient.open(guest, id, { after: 0 })
  model.setDefault({ text: 'Word after word. '.repeat(2_000) })

  const { body } = await ask(guest, id)

  expect(await ended(guest, id, body.run.id)).toMatchObject({ status: 'finished' })
  await eventually(() =>
    expect(lane.of('run.finished')[0]?.data).toMatchObject({ reason: 'length' }),
  )
  const read = await suggestionsOf(guest, id)
  const text = read.flatMap(({ chunks }) => chunks.map(({ inserted }) => inserted)).join('')
  expect(text.length).toBeLessThan(1_000)
  lane.close()
})

test('[H72] a model that streams for ever is stopped when the time is over', async () => {
  await using quick = await serve({ runWallMs: 600 })
  const guest = await quick.guest()
  const id = await guest.document('Hello.')
  model.setDefault({ text: 'Word after word. '.repeat(2_000), delay: 20 })
  const { body } = await ask(guest, id)
  const info = await ended(guest, id, body.run.id)
  expect(info.failure).toMatchObject({ kind: 'timeout', continuable: true })
  await model.waitFor(({ closedBy }) => closedBy === 'client')
})

// Known: places are counted before the run is stored, so asks at once overtake the count.
test('[H73] many who ask at once get no more than there are places', async () => {
  await using small = await serve({ runsPerDocument: 1, runQueuePerDocument: 2 })
  const guest = await small.guest()
  const id = await guest.document('Hello.')
  model.setDefault({ text: THREE, fault: 'hold', at: 1 })
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(guest, id)))
  model.setDefault({ text: THREE })
  model.release()
  await model.waitFor(({ holding }) => !holding)
  expect(answers.map(({ status }) => status).toSorted()).toEqual([
    ...Array(3).fill(202),
    ...Array(17).fill(429),
  ])
})

// Known: the queue is looked at before the key.
test('[H74] a key that is known gets its run also when the queue is full', async () => {
  await using small = await serve({ runsPerDocument: 1, runQueuePerDocument: 1 })
  const guest = await small.guest()
  const id = await guest.document('Hello.')
  model.setDefault({ text: THREE, fault: 'hold', at: 1 })
  const first = await ask(guest, id, { key: 'mine' })
  await ask(guest, id)
  const again = await ask(guest, id, { key: 'mine' })
  model.setDefault({ text: THREE })
  model.release()
  expect(again.body.run?.id).toBe(first.body.run.id)
})

test('[H75] a run that broke off before its first word is asked again, as it was', async () => {
  const id = await ada.document('Hello.')
  model.script({ status: 401 }, { text: 'Here it is.' })
  const first = await ask(ada, id, { command: 'ask', instruction: 'Say it.' })
  await ended(ada, id, first.body.run.id)

  const again = await ask(ada, id, { continues: first.body.run.id })

  expect(again.body.run).toMatchObject({ command: 'ask', instruction: 'Say it.' })
  await ended(ada, id, again.body.run.id)
  const [suggestion] = await suggestionsOf(ada, id)
  expect(suggestion?.chunks.map(({ inserted }) => inserted.trim())).toEqual(['Here it is.'])
})

test('[H76] a run goes on where the text of the one that broke off ends', async () => {
  const id = await ada.document('Hello.')
  model.script({ text: THREE, fault: 'reset', at: 4 }, { text: 'And on.' })
  const first = await ask(ada, id)
  await ended(ada, id, first.body.run.id)

  const second = await ask(ada, id, { continues: first.body.run.id })

  await ended(ada, id, second.body.run.id)
  const content = await ada.call<string>(
    'GET',
    `/api/documents/${id}/content?format=text&suggestions=accepted`,
  )
  expect(content.body).toMatch(/^Hello\.\n\nFirst kept\. Second kept\. ?And on\.\n$/)
})
