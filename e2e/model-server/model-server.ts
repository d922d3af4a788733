/**
 * The scripted model server: an OpenAI-style endpoint over real HTTP that says what it was told
 * to, in the pieces, at the pace and with the fault it was told to. For tests and for trying
 * things by hand; the product never depends on it. Steering over HTTP: see README.md.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerTo, type ChatMessage } from './answer.ts'
import { tokensOf } from './frames.ts'
import { Journal, type JournalEntry } from './journal.ts'
import { play } from './reply.ts'
import { DEFAULT_SCENARIO, readScenario, type Scenario, scenarioOfModel } from './scenario.ts'

const BODY_BYTES = 16 * 1024 * 1024

export interface ModelServerOptions {
  /** 0, the default, takes a free one. */
  port?: number
  /** What a request gets that nothing else speaks for. */
  scenario?: Partial<Scenario>
}

/** Starts on 127.0.0.1; listening when it resolves. */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const server = new ModelServer(options.scenario ?? {})
  await server.listen(options.port ?? 0)
  return server
}

export class ModelServer {
  readonly #journal = new Journal()
  readonly #server: Server
  #base: Partial<Scenario>
  #queue: Partial<Scenario>[] = []
  #held: (() => void)[] = []

  constructor(base: Partial<Scenario>) {
    this.#base = base
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy()
        else sendJson(response, 400, { error: { message: String(error) } })
      })
    })
  }

  /** The base URL of the dialect, such as `http://127.0.0.1:4010/v1`. */
  get url(): string {
    return `${this.origin}/v1`
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** The journal: every chat request so far, in order. */
  get requests(): readonly JournalEntry[] {
    return this.#journal.entries
  }

  /** Scenarios for the next requests, one each, in order. */
  script(...scenarios: Partial<Scenario>[]): void {
    this.#queue.push(...scenarios)
  }

  /** What requests get from now on that the queue and the model's name leave open. */
  setDefault(scenario: Partial<Scenario>): void {
    this.#base = scenario
  }

  /** Lets every answer go on that holds. */
  release(): void {
    for (const go of this.#held.splice(0)) go()
  }

  /** Lets what holds go on, once there is something that does. */
  async resume(): Promise<void> {
    await this.waitFor(({ holding }) => holding)
    this.release()
  }

  /** The first request, past or to come, that is so. */
  waitFor(predicate: (entry: JournalEntry) => boolean, timeoutMs?: number): Promise<JournalEntry> {
    return this.#journal.waitFor(predicate, timeoutMs)
  }

  /** Lets every answer go on that holds; resolves when none is under way. */
  async quiet(): Promise<void> {
    const under = (entry: JournalEntry) => entry.closedBy === undefined
    for (let one = this.requests.find(under); one; one = this.requests.find(under)) {
      this.release()
      const { n } = one
      await this.waitFor((entry) => entry.n === n && !(under(entry) && !entry.holding))
    }
  }

  /** Forgets the queue and the journal, and lets go what holds. */
  reset(): void {
    this.#queue = []
    this.#journal.clear()
    this.release()
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  /** Ends every connection. Idempotent. */
  async close(): Promise<void> {
    this.release()
    this.#server.closeAllConnections()
    if (this.#server.listening) await new Promise((done) => this.#server.close(done))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', 'http://model').pathname
    const route = `${request.method} ${path}`
    if (route === 'POST /v1/chat/completions') return await this.#chat(request, response)
    if (route === 'GET /v1/models') return sendJson(response, 200, MODELS)
    if (route === 'GET /__requests') return sendJson(response, 200, this.requests)
    if (request.method === 'POST' && path.startsWith('/__')) {
      this.#steer(path, await readJson(request))
      return sendJson(response, 200, { ok: true })
    }
    sendJson(response, 404, { error: { message: 'no such route' } })
  }

  #steer(path: string, body: Record<string, unknown>): void {
    switch (path) {
      case '/__release':
        this.release()
        break
      case '/__reset':
        this.reset()
        break
      case '/__script': {
        const next = body.next ?? []
        if (!Array.isArray(next)) throw new Error('next is a list of scenarios')
        const scenarios = next.map(readScenario)
        if (body.default !== undefined) this.setDefault(readScenario(body.default))
        this.script(...scenarios)
        break
      }
      default:
        throw new Error(`there is no ${path}`)
    }
  }

  async #chat(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readJson(request)
    const messages = messagesOf(body)
    const { name, scenario: ofModel } = scenarioOfModel(String(body.model ?? 'scripted'))
    const scenario = { ...DEFAULT_SCENARIO, ...this.#base, ...this.#queue.shift(), ...ofModel }
    const entry = this.#journal.add({
      model: name,
      stream: body.stream === true,
      messages,
      body,
      authorization: request.headers.authorization,
      scenario,
      startedAt: Date.now(),
      port: request.socket.remotePort,
      tokensSent: 0,
      bytesSent: 0,
      stalled: false,
      holding: false,
      closedBy: undefined,
      closedAt: undefined,
      msToClose: undefined,
    })
    await this.#perform(entry, response)
  }

  async #perform(entry: JournalEntry, response: ServerResponse): Promise<void> {
    const closed = new AbortController()
    let lastByteAt = performance.now()
    let playing = true
    const close = (by: 'client' | 'server') => {
      if (entry.closedBy) return
      entry.closedBy = by
      entry.closedAt = Date.now()
      entry.msToClose = performance.now() - lastByteAt
      this.#journal.changed()
    }
    response.on('close', () => {
      close(playing && !response.writableEnded ? 'client' : 'server')
      closed.abort()
    })
    const options = entry.body.stream_options
    try {
      await play({
        response,
        scenario: entry.scenario,
        answer: {
          model: entry.model,
          id: `chatcmpl-${entry.n}`,
          text: entry.scenario.text ?? answerTo(entry.messages),
          promptTokens: tokensOf(entry.messages.map(({ content }) => content).join(' '), 0).length,
        },
        stream: entry.stream,
        usageAsked: isRecord(options) && options.include_usage === true,
        closed: closed.signal,
        wrote: (bytes, tokens) => {
          if (bytes > 0) lastByteAt = performance.now()
          entry.bytesSent += bytes
          entry.tokensSent += tokens
          this.#journal.changed()
        },
        stalled: (yes) => {
          entry.stalled = yes
          this.#journal.changed()
        },
        held: () => this.#hold(entry, closed.signal),
      })
      close('server')
    } catch (error) {
      if (!closed.signal.aborted) throw error
    } finally {
      playing = false
    }
  }

  #hold(entry: JournalEntry, closed: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onClosed = () => reject(closed.reason)
      closed.addEventListener('abort', onClosed, { once: true })
      this.#held.push(() => {
        closed.removeEventListener('abort', onClosed)
        entry.holding = false
        resolve()
      })
      entry.holding = true
      this.#journal.changed()
    })
  }
}

const MODELS = {
  object: 'list',
  data: ['scripted', 'scripted?delay=40', 'scripted?fault=reset&at=10&delay=40'].map((id) => ({
    id,
    object: 'model',
    created: 0,
    owned_by: 'gloss',
  })),
}

function messagesOf(body: Record<string, unknown>): ChatMessage[] {
  const messages = body.messages
  if (!Array.isArray(messages)) throw new Error('messages is a list')
  return messages.map((message: unknown) => {
    if (!isRecord(message)) throw new Error('a message is an object')
    return { role: String(message.role), content: String(message.content) }
  })
}

async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > BODY_BYTES) throw new Error('the body is too large')
    chunks.push(chunk)
  }
  const body: unknown = JSON.parse(Buffer.concat(chunks).toString() || '{}')
  if (!isRecord(body)) throw new Error('the body is an object')
  return body
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
