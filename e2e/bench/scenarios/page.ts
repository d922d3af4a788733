/** P: a long text is opened in Chromium and typed in, by itself and while a run streams beside. */
import { setTimeout as sleep } from 'node:timers/promises'
import { makeText } from '#e2e/bench/page/text.ts'
import { type Keys, PageTypist } from '#e2e/bench/page/typist.ts'
import { spreadOf } from '#e2e/bench/report/summary.ts'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import { type Metrics, rounded, type Scenario, type Trial } from './scenario.ts'

const BLOCKS = 5_000
const KEYS = 40
const WARM_KEYS = 5
/** Milliseconds between tokens: a brisk model. */
const TOKEN_MS = 20
/** A text that is still being written when the last key is pressed, a paragraph each so many words. */
const TOKENS = 4_000
const PARAGRAPH = 40

export const page: Scenario = {
  name: 'page',
  does: `a text of ${BLOCKS.toLocaleString('en-GB')} blocks of ten words is opened in Chromium and typed in`,
  servers: ['lexical', 'gloss'],
  baseline: 'lexical',
  rounds: 3,
  columns: [
    { key: 'open', title: 'open ms', ratio: true },
    { key: 'openBusy', title: 'of it busy ms', ratio: true },
    { key: 'p50', title: 'key to paint p50 ms', ratio: true },
    { key: 'p95', title: 'p95 ms', ratio: true },
    { key: 'busy', title: 'busy ms / key', ratio: true },
    { key: 'script', title: 'script ms / key', ratio: true },
    { key: 'runP50', title: 'while a run streams: p50 ms', ratio: true },
    { key: 'runP95', title: 'p95 ms', ratio: true },
    { key: 'runBusy', title: 'busy ms / key', ratio: true },
  ],
  run,
}

async function run({ server: name, start, quick }: Trial): Promise<Metrics> {
  const text = makeText(quick ? 500 : BLOCKS)
  const keys = quick ? 10 : KEYS
  const model = await startModelServer({ scenario: { text: answer(), delay: TOKEN_MS } })
  const server = await start(
    name === 'gloss' ? { GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' } : {},
  )
  const where = await server.page?.(text)
  if (!where) throw new Error(`${name} has no page`)
  const typist = await PageTypist.start(where, text.blocks)
  try {
    // Its files are in the browser's cache by the second opening, as they are for whoever comes back.
    await typist.open(where.url)
    const opening = await typist.open(where.url)
    await sleep(1_500)
    await typist.goToMiddle()
    await typist.type(WARM_KEYS)
    const alone = await typist.type(keys)
    // The plain page knows no runs: there the second window is like the first.
    if (name === 'gloss') await ask(typist, model)
    await typist.goToMiddle()
    await typist.type(WARM_KEYS)
    const beside = await typist.type(keys)
    return {
      open: rounded(opening.ms),
      openBusy: rounded(opening.busyMs),
      ...figuresOf(alone, 'p50', 'p95', 'busy'),
      script: rounded(alone.scriptMs),
      ...figuresOf(beside, 'runP50', 'runP95', 'runBusy'),
    }
  } finally {
    await typist.close()
    await model.close()
  }
}

/** Asks the co-pilot to go on two blocks below where is typed, and waits until it does. */
async function ask(typist: PageTypist, model: ModelServer): Promise<void> {
  await typist.goToMiddle(2)
  await typist.page.keyboard.press('Control+j')
  await typist.page.getByRole('combobox', { name: 'Ask the co-pilot' }).fill('Write on')
  await typist.page.keyboard.press('Enter')
  await model.waitFor(({ tokensSent }) => tokensSent > 20, 60_000)
  await typist.text.locator('.prov-ins').first().waitFor({ timeout: 60_000 })
}

function figuresOf({ paints, busyMs }: Keys, p50: string, p95: string, busy: string): Metrics {
  const sorted = paints.toSorted((a, b) => a - b)
  return {
    [p50]: rounded(spreadOf(sorted)?.median ?? Number.NaN),
    [p95]: rounded(sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN),
    [busy]: rounded(busyMs),
  }
}

function answer(): string {
  const words = Array.from({ length: TOKENS }, (_, n) =>
    n % PARAGRAPH === PARAGRAPH - 1 ? 'said.\n\n' : n % PARAGRAPH === 0 ? 'So ' : 'they ',
  )
  return words.join('')
}
