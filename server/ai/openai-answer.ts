/**
 * Reads what an OpenAI-style server says: a frame of its stream, a whole completion, a refusal.
 * Lenient where servers differ, and never a word of the upstream in an error: it may carry keys,
 * prompts or worse.
 */
import { z } from 'zod'
import { ModelError, type ModelFault, type ModelPart } from './endpoint.ts'

type End = Extract<ModelPart, { type: 'end' }>

const Words = z.string().nullish()
const Counts = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() })

const Said = z.object({
  content: Words,
  reasoning_content: Words,
  reasoning: Words,
  tool_calls: z.array(z.unknown()).nullish(),
})
const Answer = z.object({
  choices: z
    .array(z.object({ delta: Said.nullish(), message: Said.nullish(), finish_reason: Words }))
    .nullish(),
  usage: Counts.nullish().catch(undefined),
  error: z.unknown().optional(),
})
const Refusal = z.object({
  message: z.string().optional().catch(undefined),
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
  type: z.string().optional().catch(undefined),
})

export interface Reading {
  text: string
  reasoning: string
  /** A tool call: we offer none, but the model is alive. */
  tool: boolean
  finish: End['finish'] | undefined
  usage: End['usage']
}

/** A frame or a completion; undefined when it is torn or not of this dialect. Throws its error. */
export function readAnswer(json: string): Reading | undefined {
  const parsed = Answer.safeParse(parseJson(json))
  if (!parsed.success) return undefined
  const { choices, usage, error } = parsed.data
  if (error !== undefined && error !== null) throw refusalOf(undefined, error)
  const choice = choices?.[0]
  if (!choice && !choices && !usage) return undefined
  const said = choice?.delta ?? choice?.message
  return {
    text: said?.content ?? '',
    reasoning: said?.reasoning_content ?? said?.reasoning ?? '',
    tool: (said?.tool_calls?.length ?? 0) > 0,
    finish: choice?.finish_reason ? finishOf(choice.finish_reason) : undefined,
    usage: usage ? { input: usage.prompt_tokens, output: usage.completion_tokens } : undefined,
  }
}

type Headers = Record<string, string | string[] | undefined>

/** The error behind a status that is not 2xx. */
export function readRefusal(status: number, body: string, headers: Headers): ModelError {
  const json = parseJson(body)
  const error = typeof json === 'object' && json !== null && 'error' in json ? json.error : json
  return refusalOf(status, error, retryAfterMs(headers))
}

function refusalOf(status: number | undefined, error: unknown, wait?: number): ModelError {
  const read = Refusal.safeParse(typeof error === 'string' ? { message: error } : error)
  const { message = '', code, type = '' } = read.success ? read.data : {}
  const fault = faultOf(status ?? numeric(code), `${code ?? ''} ${type}`, message)
  const more: ConstructorParameters<typeof ModelError>[2] = {}
  if (status !== undefined) more.status = status
  if (wait !== undefined) more.retryAfterMs = wait
  return new ModelError(
    fault,
    status ? `${fault}: status ${status}` : `${fault}: in the stream`,
    more,
  )
}

function faultOf(status: number | undefined, code: string, message: string): ModelFault {
  if (/insufficient_quota|billing|credit/i.test(code) || status === 402) return 'quota'
  if (/context_length/i.test(code) || status === 413) return 'context-length'
  if (/model_not_found/i.test(code)) return 'not-found'
  if (status === 401 || status === 403) return 'auth'
  if (status === 429 || /rate_limit/i.test(code)) return 'rate-limit'
  if (status === 503 || status === 529 || /overloaded/i.test(code)) return 'overloaded'
  if (status === undefined || status >= 500 || status === 408) return 'server'
  // A redirect means that the address is not the one of the dialect: we follow none.
  if (status === 404 || status === 405 || status < 400) return 'not-found'
  if (/context (length|window)|too long|maximum.{0,40}tokens/i.test(message))
    return 'context-length'
  return 'bad-request'
}

/** How long the upstream asks to wait: milliseconds, seconds or a date. */
export function retryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const exact = Number(headers['retry-after-ms'] || Number.NaN)
  if (Number.isFinite(exact) && exact >= 0) return exact
  const value = headers['retry-after']
  if (typeof value !== 'string' || value === '') return undefined
  const ms = Number.isFinite(Number(value)) ? Number(value) * 1000 : Date.parse(value) - now
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined
}

function finishOf(reason: string): End['finish'] {
  if (reason === 'length' || reason === 'max_tokens') return 'length'
  if (reason === 'content_filter') return 'filtered'
  return 'stop'
}

/** JSON.parse without its error, which would quote the upstream. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const numeric = (code: string | number | undefined): number | undefined => {
  const number = Number(code ?? Number.NaN)
  return number >= 400 && number < 600 ? number : undefined
}
