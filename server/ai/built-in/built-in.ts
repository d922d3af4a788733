/**
 * The engine without a model, behind the same port as the models: it answers in the same forms,
 * in small steps, and goes through the same filter, stream and decisions. It never pretends to be
 * a model; what it cannot do it refuses in one sentence.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '#server/log.ts'
import { unreachable } from '#shared/errors.ts'
import type { BuiltInTask, ModelEndpoint, ModelPart } from '../endpoint.ts'
import { ModelError } from '../endpoint.ts'
import { proofread } from './proofread.ts'
import { Proofreader } from './proofreader.ts'
import { cannot, continuation, list, outline, shorter, summary } from './rules.ts'

export const BUILT_IN_NAME = 'Built-in, rules without a language model'

export interface BuiltInDeps {
  log: Log
  /** Between two steps of an answer; so long that people see it being written. */
  paceMs?: number
  proofreader?: Proofreader
}

const WORDS_A_STEP = 2

export function builtInEndpoint(deps: BuiltInDeps): ModelEndpoint {
  const { log, paceMs = 25 } = deps
  const proofreader = deps.proofreader ?? new Proofreader({ log })

  async function* stream(
    { task }: { task: BuiltInTask },
    { signal }: { signal: AbortSignal },
  ): AsyncGenerator<ModelPart> {
    try {
      for await (const text of answer(task, proofreader, signal)) {
        for (const step of steps(text)) {
          await sleep(paceMs, undefined, { signal })
          yield { type: 'text', text: step }
        }
      }
      yield { type: 'end', finish: 'stop', usage: { input: 0, output: 0 } }
    } catch (error) {
      if (signal.aborted) throw new ModelError('cancelled', 'stopped', { cause: error })
      throw error
    }
  }

  return {
    name: BUILT_IN_NAME,
    builtIn: true,
    contextTokens: 1_000_000,
    stream,
    close: () => proofreader.close(),
  }
}

const RULES = ['continue', 'summarise', 'outline', 'shorten', 'to-list', 'proofread'] as const
type RuleCommand = (typeof RULES)[number]
const isRule = (command: string): command is RuleCommand =>
  (RULES as readonly string[]).includes(command)

async function* answer(
  task: BuiltInTask,
  proofreader: Proofreader,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const { command } = task
  if (!isRule(command))
    throw cannot('The built-in engine cannot do this. Connect a language model to use it.')
  switch (command) {
    case 'continue':
      return yield continuation(task)
    case 'summarise':
      return yield summary(task)
    case 'outline':
      return yield outline(task)
    case 'shorten':
      return yield shorter(task)
    case 'to-list':
      return yield list(task)
    case 'proofread':
      return yield* proofread(task, proofreader, signal)
    default:
      unreachable(command)
  }
}

/** A text in groups of a few words. */
const steps = (text: string): string[] =>
  text.match(new RegExp(`(?:\\s*\\S+\\s*){1,${WORDS_A_STEP}}`, 'g')) ?? []
