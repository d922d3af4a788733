import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'
import { silent } from '#server/log.ts'
import type { Block } from '#shared/document/blocks.ts'
import { findCommand } from '../commands.ts'
import type { SelectedRange } from '../context.ts'
import { ModelError, type ModelPart, type ModelRequest } from '../endpoint.ts'
import { prepare } from '../prepare.ts'
import { BUILT_IN_NAME, builtInEndpoint } from './built-in.ts'
import { completePhrase } from './phrase-completion.ts'
import { Proofreader } from './proofreader.ts'
import { tighten } from './tighten.ts'

// A process that loads a dictionary may take its time on a busy machine.
vi.setConfig({ testTimeout: 90_000 })

const proofreader = new Proofreader({ log: silent })
const endpoint = builtInEndpoint({ log: silent, paceMs: 0, proofreader })
afterAll(() => endpoint.close())

function paragraph(text: string, more: Partial<Block> = {}): Block {
  const spans = [{ client: 1, clock: 0, length: text.length }]
  const id = `1-${text.length}-${text.slice(0, 8)}`
  const inlines = [{ kind: 'text' as const, text, format: 0, spans }]
  return { id, type: 'paragraph', level: 0, inlines, ...more }
}

function request(command: string, blocks: Block[], selection: SelectedRange[] = []): ModelRequest {
  return prepare({
    command: findCommand(command)!,
    instruction: '',
    blocks,
    selection,
    inLine: true,
    endpoint,
    maxOutputTokens: 1000,
  }).request
}

async function parts(request: ModelRequest, signal = new AbortController().signal) {
  const found: ModelPart[] = []
  for await (const part of endpoint.stream(request, { signal })) found.push(part)
  return found
}

async function say(command: string, blocks: Block[], selection: SelectedRange[] = []) {
  const found = await parts(request(command, blocks, selection))
  expect(found.at(-1)).toEqual({ type: 'end', finish: 'stop', usage: { input: 0, output: 0 } })
  return found.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

const ESSAY = [
  'Gardens need water. Most gardens are watered in the evening, when the soil is cool.',
  'Soil that holds water well lets gardens survive a dry summer. Compost makes soil hold water.',
  'My neighbour has a cat. Compost is made from leaves, and compost feeds the soil of gardens.',
].map((text) => paragraph(text))

test('[A60] the engine is named for what it is and answers in small steps', async () => {
  expect(endpoint.name).toBe(BUILT_IN_NAME)
  expect(endpoint.builtIn).toBe(true)

  const found = await parts(request('summarise', ESSAY))

  expect(found.length).toBeGreaterThan(5)
})

test('[A61] a summary is made of sentences that stand in the text', async () => {
  const text = ESSAY.map(({ inlines }) =>
    inlines[0]?.kind === 'text' ? inlines[0].text : '',
  ).join(' ')
  const summary = await say('summarise', ESSAY)

  for (const sentence of summary.split(/(?<=\.) /)) expect(text).toContain(sentence)
  expect(summary.length).toBeLessThan(text.length)
  expect(summary).not.toContain('cat')
})

test('[A61] an outline has the headings and what stands under them', async () => {
  const blocks = [
    paragraph('Water', { type: 'heading', level: 1 }),
    ESSAY[0]!,
    paragraph('In *summer*', { type: 'heading', level: 2 }),
  ]

  expect(await say('outline', blocks)).toBe(
    '- Water\n  - Most gardens are watered in the evening, when the soil is cool.\n  - In \\*summer\\*',
  )
})

test('[A62] tightening shortens by rules and leaves all else alone', async () => {
  expect(tighten('In order to win, we use an approximately flat field.')).toBe(
    'To win, we use an about flat field.',
  )
  expect(tighten('Please note that we utilize it prior to lunch.')).toBe('We use it before lunch.')
  const blocks = [paragraph('All is well. We met in order to talk.')]

  expect(await say('shorten', blocks)).toBe('b1.2: We met to talk.\n')
  expect(await say('shorten', [paragraph('All is well.')])).toBe('@@ none\n')
})

test('[A62] a paragraph becomes a list, one point an item', async () => {
  const blocks = [paragraph('We need: apples, pears and plums.'), paragraph('One thing. Two.')]

  expect(await say('to-list', blocks)).toBe(
    '@@ b1\nWe need:\n\n- apples\n- pears\n- plums\n\n@@ b2\n- One thing.\n- Two.\n\n',
  )
})

test('[A63] a text goes on only as it has gone on before, else with what is missing', async () => {
  const known = 'The quarterly report must be sent to the finance team. '
  expect(completePhrase('The quarterly report must', known.repeat(2))).toBe(
    'be sent to the finance team.',
  )
  expect(completePhrase('Purple elephants dance', known.repeat(2))).toBe('')
  const blocks = [...ESSAY, paragraph('Roses', { type: 'heading', level: 2 })]

  const skeleton = await say('continue', blocks, [{ block: ESSAY[0]!.id, from: 19, to: 19 }])

  expect(skeleton).toContain('- Roses')
  expect(skeleton).toContain('A language model would write this out.')
})

test('[A64] what the engine cannot do it refuses in one sentence, and writes nothing', async () => {
  const failure = await parts(request('translate', ESSAY)).catch((error: unknown) => error)

  expect(failure).toBeInstanceOf(ModelError)
  expect(failure).toMatchObject({ fault: 'bad-request', sentence: expect.stringMatching(/model/) })
  await expect(parts(request('continue', [paragraph('')]))).rejects.toMatchObject({
    sentence: expect.stringContaining('connect a language model'),
  })
})

test('[A65] an abort ends the answer between two steps', async () => {
  const slow = builtInEndpoint({ log: silent, paceMs: 5_000, proofreader })
  const controller = new AbortController()
  const stream = slow.stream(request('summarise', ESSAY), { signal: controller.signal })
  const next = stream[Symbol.asyncIterator]().next()
  controller.abort()

  await expect(next).rejects.toMatchObject({ fault: 'cancelled' })
})

test('[A66] proofreading starts a process, corrects only the sentences with mistakes', async () => {
  expect(proofreader.running).toBe(false)
  const text =
    'This sentence is right. I definately agree with the the plan. Kurtz met Ines 🙂 and Yjs tomorow.'

  const answer = await say('proofread', [paragraph(text)])

  expect(answer).toBe(
    'b1.2: I definitely agree with the plan.\nb1.3: Kurtz met Ines 🙂 and Yjs tomorrow.\n',
  )
  expect(proofreader.running).toBe(true)
  const british = paragraph('The colour of the centre was organised well, they said.')
  expect(await say('proofread', [british])).toBe('@@ none\n')
})

test('[A66] proofreading refuses another language instead of spoiling it', async () => {
  const german = paragraph('Das ist ein deutscher Satz ohne jeden Fehler, den man lesen kann.')

  await expect(parts(request('proofread', [german]))).rejects.toMatchObject({
    sentence: expect.stringContaining('English only'),
  })
})

test('[A67] the death of the process fails what was asked, and the next question starts another', async () => {
  const program = new URL('./plain-markdown.ts', import.meta.url)
  const broken = new Proofreader({ log: silent, program })
  await expect(
    broken.check({ text: 'a', dialect: 'american' }, new AbortController().signal),
  ).rejects.toMatchObject({ fault: 'server' })
  await broken.close()

  const idle = new Proofreader({ log: silent, idleMs: 1 })
  await idle.check({ text: 'A text.', dialect: 'american' }, new AbortController().signal)
  await expect.poll(() => idle.running).toBe(false)
  const again = await idle.check(
    { text: 'An cat.', dialect: 'american' },
    new AbortController().signal,
  )
  expect(again.corrected).toBe('A cat.')
  await idle.close()
  await idle.close()
})

test('[A67] a question that is aborted ends at once', async () => {
  const own = new Proofreader({ log: silent })
  const controller = new AbortController()
  const asked = own.check({ text: 'A text.', dialect: 'american' }, controller.signal)
  controller.abort(new Error('stop'))

  await expect(asked).rejects.toThrow('stop')
  await own.close()
})

test('[P3] case 30.15: the time for an answer begins when the process is ready, and the process is kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gloss-slow-'))
  const program = await slowProgram(folder, { loadsMs: 1_500, answersMs: 0 })
  const slow = new Proofreader({ log: silent, program, answerMs: 1_000 })
  const ask = (signal = new AbortController().signal) =>
    slow.check({ text: 'a', dialect: 'american' }, signal)

  const [first] = await Promise.all([ask(), ask()])

  expect((await ask()).corrected).toBe(first.corrected)
  await slow.close()
  await rm(folder, { recursive: true })
})

test('[P4] a question that is given up leaves the process to the next one, unless it hangs', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gloss-slow-'))
  const late = await slowProgram(folder, { loadsMs: 100, answersMs: 1_500 })
  const slow = new Proofreader({ log: silent, program: late, answerMs: 1_000 })
  const ask = (signal = new AbortController().signal) =>
    slow.check({ text: 'a', dialect: 'american' }, signal)

  await expect(ask()).rejects.toMatchObject({ fault: 'timeout-idle' })
  expect(slow.running).toBe(true)
  const controller = new AbortController()
  const stopped = ask(controller.signal)
  controller.abort(new Error('stop'))
  await expect(stopped).rejects.toThrow('stop')
  expect(slow.running).toBe(true)
  await slow.close()

  const mute = await slowProgram(folder, { loadsMs: 0, answersMs: 1e6 })
  const hangs = new Proofreader({ log: silent, program: mute, answerMs: 50 })
  await expect(
    hangs.check({ text: 'a', dialect: 'american' }, new AbortController().signal),
  ).rejects.toMatchObject({ fault: 'timeout-idle' })
  await expect.poll(() => hangs.running).toBe(false)
  const never = new Proofreader({ log: silent, program: mute, startMs: 1 })
  await expect(
    never.check({ text: 'a', dialect: 'american' }, new AbortController().signal),
  ).rejects.toMatchObject({ fault: 'timeout-first' })
  expect(never.running).toBe(false)
  await Promise.all([hangs.close(), never.close()])
  await rm(folder, { recursive: true })
})

/** A proofreader's process that answers with its own id, and takes its time. */
async function slowProgram(
  folder: string,
  { loadsMs, answersMs }: { loadsMs: number; answersMs: number },
): Promise<URL> {
  const path = join(folder, `${loadsMs}-${answersMs}.mjs`)
  const text = `
    process.on('disconnect', () => process.exit(0))
    process.on('message', ({ id }) =>
      setTimeout(() => {
        process.send({ id, corrected: String(process.pid), english: true })
      }, ${answersMs}))
    setTimeout(() => process.send({ ready: true }), ${loadsMs})`
  await writeFile(path, text)
  return pathToFileURL(path)
}
