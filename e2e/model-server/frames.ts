/** From an answer to the bytes of an event stream: tokens, frames, and where the bytes are cut. */
import type { Scenario } from './scenario.ts'

export interface Frame {
  bytes: Buffer
  /** Tokens of the answer or of its reasoning in it; 0 for the frames around them. */
  tokens: number
}

const NEWLINES = { lf: '\n', crlf: '\r\n', cr: '\r' }

/** Words with the space before them, or pieces of so many characters; joined they are the text. */
export function tokensOf(text: string, size: number): string[] {
  if (size === 0) return text.match(/\s*\S+|\s+$/g) ?? []
  return text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? []
}

/** One event of the stream, as this scenario writes its lines. */
export function frameOf(scenario: Scenario, data: object | string, tokens = 0): Frame {
  const newline = NEWLINES[scenario.newline]
  const line = typeof data === 'string' ? data : JSON.stringify(data)
  const comment = scenario.keepalive ? `: keepalive${newline}${newline}` : ''
  return { bytes: Buffer.from(`${comment}data: ${line}${newline}${newline}`), tokens }
}

/** Cuts bytes as the scenario drips them; characters and frames are not respected. */
export function drips(bytes: Buffer, size: number): Buffer[] {
  if (size === 0) return [bytes]
  const pieces: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size))
  return pieces
}

export interface Answer {
  model: string
  id: string
  text: string
  promptTokens: number
}

/** The frames before, of and behind the answer, in the order a model sends them. */
export function* framesOf(
  scenario: Scenario,
  answer: Answer,
  usageAsked: boolean,
): Generator<Frame> {
  const base = { id: answer.id, object: 'chat.completion.chunk', created: 0, model: answer.model }
  const choice = (delta: object, finish: string | null = null) => ({
    ...base,
    choices: [{ index: 0, delta, finish_reason: finish }],
  })
  let sent = 0
  const usage = () => usageOf(answer.promptTokens, sent)
  const inline = () => (scenario.usage === 'inline' ? { usage: usage() } : {})

  yield frameOf(scenario, choice({ role: 'assistant', content: '' }))
  for (const token of tokensOf(scenario.reasoning, scenario.tokenSize)) {
    yield frameOf(scenario, choice({ reasoning_content: token }), 1)
  }
  for (let n = 0; n < scenario.tools; n++) {
    const call = { index: 0, function: { arguments: ' ' } }
    yield frameOf(scenario, choice({ tool_calls: [call] }), 1)
  }
  for (const token of tokensOf(answer.text, scenario.tokenSize)) {
    sent++
    yield frameOf(scenario, { ...choice({ content: token }), ...inline() }, 1)
  }
  if (scenario.finish) yield frameOf(scenario, { ...choice({}, scenario.finish), ...inline() })
  if (scenario.usage === 'always' || (scenario.usage === 'asked' && usageAsked)) {
    yield frameOf(scenario, { ...base, choices: [], usage: usage() })
  }
  if (scenario.done) yield frameOf(scenario, '[DONE]')
}

/** The whole answer as one object, for a request that did not ask for a stream. */
export function completionOf(scenario: Scenario, answer: Answer): object {
  const sent = tokensOf(answer.text, scenario.tokenSize).length
  return {
    id: answer.id,
    object: 'chat.completion',
    created: 0,
    model: answer.model,
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: answer.text },
        finish_reason: scenario.finish || null,
      },
    ],
    ...(scenario.usage === 'never' ? {} : { usage: usageOf(answer.promptTokens, sent) }),
  }
}

const usageOf = (input: number, output: number) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
})
