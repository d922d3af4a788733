/**
 * From a request to pieces of text: endpoint → filter → translator, as one async generator.
 * Leaving it, by `return()` anywhere, ends the request upstream.
 */
import type { Progress } from '#server/store/run-progress.ts'
import type { Piece } from '#shared/document/piece.ts'
import type { Usage } from '#shared/protocol/event.ts'
import type { Deadlines, ModelEndpoint, ModelRequest } from './endpoint.ts'
import { estimateTokens } from './tokens.ts'

/** Makes pieces of an answer's text: markdown, or edits addressed to sentences. */
export interface Translator {
  push(text: string): Piece[]
  /** `cut`: the answer broke off, so what was under way is not whole. */
  end(cut?: boolean): Piece[]
}

/** Lets through what is certain to hold nothing forbidden; `end` gives the rest. */
export interface TextFilter {
  push(text: string): string
  end(): string
  /** True once something was taken out. */
  readonly hit: boolean
}

export interface Step {
  pieces: Piece[]
  /** Of the answer so far. */
  tokens: number
  /** How far an edit of many blocks has come with it. */
  progress?: Progress
}

export interface Outcome {
  finish: 'stop' | 'length' | 'filtered'
  usage: Usage
}

export interface Generation {
  endpoint: ModelEndpoint
  request: ModelRequest
  translator: Translator
  filter: TextFilter
  deadlines: Partial<Deadlines>
  /** Told of each part that carries text, for the clocks. */
  onText?: () => void
}

/** Throws the endpoint's ModelError. The last pieces are given out before it does. */
export async function* generate(
  { endpoint, request, translator, filter, deadlines, onText }: Generation,
  signal: AbortSignal,
): AsyncGenerator<Step, Outcome> {
  const prompt = request.messages.map(({ content }) => content).join('\n')
  const usage: Usage = { input: estimateTokens(prompt), output: 0, estimated: true }
  let finish: Outcome['finish'] = 'stop'
  try {
    for await (const part of endpoint.stream(request, { signal, deadlines })) {
      if (part.type === 'text') {
        onText?.()
        usage.output += estimateTokens(part.text)
        const pieces = translator.push(filter.push(part.text))
        if (pieces.length > 0) yield { pieces, tokens: usage.output }
        // A model that does not keep to its limit is stopped at it.
        if (usage.output > request.maxOutputTokens * 1.5) {
          finish = 'length'
          break
        }
      }
      if (part.type === 'end') {
        finish = part.finish
        if (part.usage) Object.assign(usage, part.usage, { estimated: false })
      }
    }
  } catch (error) {
    yield { pieces: rest(true), tokens: usage.output }
    throw error
  }
  // An answer that ends at its limit has broken off.
  yield { pieces: rest(finish !== 'stop'), tokens: usage.output }
  return { finish: filter.hit && finish === 'stop' ? 'filtered' : finish, usage }

  function rest(cut = false): Piece[] {
    return [...translator.push(filter.end()), ...translator.end(cut)]
  }
}
