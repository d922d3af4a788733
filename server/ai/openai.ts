/**
 * A model behind an OpenAI-style URL (OpenAI, vLLM, llama.cpp, LM Studio, OpenRouter, Ollama's
 * /v1). It speaks the dialect and names every fault; it tries nothing twice, and what stands in
 * front of it (retry, limits, fallback) is not its business.
 */
import { Agent, request as send } from 'undici'
import type { Log } from '#server/log.ts'
import { type ModelEndpoint, ModelError, type ModelPart, type ModelRequest } from './endpoint.ts'
import { eventsOf, FRAME_BYTES } from './event-source.ts'
import { readAnswer, readRefusal } from './openai-answer.ts'
import { Watch } from './watch.ts'
import { WholeCharacters } from './whole-characters.ts'

const CONNECT_MS = 5_000
const REFUSAL_BYTES = 64 * 1024
const DEFAULT_CONTEXT_TOKENS = 8_192
/** Torn frames beyond these make the whole stream worthless. */
const TORN_FRAMES = 3

export interface OpenAiOptions {
  /** What people see; the model's name if left out. */
  name?: string
  /** Such as `http://localhost:11434/v1`. */
  baseUrl: string
  model: string
  key?: string
  contextTokens?: number
  log: Log
}

type StreamOptions = Parameters<ModelEndpoint['stream']>[1]
type Part = Exclude<ModelPart, { type: 'end' }>
type End = Extract<ModelPart, { type: 'end' }>
type Body = AsyncIterable<Uint8Array>

/** Throws when `baseUrl` is not an http or https URL. Opens no connection yet. */
export function openAiEndpoint(options: OpenAiOptions): ModelEndpoint {
  return new OpenAiEndpoint(options)
}

class OpenAiEndpoint implements ModelEndpoint {
  readonly name: string
  readonly builtIn = false
  readonly contextTokens: number
  readonly #url: URL
  readonly #model: string
  readonly #key: string | undefined
  readonly #log: Log
  readonly #live = new Set<Watch>()
  // Our own deadlines are stricter and know what counts; those of undici are off.
  readonly #agent = new Agent({
    connect: { timeout: CONNECT_MS },
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  #closed = false

  constructor({ name, baseUrl, model, key, contextTokens, log }: OpenAiOptions) {
    this.#url = new URL(`${baseUrl.replace(/\/+$/, '')}/chat/completions`)
    if (!/^https?:$/.test(this.#url.protocol)) throw new Error('a model URL is http or https')
    this.name = name ?? model
    this.contextTokens = contextTokens ?? DEFAULT_CONTEXT_TOKENS
    this.#model = model
    this.#key = key
    this.#log = log
  }

  async *stream(
    request: ModelRequest,
    { signal, deadlines }: StreamOptions,
  ): AsyncGenerator<ModelPart, void, void> {
    const watch = new Watch(signal, deadlines)
    const answer = new AnswerSoFar(watch)
    this.#live.add(watch)
    try {
      if (this.#closed) watch.end(new ModelError('cancelled', 'the endpoint is closed'))
      if (watch.error) throw watch.error
      for await (const part of this.#parts(request, watch, answer)) {
        if (part.type === 'text') answer.partial = true
        watch.handOver()
        yield part
        watch.takeBack()
      }
    } catch (error) {
      const fault = watch.error ?? explain(error)
      // With its finish reason an answer is complete, whatever becomes of the connection.
      if (!answer.complete || fault.fault === 'cancelled' || fault.fault === 'stalled') {
        throw this.#failed(fault, answer)
      }
    } finally {
      // Nothing is left to cancel after a complete answer; leaving the loop early ends here too.
      watch.end(new ModelError('cancelled', 'nobody reads on'))
      this.#live.delete(watch)
    }
    yield* this.#farewell(answer)
  }

  /** Ends every stream under way. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
    for (const watch of this.#live) watch.end(new ModelError('cancelled', 'the endpoint is closed'))
    if (!this.#agent.destroyed) await this.#agent.destroy()
  }

  async *#parts(request: ModelRequest, watch: Watch, answer: AnswerSoFar): AsyncGenerator<Part> {
    const response = await this.#send(request, watch.signal)
    if (response.statusCode < 200 || response.statusCode > 299) {
      throw await refusal(response.statusCode, response.headers, response.body, watch)
    }
    watch.answered()
    const type = String(response.headers['content-type'] ?? '')
    if (/\bjson\b|\bhtml\b/.test(type)) yield* wholeAnswer(response.body, answer)
    else yield* streamedAnswer(response.body, watch, answer)
    if (!answer.complete) throw new ModelError('truncated', 'the stream ended before the answer')
  }

  #send(request: ModelRequest, signal: AbortSignal) {
    const limit = limitName(this.#url)
    return send(this.#url, {
      dispatcher: this.#agent,
      method: 'POST',
      signal,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(this.#key ? { authorization: `Bearer ${this.#key}` } : {}),
      },
      body: JSON.stringify({
        model: this.#model,
        messages: request.messages,
        stream: true,
        stream_options: { include_usage: true },
        [limit]: request.maxOutputTokens,
        ...(request.temperature === undefined ? {} : { temperature: request.temperature }),
      }),
    })
  }

  *#farewell({ rest, torn, finish, usage }: AnswerSoFar): Generator<ModelPart> {
    if (rest) yield { type: 'text', text: rest }
    if (torn > 0) {
      this.#log.warn({ endpoint: this.name, torn }, 'the model sent torn frames')
      yield { type: 'warning', text: `${torn} torn ${torn === 1 ? 'frame' : 'frames'} skipped` }
    }
    yield { type: 'end', finish: finish ?? 'stop', usage }
  }

  #failed(error: ModelError, { partial }: AnswerSoFar): ModelError {
    error.partial = partial
    const facts = { endpoint: this.name, fault: error.fault, status: error.status, partial }
    if (error.fault === 'cancelled') this.#log.debug(facts, 'the answer is wanted no more')
    else this.#log.warn(facts, 'the model did not finish its answer')
    return error
  }
}

/** What has been learnt of an answer while its parts went out. */
class AnswerSoFar {
  readonly #watch: Watch
  readonly #characters = new WholeCharacters()
  partial = false
  torn = 0
  marked = false
  finish: End['finish'] | undefined
  usage: End['usage']

  constructor(watch: Watch) {
    this.#watch = watch
  }

  get complete(): boolean {
    return this.marked || this.finish !== undefined
  }

  /** Half a character that waits for its other half in vain. */
  get rest(): string {
    return this.#characters.rest()
  }

  /** The parts of one frame or completion. Torn ones are counted, too many throw. */
  *read(json: string): Generator<Part> {
    const reading = readAnswer(json)
    if (!reading) {
      this.torn++
      if (this.torn > TORN_FRAMES) throw new ModelError('bad-stream', 'too many torn frames')
      return
    }
    if (reading.text || reading.reasoning || reading.tool) this.#watch.content()
    if (reading.usage) this.usage = reading.usage
    if (reading.reasoning) yield { type: 'reasoning', text: reading.reasoning }
    const text = this.#characters.push(reading.text)
    if (text) yield { type: 'text', text }
    this.finish ??= reading.finish
  }
}

/** Reads on after the end mark until the body ends, so that the connection can be used again. */
async function* streamedAnswer(
  body: Body,
  watch: Watch,
  answer: AnswerSoFar,
): AsyncGenerator<Part> {
  for await (const events of eventsOf(body)) {
    for (const data of events) {
      if (answer.marked) break
      const wasComplete = answer.complete
      if (data.trim() === '[DONE]') answer.marked = true
      else yield* answer.read(data)
      if (answer.complete && !wasComplete) watch.finishing()
    }
  }
}

/** For servers that answer at once although a stream was asked for. */
async function* wholeAnswer(body: Body, answer: AnswerSoFar): AsyncGenerator<Part> {
  const text = await readAtMost(body, FRAME_BYTES)
  if (text.trim() === '') return
  const before = answer.torn
  yield* answer.read(text)
  if (answer.torn > before) throw new ModelError('bad-stream', 'neither a stream nor an answer')
  answer.marked = true
}

async function refusal(
  status: number,
  headers: Record<string, string | string[] | undefined>,
  body: Body,
  watch: Watch,
): Promise<ModelError> {
  let text = ''
  try {
    text = await readAtMost(body, REFUSAL_BYTES)
  } catch {
    // The status says enough, unless it was us who ended it.
    if (watch.error?.fault === 'cancelled') return watch.error
  }
  return readRefusal(status, text, headers)
}

/** Leaving the loop at the limit ends the request. */
async function readAtMost(body: Body, limit: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  for await (const piece of body) {
    pieces.push(piece)
    bytes += piece.length
    if (bytes > limit) break
  }
  return Buffer.concat(pieces).toString('utf8')
}

/** OpenAI itself refuses the old name for its newer models; the others know no other. */
const limitName = (url: URL) =>
  /(^|\.)openai\.(com|azure\.com)$/.test(url.hostname) ? 'max_completion_tokens' : 'max_tokens'

const UNREACHABLE =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|UND_ERR_CONNECT_TIMEOUT|CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/

/** Names a failure of the connection. Its message and data may hold upstream bytes: not kept. */
function explain(error: unknown): ModelError {
  if (error instanceof ModelError) return error
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown'
  if (UNREACHABLE.test(code)) return new ModelError('connect', `connect: ${code}`)
  if (code.startsWith('HPE_')) return new ModelError('bad-stream', `bad-stream: ${code}`)
  return new ModelError('reset', `reset: ${code}`)
}
