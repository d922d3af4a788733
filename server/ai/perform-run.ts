/** One run, from its place and its command to its terminal event. It always reaches one. */
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import { suggestionBy } from '#server/rooms/lane-events.ts'
import type { Located } from '#server/rooms/locate.ts'
import type { Room } from '#server/rooms/room.ts'
import type { RunAbort, RunEnd, RunWriter } from '#server/rooms/run-writer.ts'
import type { RunRow } from '#server/store/document-store.ts'
import { readProgress } from '#server/store/run-progress.ts'
import type { Piece } from '#shared/document/piece.ts'
import { chunkNumber, suggestionOf } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import { type ContentView, Target } from '#shared/protocol/api.ts'
import type { Person, Usage } from '#shared/protocol/event.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { writeInBatches } from './batches.ts'
import type { Command } from './commands.ts'
import { type ModelEndpoint, ModelError } from './endpoint.ts'
import { FAULTS } from './faults.ts'
import { generate } from './generate.ts'
import { prepare } from './prepare.ts'
import { deadlinesOf, rewrite } from './windows/rewrite.ts'

const BATCH_MS = 30
const NOTHING_USED: Usage = { input: 0, output: 0, estimated: true }

interface Subject {
  row: RunRow
  room: Room
  located: Located
  view: ContentView
  command: Command
  stoppedBy: Person | undefined
  /** The stale chunk in whose stead it writes. */
  again: string | undefined
}
interface Deps {
  endpoint: ModelEndpoint
  limits: Limits
  log: Log
  metrics: Metrics
}

export async function performRun(
  subject: Subject,
  deps: Deps,
  { closing }: { closing: boolean },
): Promise<void> {
  const { row, room, located, command } = subject
  const { metrics, limits } = deps
  const isEdit = command.kind === 'edit'
  const begin = performance.now()
  const writer = await room.openRun(row, located.place, isEdit ? 'edit' : 'insert')
  const used: { usage: Usage } = { usage: NOTHING_USED }
  // Not AbortSignal.timeout: its timer would outlive the run by minutes.
  const wall = new AbortController()
  const wallMs = isEdit ? limits.runTotalMs : limits.runWallMs
  const timer = setTimeout(() => wall.abort(), wallMs)
  const deadline = wall.signal
  let end: RunEnd
  try {
    if (subject.stoppedBy) end = { kind: 'stopped', by: subject.stoppedBy, usage: NOTHING_USED }
    else if (closing) end = interrupted(NOTHING_USED)
    else end = await write(subject, deps, writer, deadline, used)
  } catch (error) {
    end = endOf(error, writer.signal, deadline, used.usage, deps.log, row.id)
  } finally {
    clearTimeout(timer)
  }
  await writer.end(end)
  if (subject.again !== undefined) await dropStale(subject, subject.again)
  metrics.runs.inc({ outcome: end.kind === 'failed' ? end.failure : end.kind })
  metrics.runSeconds.observe((performance.now() - begin) / 1000)
  metrics.tokens.inc({ direction: 'in' }, end.usage.input)
  metrics.tokens.inc({ direction: 'out' }, end.usage.output)
}

async function write(
  subject: Subject,
  { endpoint, limits, metrics }: Deps,
  writer: RunWriter,
  deadline: AbortSignal,
  used: { usage: Usage },
): Promise<RunEnd> {
  const { row, room, located, view, command } = subject
  const asked = performance.now()
  let last: number | undefined
  const onText = () => {
    const now = performance.now()
    if (last === undefined) metrics.firstTokenSeconds.observe((now - asked) / 1000)
    else metrics.tokenGapSeconds.observe((now - last) / 1000)
    last = now
  }
  const signal = AbortSignal.any([writer.signal, deadline])
  const common = { command, instruction: row.instruction, endpoint, onText }
  const onUsage = (usage: Usage) => {
    used.usage = { ...usage }
  }
  if (command.kind === 'edit') {
    const progress = readProgress(row.progress)
    const { finish, usage } = await rewrite(
      {
        ...{ ...common, limits, progress, onUsage, batchMs: BATCH_MS },
        read: () => present(subject),
        write: (pieces, tokens, come) => writer.write(pieces, tokens, come),
      },
      signal,
    )
    return { kind: 'finished', reason: finish, usage }
  }
  const prepared = prepare({
    ...common,
    blocks: room.reading.blocks(view),
    selection: located.selection,
    inLine: located.place.kind === 'inline',
    maxOutputTokens: limits.runOutputTokens,
  })
  const deadlines = deadlinesOf(limits)
  const steps = counted(generate({ endpoint, deadlines, onText, ...prepared }, signal), onUsage)
  const write = (pieces: readonly Piece[], tokens: number) => writer.write(pieces, tokens)
  const { finish, usage } = await writeInBatches(steps, write, BATCH_MS)
  used.usage = usage
  await writer.settle()
  return { kind: 'finished', reason: finish, usage }
}

/** The document as it is, and what of it an edit is about; undefined where its place is gone. */
function present({ row, room }: Subject) {
  const target = Target.parse(JSON.parse(row.target))
  const selection = room.reading.locate(target)?.selection ?? []
  // Nothing selected would mean all of it.
  if (selection.length === 0 && !('document' in target)) return undefined
  return { blocks: room.reading.blocks('without'), selection }
}

/** What was asked again is there: the stale chunk has done its time. One that wrote nothing is not. */
async function dropStale({ row, room }: Subject, again: string): Promise<void> {
  if (!room.reading.suggestions().some(({ id }) => id === suggestionBy(row))) return
  const by = { id: row.requester, name: row.requesterName }
  const chunks = [chunkNumber(again)]
  const drop = { suggestion: suggestionOf(again), chunks, decision: 'reject', by } as const
  await room.decide(drop).catch((error: unknown) => {
    // Somebody has dropped it meanwhile, or has taken back what made it stale and accepted it.
    if (!(error instanceof GlossError)) throw error
  })
}

/** Keeps count of what was used, also when the run breaks off. */
async function* counted(
  steps: ReturnType<typeof generate>,
  onUsage: (usage: Usage) => void,
): ReturnType<typeof generate> {
  let usage = NOTHING_USED
  try {
    for (;;) {
      const step = await steps.next()
      if (step.done) return step.value
      usage = { ...usage, output: step.value.tokens }
      onUsage(usage)
      yield step.value
    }
  } finally {
    await steps.return({ finish: 'stop', usage })
  }
}

const interrupted = (usage: Usage): RunEnd => ({
  kind: 'failed',
  failure: 'interrupted',
  message: 'The server is restarting. What was written is kept; you can continue.',
  continuable: true,
  usage,
})

function endOf(
  error: unknown,
  signal: AbortSignal,
  deadline: AbortSignal,
  usage: Usage,
  log: Log,
  run: string,
): RunEnd {
  if (signal.aborted) return endOfAbort(signal.reason as RunAbort, usage)
  if (deadline.aborted) return failedBy('timeout-total', usage)
  if (error instanceof ModelError) {
    log.warn({ run, fault: error.fault, status: error.status }, 'a model did not answer well')
    return failedBy(error.fault, usage, error.sentence)
  }
  log.error({ run, error }, 'a run broke')
  return failedBy('server', usage)
}

function failedBy(fault: ModelError['fault'], usage: Usage, sentence?: string): RunEnd {
  const { failure, message, continuable } = FAULTS[fault]
  return { kind: 'failed', failure, message: sentence ?? message, continuable, usage }
}

function endOfAbort(abort: RunAbort, usage: Usage): RunEnd {
  switch (abort.kind) {
    case 'stopped':
      return { kind: 'stopped', by: abort.by, usage }
    case 'no-place':
      return {
        kind: 'failed',
        failure: 'interrupted',
        message: 'The place it was writing at is gone.',
        continuable: false,
        usage,
      }
    case 'fenced':
    case 'closing':
      return interrupted(usage)
  }
}
