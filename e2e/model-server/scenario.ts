/**
 * A scenario says what the scripted model server does with one request: what it says, how fast, in
 * which pieces, and what goes wrong where. Written as an object in tests, as JSON over HTTP, or by hand behind
 * a model's name: `model?fault=reset&at=10&delay=20`.
 */

/** Where a fault strikes: before the headers, before the first token, or after n tokens. */
export type FaultPlace = 'headers' | 'first' | number

export const FAULTS = [
  'none',
  /** Says nothing more and keeps the connection open. */
  'hang',
  /** Says nothing more but sends comments, as proxies do to keep a connection alive. */
  'comments',
  /** Waits for `release()`. */
  'hold',
  /** Waits for `release()` before each token. */
  'lock-step',
  /** Cuts the connection (RST). */
  'reset',
  /** Ends the answer cleanly, without a finish reason and without [DONE]. */
  'end',
  /** Sends `count` frames that are not JSON, then goes on. */
  'malformed',
  /** Sends an error object as a frame, then ends. */
  'error-frame',
  /** Sends one line that never ends. */
  'endless-line',
] as const
export type Fault = (typeof FAULTS)[number]

export const SHAPES = ['stream', 'json', 'html', 'empty'] as const
/** What a 200 carries: a stream, one JSON object although a stream was asked, a page, nothing. */
export type Shape = (typeof SHAPES)[number]

export interface Scenario {
  /** The answer; left out, one is made up from the prompt. */
  text: string | undefined
  reasoning: string
  /** How many pieces of a tool call come before the text. */
  tools: number
  /** Milliseconds before the headers, before the first token, between tokens. */
  headersDelay: number
  firstDelay: number
  delay: number
  /** Characters a token; 0 takes words. */
  tokenSize: number
  /** Bytes a write; 0 writes a frame at once. Splits frames and characters alike. */
  drip: number
  /** Sends the whole body in two writes, split behind this byte; 0 does not. */
  cutAt: number
  newline: 'lf' | 'crlf' | 'cr'
  /** A comment before each frame. */
  keepalive: boolean
  fault: Fault
  at: FaultPlace
  /** How many malformed frames. */
  count: number
  shape: Shape
  /** Anything but 200 is answered with an error object. */
  status: number
  /** The `code` of that error object. */
  code: string
  /** The `Retry-After` header as it stands. */
  retryAfter: string
  usage: 'asked' | 'always' | 'never' | 'inline'
  /** Empty leaves the finish reason out. */
  finish: string
  /** Whether [DONE] is sent. */
  done: boolean
}

export const DEFAULT_SCENARIO: Scenario = {
  text: undefined,
  reasoning: '',
  tools: 0,
  headersDelay: 0,
  firstDelay: 0,
  delay: 0,
  tokenSize: 0,
  drip: 0,
  cutAt: 0,
  newline: 'lf',
  keepalive: false,
  fault: 'none',
  at: 'first',
  count: 1,
  shape: 'stream',
  status: 200,
  code: '',
  retryAfter: '',
  usage: 'asked',
  finish: 'stop',
  done: true,
}

type Read<T> = (value: unknown) => T | undefined

const text: Read<string> = (value) => (typeof value === 'string' ? value : undefined)
const count: Read<number> = (value) => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}
const flag: Read<boolean> = (value) => {
  if (value === true || value === 'true' || value === '1') return true
  if (value === false || value === 'false' || value === '0') return false
  return undefined
}
const oneOf =
  <T extends string>(...allowed: readonly T[]): Read<T> =>
  (value) =>
    allowed.find((one) => one === value)

const READ: { [K in keyof Scenario]-?: Read<Scenario[K]> } = {
  text,
  reasoning: text,
  tools: count,
  headersDelay: count,
  firstDelay: count,
  delay: count,
  tokenSize: count,
  drip: count,
  cutAt: count,
  newline: oneOf('lf', 'crlf', 'cr'),
  keepalive: flag,
  fault: oneOf(...FAULTS),
  at: (value) => oneOf('headers', 'first')(value) ?? count(value),
  count,
  shape: oneOf(...SHAPES),
  status: count,
  code: text,
  retryAfter: text,
  usage: oneOf('asked', 'always', 'never', 'inline'),
  finish: text,
  done: flag,
}

/** Reads JSON or query parameters; throws a sentence that names the field it cannot read. */
export function readScenario(source: unknown): Partial<Scenario> {
  if (typeof source !== 'object' || source === null || Array.isArray(source)) {
    throw new Error('a scenario is an object')
  }
  const scenario: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(source)) {
    if (!Object.hasOwn(READ, field)) throw new Error(`a scenario has no field ${field}`)
    const read = READ[field as keyof Scenario](value)
    if (read === undefined) throw new Error(`a scenario cannot have that ${field}`)
    scenario[field] = read
  }
  return scenario
}

/** Splits `name?fault=reset&at=10` into the model's name and what it asks for. */
export function scenarioOfModel(model: string): { name: string; scenario: Partial<Scenario> } {
  const mark = model.indexOf('?')
  if (mark < 0) return { name: model, scenario: {} }
  const query = new URLSearchParams(model.slice(mark + 1))
  return { name: model.slice(0, mark), scenario: readScenario(Object.fromEntries(query)) }
}
