/**
 * Rewrite performs an edit window after window, in one run: each window is asked for by itself, on
 * the document as it is by then, and what has been done is not asked again.
 */
import type { Progress } from '#server/store/run-progress.ts'
import type { Block } from '#shared/document/blocks.ts'
import type { Piece } from '#shared/document/piece.ts'
import type { Usage } from '#shared/protocol/event.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { writeInBatches } from '../batches.ts'
import type { Command } from '../commands.ts'
import { resolveTarget, type SelectedRange, type Target } from '../context.ts'
import { type Deadlines, type ModelEndpoint, ModelError } from '../endpoint.ts'
import { FAULTS } from '../faults.ts'
import { generate, type Outcome, type Step } from '../generate.ts'
import { KnownTexts } from '../known-texts.ts'
import { formOf, prepareTarget } from '../prepare.ts'
import { WindowPlan } from './window-plan.ts'

export interface RewriteOptions {
  command: Command
  instruction: string
  endpoint: ModelEndpoint
  limits: Limits
  /** How far a run has come with which this one goes on. */
  progress: Progress | undefined
  /** The document as it is, and what of it is meant; undefined where the place is gone. */
  read(): { blocks: Block[]; selection: SelectedRange[] } | undefined
  write(pieces: readonly Piece[], tokens: number, progress: Progress): Promise<void>
  onText(): void
  /** Told what was used so far, also when it breaks off. */
  onUsage(usage: Usage): void
  batchMs: number
}

/** For the rules of a prompt, the instruction and the fences. */
const FIXED_TOKENS = 500
const SAFETY = 0.1
/** Of what a window of the model holds beside its answer, so much is what the answer is about. */
const TEXT_SHARE = 0.6
/** Answers that break off one behind the other without anything done, before the run is given up. */
const MOST_FAILURES = 2

/** Throws the endpoint's ModelError where it cannot go on; what is done by then has been written. */
export async function rewrite(options: RewriteOptions, signal: AbortSignal): Promise<Outcome> {
  const { command, limits } = options
  const plan = new WindowPlan(limitsOf(options), options.progress)
  const usage: Usage = { input: 0, output: 0, estimated: false }
  const begin = performance.now()
  const known = new KnownTexts()
  let finish: Outcome['finish'] = 'stop'
  let failures = 0
  let windows = 0
  for (; ; windows++) {
    const document = options.read()
    const target = document && targetOf(command, document, known)
    const window = target && plan.next(target)
    if (!document || !window) break
    if (performance.now() - begin > limits.runTotalMs) throw tooMuch()
    const isPart = window.part !== 'none'
    const { edit, ...prepared } = prepareTarget({
      ...{ command, instruction: options.instruction, blocks: document.blocks },
      ...{ target: window.target, bySentences: isPart, inLine: false, isLater: windows > 0, known },
      endpoint: options.endpoint,
      maxOutputTokens: answerTokens(options),
    })
    const ask = { ...prepared, answered: () => edit?.answered ?? new Set<string>() }
    try {
      const outcome = await perform(options, { ask, plan, usage }, signal)
      failures = 0
      if (outcome.finish === 'filtered') finish = 'filtered'
      if (edit?.isUnclear) plan.unclear()
      else if (outcome.finish === 'length') plan.brokeOff()
      else plan.finished({ every: command.every })
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error
      failures = plan.hasMoved ? 1 : failures + 1
      const isTooLarge = error.fault === 'context-length' && plan.tooLarge()
      const mayGoOn = error.partial && FAULTS[error.fault].continuable && failures < MOST_FAILURES
      if (!isTooLarge && !mayGoOn) throw error
    }
    await options.write([], usage.output, plan.progress)
  }
  if (windows === 0 && !options.progress) throw nothingThere()
  return { finish, usage }
}

interface Asking {
  ask: Omit<Parameters<typeof generate>[0], 'endpoint' | 'deadlines'> & {
    answered: () => ReadonlySet<string>
  }
  plan: WindowPlan
  usage: Usage
}

/** One window: its answer is written as it comes, with how far it has come. */
async function perform(
  { command, endpoint, limits, write, onText, onUsage, batchMs }: RewriteOptions,
  { ask, plan, usage }: Asking,
  signal: AbortSignal,
): Promise<Outcome> {
  const wall = new AbortController()
  // The built-in engine has deadlines of its own, which do not count the start of its process.
  const wallMs = endpoint.builtIn ? limits.runTotalMs : limits.runWallMs
  const timer = setTimeout(() => wall.abort(), wallMs)
  const deadlines = deadlinesOf(limits)
  const before = { ...usage }
  const use = (window: Usage) => {
    usage.input = before.input + window.input
    usage.output = before.output + window.output
    usage.estimated = before.estimated || window.estimated
    onUsage(usage)
  }
  try {
    const { answered, ...generation } = ask
    const steps = generate(
      { endpoint, deadlines, onText, ...generation },
      AbortSignal.any([signal, wall.signal]),
    )
    const told = withProgress(steps, () => {
      plan.answered(answered(), command)
      return plan.progress
    })
    const outcome = await writeInBatches(
      told,
      (pieces, tokens, progress) => {
        use({ input: 0, output: tokens, estimated: true })
        return write(pieces, usage.output, progress ?? plan.progress)
      },
      batchMs,
    )
    use(outcome.usage)
    return outcome
  } catch (error) {
    if (wall.signal.aborted) throw new ModelError('timeout-total', 'a window took too long')
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Of one answer. */
export const deadlinesOf = ({ runSilenceMs, runWallMs }: Limits): Partial<Deadlines> => ({
  ...{ headers: runSilenceMs, first: runSilenceMs, idle: runSilenceMs },
  total: runWallMs,
})

/** Notes with each step how far the answer has come by then. */
async function* withProgress(
  steps: AsyncGenerator<Step, Outcome>,
  progressOf: () => Progress,
): AsyncGenerator<Step, Outcome> {
  try {
    for (;;) {
      const step = await steps.next()
      if (step.done) return step.value
      yield { ...step.value, progress: progressOf() }
    }
  } finally {
    await steps.return({ finish: 'stop', usage: { input: 0, output: 0, estimated: true } })
  }
}

/** Of what was selected only what the command can work on. */
function targetOf(
  command: Command,
  { blocks, selection }: NonNullable<ReturnType<RewriteOptions['read']>>,
  known: KnownTexts,
): Target {
  const target = resolveTarget(blocks, selection, known)
  const bySentences = formOf(command, target, false) === 'sentences'
  const selected = target.selected.filter(({ block, sentences }) => {
    if (block.type === 'divider' || block.type === 'unknown') return false
    return !bySentences || sentences.some(({ address }) => target.sentences.has(address))
  })
  return { ...target, selected }
}

const answerTokens = ({ endpoint, limits }: RewriteOptions): number =>
  Math.max(64, Math.min(limits.runOutputTokens, Math.floor(endpoint.contextTokens * 0.45)))

function limitsOf(options: RewriteOptions) {
  const { endpoint, command } = options
  const answer = answerTokens(options)
  const room = endpoint.contextTokens * (1 - SAFETY) - answer - FIXED_TOKENS
  return { text: Math.max(32, room * TEXT_SHARE), answer, growth: command.growth }
}

const nothingThere = (): ModelError =>
  new ModelError('bad-request', 'the target of an edit holds no text', {
    sentence: 'There is no text here to work on. Select some, and ask again.',
  })

const tooMuch = (): ModelError =>
  new ModelError('timeout-total', 'a run took too long', {
    sentence: 'This is as much as one run may do. What it wrote is kept. Continue for the rest.',
  })
