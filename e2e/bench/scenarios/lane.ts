/** L: a run streams while a thousand read the document's SSE lane. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Histogram } from '#e2e/bench/histogram.ts'
import { inTurns } from '#e2e/bench/in-turns.ts'
import { openWindow, residentBytes } from '#e2e/bench/usage.ts'
import { EventSource } from '#e2e/bench/wire/event-source.ts'
import { type ModelServer, startModelServer } from '#e2e/model-server/model-server.ts'
import { type Metrics, MIB, rounded, type Scenario, type Trial } from './scenario.ts'

const SUBSCRIBERS = 1_000
/** Milliseconds between tokens: a brisk model. */
const TOKEN_MS = 20
const WARM_TOKENS = 100
const TOKENS = 300

export const lane: Scenario = {
  name: 'SSE',
  does: `${SUBSCRIBERS} read a document's SSE lane while a model says ${1_000 / TOKEN_MS} tokens a second`,
  servers: ['sse', 'gloss'],
  baseline: 'sse',
  rounds: 2,
  columns: [
    { key: 'p50', title: 'token to subscriber p50 ms', ratio: true },
    { key: 'p99', title: 'p99 ms', ratio: true },
    { key: 'cpu', title: 'CPU ms / 1,000 tokens delivered', ratio: true },
    { key: 'events', title: 'events / token' },
    { key: 'missing', title: 'not delivered' },
    { key: 'kb', title: 'KB / subscriber', ratio: true },
    { key: 'rss', title: 'RSS MB' },
    { key: 'other', title: 'other CPU %' },
  ],
  run,
}

async function run({ start, quick }: Trial): Promise<Metrics> {
  const tokens = WARM_TOKENS + (quick ? 50 : TOKENS)
  const model = await startModelServer({
    scenario: {
      // Each token has one `w`, by which it is counted.
      text: Array.from({ length: tokens }, (_, n) => `w${n}`).join(' '),
      delay: TOKEN_MS,
    },
  })
  const server = await start({ GLOSS_MODEL_URL: model.url, GLOSS_MODEL: 'scripted' })
  const { lane, ask } = server
  if (!lane || !ask) throw new Error(`${server.name} has no lane`)
  const [room = ''] = await server.rooms(1)
  const sentAt = watchTokens(model)
  const count = quick ? 100 : SUBSCRIBERS
  const before = residentBytes(server.pid)
  const readers: Reader[] = []
  const streams: EventSource[] = []
  await inTurns(
    Array.from({ length: count }, (_, n) => n),
    50,
    async (n) => {
      const reader = new Reader(sentAt)
      readers.push(reader)
      streams.push(await EventSource.open(await lane(room, n), reader))
    },
  )
  await sleep(500)
  const rss = residentBytes(server.pid)

  await ask(room, model.url)
  await until(() => sentAt.length > WARM_TOKENS)
  for (const reader of readers) reader.begin(sentAt.length)
  const first = sentAt.length
  const window = openWindow(server.pid)
  await until(() => sentAt.length >= tokens)
  const { serverMs, otherPercent } = window()
  await until(() => readers.every((reader) => reader.tokens >= tokens), 3_000)
  const latency = new Histogram()
  for (const reader of readers) latency.addAll(reader.latency)
  const events = readers.reduce((sum, reader) => sum + reader.events, 0)
  const delivered = (tokens - first) * count
  for (const stream of streams) stream.close()
  await model.close()
  return {
    p50: rounded(latency.quantile(0.5)),
    p99: rounded(latency.quantile(0.99)),
    cpu: rounded((serverMs * 1000) / delivered),
    events: rounded(events / delivered),
    missing: readers.reduce((sum, reader) => sum + tokens - reader.tokens, 0),
    kb: rounded((rss - before) / 1024 / count),
    rss: rounded(rss / MIB),
    other: rounded(otherPercent),
  }
}

class Reader {
  readonly latency = new Histogram()
  readonly #sentAt: readonly number[]
  #from = Number.POSITIVE_INFINITY
  tokens = 0
  events = 0

  constructor(sentAt: readonly number[]) {
    this.#sentAt = sentAt
  }

  /** From the token with this number on, times count. */
  begin(token: number): void {
    this.#from = token
  }

  event(text: string): void {
    const words = wordsOf(text)
    if (words === 0) return
    const now = performance.now()
    if (this.tokens >= this.#from) this.events++
    for (let n = 0; n < words; n++) {
      const sent = this.#sentAt[this.tokens++]
      if (sent !== undefined && this.tokens > this.#from) this.latency.add(now - sent)
    }
  }

  closed(): void {
    this.#from = Number.POSITIVE_INFINITY
  }
}

let lastEvent = ''
let lastWords = 0

/** How many tokens an event brings. All readers get the same one after the other. */
function wordsOf(event: string): number {
  if (event !== lastEvent) {
    lastEvent = event
    lastWords = 0
    const json = /^event: run\.delta$/m.test(event) && /^data: (.*)$/m.exec(event)?.[1]
    if (json) {
      const { text } = JSON.parse(json) as { text: string }
      lastWords = text.split('w').length - 1
    }
  }
  return lastWords
}

/** When the model's server wrote each token. */
function watchTokens(model: ModelServer): number[] {
  const at: number[] = []
  const watch = model.waitFor(({ tokensSent }) => {
    while (at.length < tokensSent) at.push(performance.now())
    return false
  }, 60_000)
  watch.catch(() => undefined)
  return at
}

async function until(condition: () => boolean, ms = 30_000): Promise<void> {
  const end = performance.now() + ms
  while (!condition() && performance.now() < end) await sleep(2)
}
