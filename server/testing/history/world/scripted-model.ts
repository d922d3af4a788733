/**
 * ScriptedModel is a language model whose answers follow from what it is asked and from the words
 * that the script gives it, and that says as many tokens as it is told to.
 */
import { findCommand } from '#server/ai/commands.ts'
import {
  type ModelEndpoint,
  ModelError,
  type ModelPart,
  type ModelRequest,
} from '#server/ai/endpoint.ts'

interface Answer {
  tokens: string[]
  /** How many the model may have said by now; one more than there are ends the answer. */
  allowed: number
  broken: boolean
  wake: () => void
}

export class ScriptedModel implements ModelEndpoint {
  readonly name = 'scripted'
  readonly builtIn = false
  readonly contextTokens = 100_000
  /** By the number that stands in the instruction. */
  readonly #answers = new Map<number, Answer>()
  readonly #words = new Map<number, string>()
  #free = false

  /** To be called before run `number` is asked for. Gives the instruction that names it. */
  prepare(number: number, words: string): string {
    this.#words.set(number, words)
    this.#answers.set(number, { tokens: [], allowed: 0, broken: false, wake: () => undefined })
    return `run ${number}`
  }

  say(number: number, tokens: number): void {
    const answer = this.#answers.get(number)
    if (!answer) return
    answer.allowed += tokens
    answer.wake()
  }

  breakOff(number: number): void {
    const answer = this.#answers.get(number)
    if (!answer) return
    answer.broken = true
    answer.wake()
  }

  /** From now on nothing is held back. */
  finishAll(): void {
    this.#free = true
    for (const { wake } of this.#answers.values()) wake()
  }

  async *stream(
    request: ModelRequest,
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ModelPart> {
    const number = Number(/\d+/.exec(request.task.instruction)?.[0] ?? -1)
    const answer = this.#answers.get(number)
    if (!answer) throw new ModelError('server', 'nobody has prepared this run')
    answer.tokens = tokensOf(answerTo(request, this.#words.get(number) ?? ''))
    for (let said = 0; ; said++) {
      while (said >= answer.allowed && !this.#free && !answer.broken && !signal.aborted) {
        await new Promise<void>((resolve) => {
          answer.wake = resolve
          signal.addEventListener('abort', () => resolve(), { once: true })
        })
      }
      if (signal.aborted) throw new ModelError('cancelled', 'nobody listens')
      if (answer.broken) throw new ModelError('reset', 'the script broke it off')
      const text = answer.tokens[said]
      if (text === undefined) break
      yield { type: 'text', text }
    }
    yield { type: 'end', finish: 'stop', usage: undefined }
  }

  async close(): Promise<void> {
    this.finishAll()
  }
}

/** Pieces of up to four characters, as tokens are. */
const tokensOf = (text: string): string[] => text.match(/[\s\S]{1,4}/gu) ?? []

/** Each form of answer, made of the old text and of new words. */
function answerTo({ task }: ModelRequest, words: string): string {
  const form = findCommand(task.command)?.form ?? 'insert'
  if (form === 'insert') return words
  const fresh = words.split(' ')
  let n = 0
  const next = () => fresh[n++ % fresh.length] ?? ''
  if (form === 'blocks') {
    const chosen = task.blocks.filter(({ selected, text }) => selected && text.trim() !== '')
    return chosen.map(({ address, text }) => `@@ ${address}\n${reworded(text, next)}\n`).join('')
  }
  const sentences = task.blocks.flatMap(({ sentences: all }) => all)
  const chosen = sentences.filter(({ selected, text }) => selected && text.trim() !== '')
  return chosen.map(({ address, text }) => `${address}: ${reworded(text, next)}\n`).join('')
}

/** Keeps the first word, replaces the second, takes the third out, and keeps the rest. */
function reworded(text: string, next: () => string): string {
  const words = text.trim().split(/\s+/)
  return [words[0], next(), ...words.slice(3)].filter(Boolean).join(' ')
}
