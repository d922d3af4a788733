/** RunWords says on a card how its run stands, and what one can do about it. */
import type { RunView, SuggestionView } from '#client/session/views.ts'
import { RESCUED } from '#shared/document/shape.ts'
import { unreachable } from '#shared/errors.ts'

export type CardAction = 'stop' | 'continue' | 'keep' | 'discard' | 'accept' | 'reject' | 'dismiss'

/**
 * Null where there is nothing to say: the run has ended and its chunks speak for themselves. A run
 * that wrote nothing says so, and promises to keep nothing.
 */
export function runWords(run: RunView, wrote = true): string | null {
  switch (run.status) {
    case 'queued':
      return run.queue > 1 ? `Waiting, ${run.queue} in line` : 'Waiting for its turn…'
    case 'streaming':
      return withProgress(`${run.requester.name}'s co-pilot is writing…`, run)
    case 'finished':
      return missedWords(run) ?? (wrote ? null : 'Nothing to suggest.')
    case 'stopped':
      return withProgress(run.stoppedBy ? `Stopped by ${run.stoppedBy}` : 'Stopped', run)
    case 'failed': {
      const problem = run.problem ?? NO_ANSWER
      return withProgress(wrote ? problem : withoutPromise(problem), run)
    }
    case 'interrupted':
      return withProgress('Interrupted.', run)
    default:
      return unreachable(run.status)
  }
}

/** "39 of 200 paragraphs", where there are several. */
function withProgress(words: string, { progress }: RunView): string {
  if (!progress || progress.of < 2) return words
  const sentence = /[.…]$/.test(words) ? words : `${words}.`
  return `${sentence} ${progress.done} of ${progress.of} paragraphs`
}

/** What an edit has not done though it came to its end. */
function missedWords({ progress }: RunView): string | null {
  if (!progress || progress.missed === 0) return null
  const { done, of, missed } = progress
  const others = missed === 1 ? 'One was' : `${missed} were`
  return `${done} of ${of} paragraphs. ${others} left as before: the model gave no text for ${missed === 1 ? 'it' : 'them'}.`
}

const NO_ANSWER = 'The model did not answer.'

const withoutPromise = (problem: string): string =>
  problem
    .replace(/ What (?:it wrote|is written) so far is kept\./, '')
    .replace('Continue if it helps.', 'Try again.')

export const isRunning = (run: RunView): boolean =>
  run.status === 'queued' || run.status === 'streaming'

export const isBroken = (run: RunView): boolean =>
  run.status === 'interrupted' || run.status === 'failed'

/** The chunks that can be decided now: complete, and nobody has said anything yet. */
export const openChunks = ({ chunks }: SuggestionView): readonly string[] =>
  chunks.filter((chunk) => chunk.state === 'open' && chunk.deciding === null).map(({ id }) => id)

/** What may still be decided once the run is over: a broken-off chunk too. */
const pendingChunks = ({ chunks }: SuggestionView): readonly string[] =>
  chunks.filter(({ state }) => state === 'open' || state === 'writing').map(({ id }) => id)

export interface CardActions {
  actions: readonly CardAction[]
  /** What accept, keep, reject and discard act on. */
  chunks: readonly string[]
}

/** The row of buttons below the chunks. A viewer sees what happens and decides nothing. */
export function cardActions(card: SuggestionView, mayEdit: boolean): CardActions {
  const { run } = card
  const running = isRunning(run)
  const chunks = running ? openChunks(card) : pendingChunks(card)
  const broken = isBroken(run)
  if (!mayEdit) return { actions: [], chunks }
  if (running) return { actions: [...(chunks.length > 0 ? DECIDE : []), 'stop'], chunks }
  if (broken && chunks.length > 0) {
    return { actions: [...(run.continuable ? CONTINUE : []), 'keep', 'discard'], chunks }
  }
  // Nobody asked for these words: they were written, and lost their place.
  if (run.command === RESCUED && chunks.length > 0) return { actions: ['keep', 'discard'], chunks }
  // What is stale has buttons of its own.
  if (broken && card.chunks.length > 0) return { actions: run.continuable ? CONTINUE : [], chunks }
  if (broken) return { actions: [...(run.continuable ? CONTINUE : []), 'dismiss'], chunks }
  // A card whose chunks are all decided goes by itself; one that never had any must be sent away.
  if (card.chunks.length === 0) return { actions: ['dismiss'], chunks }
  if (chunks.length === 0) return { actions: [], chunks }
  // Somebody stopped it, or it came to the model's length.
  return { actions: [...DECIDE, ...(run.continuable ? CONTINUE : [])], chunks }
}

const DECIDE: readonly CardAction[] = ['accept', 'reject']
const CONTINUE: readonly CardAction[] = ['continue']

const ACTION_LABELS: Record<CardAction, string> = {
  stop: 'Stop',
  continue: 'Continue',
  keep: 'Keep',
  discard: 'Discard',
  accept: 'Accept all',
  reject: 'Reject all',
  dismiss: 'Dismiss',
}

/** A run that wrote nothing cannot go on, only begin again. */
export const actionLabel = (action: CardAction, { chunks }: SuggestionView): string =>
  action === 'continue' && chunks.length === 0 ? 'Try again' : ACTION_LABELS[action]

/** "2 parts", "1 part", be they sentences, headings or list items: what a screen reader is told when a run has ended. */
export function wroteWords(parts: number): string {
  if (parts === 0) return 'The co-pilot had nothing to suggest'
  return `The co-pilot wrote ${parts} ${parts === 1 ? 'part' : 'parts'}`
}

/** "asked by Ada": whose card it is. */
export const byWords = ({ command, requester }: RunView): string =>
  `${command === RESCUED ? 'written' : 'asked'} by ${requester.name}`
