/**
 * The port of a model behind a URL, or of the built-in engine: one request, a stream of parts.
 * Leaving the loop, or aborting the signal, ends the request upstream at once.
 */

export interface ModelMessage {
  role: 'system' | 'user' | 'assistant'
  content: string
}

/** What the built-in engine works from instead of a prompt; drivers of models ignore it. */
export interface BuiltInTask {
  command: string
  instruction: string
  /** All blocks of the document, in order. */
  blocks: {
    address: string
    type: string
    level: number
    text: string
    sentences: { address: string; text: string; selected: boolean }[]
    /** Something of it is to be worked on. */
    selected: boolean
  }[]
  /** Where text is to be inserted, if it is inside a block. */
  caret: { address: string; offset: number } | undefined
  /** A part of it has been asked for before, and answered. */
  isLater: boolean
}

export interface ModelRequest {
  messages: ModelMessage[]
  maxOutputTokens: number
  temperature?: number
  task: BuiltInTask
}

/** Milliseconds each. `idle` counts content only, not comments; `stalled` is a slow consumer. */
export interface Deadlines {
  headers: number
  first: number
  idle: number
  total: number
  stalled: number
}

export type ModelPart =
  | { type: 'text'; text: string }
  | { type: 'reasoning'; text: string }
  | { type: 'warning'; text: string }
  | {
      type: 'end'
      finish: 'stop' | 'length' | 'filtered'
      usage: { input: number; output: number } | undefined
    }

export type ModelFault =
  | 'auth'
  | 'not-found'
  | 'bad-request'
  | 'context-length'
  | 'rate-limit'
  | 'quota'
  | 'overloaded'
  | 'server'
  | 'connect'
  | 'reset'
  | 'truncated'
  | 'bad-stream'
  | 'timeout-headers'
  | 'timeout-first'
  | 'timeout-idle'
  | 'timeout-total'
  | 'stalled'
  | 'cancelled'

/** Why a stream ended without its end. `partial`: some text had been given out before. */
export class ModelError extends Error {
  readonly fault: ModelFault
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  /** A sentence of our own for people, where there is more to say than the fault's name. */
  readonly sentence: string | undefined
  partial = false

  constructor(
    fault: ModelFault,
    message: string,
    more: { status?: number; retryAfterMs?: number; sentence?: string; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'ModelError'
    this.fault = fault
    this.status = more.status
    this.retryAfterMs = more.retryAfterMs
    this.sentence = more.sentence
  }
}

export interface ModelEndpoint {
  /** What people see: "Built-in, rules without a language model", or the model's name. */
  readonly name: string
  readonly builtIn: boolean
  /** Tokens of prompt and answer together. */
  readonly contextTokens: number
  stream(
    request: ModelRequest,
    options: { signal: AbortSignal; deadlines?: Partial<Deadlines> },
  ): AsyncIterable<ModelPart>
  close(): Promise<void>
}
