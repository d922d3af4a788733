/** Rows of the lane's event log, typed by the contract: what is said of runs and decisions. */
import type { Commit, RunRow } from '#server/store/document-store.ts'
import type { Progress } from '#server/store/run-progress.ts'
import type { CompleteChunk } from '#server/suggestions/types.ts'
import type { SuggestionEntry } from '#shared/document/shape.ts'
import { unreachable } from '#shared/errors.ts'
import type { LaneEvent } from '#shared/protocol/event.ts'
import type { RunEnd } from './run-writer.ts'

export type NewEvent = NonNullable<Commit['events']>[number]

type DataOf<T extends LaneEvent['type']> = Omit<Extract<LaneEvent, { type: T }>, 'type'>

export function eventOf<T extends LaneEvent['type']>(type: T, data: DataOf<T>): NewEvent {
  return { type, run: data.run, data: JSON.stringify(data) }
}

/** The suggestion that a run writes: its own, unless it goes on with another run's. */
export const suggestionBy = ({ id, suggestion }: Pick<RunRow, 'id' | 'suggestion'>): string =>
  suggestion ?? id

/** `queue` is its place in line; 0 where it writes. */
export function startedEvent(run: RunRow, queue: number): NewEvent {
  const { id, command, title, requester, requesterName, model, client, target } = run
  return eventOf('run.started', {
    run: id,
    at: Date.now(),
    command,
    title,
    requester: { id: requester, name: requesterName },
    model,
    suggestion: suggestionBy(run),
    client,
    queue,
    target: JSON.parse(target) as unknown,
  })
}

export const progressEvent = (run: string, { done, of, missed }: Progress): NewEvent =>
  eventOf('run.progress', { run, at: Date.now(), done, of, missed })

/** What a card shows of a chunk. */
const SHOWN = 200

export function chunkEvents(run: string, complete: readonly CompleteChunk[]): NewEvent[] {
  return complete.map(({ id, text, kind, state }) =>
    eventOf('run.chunk', {
      run,
      at: Date.now(),
      chunk: id,
      text: text.slice(0, SHOWN),
      kind,
      state,
    }),
  )
}

/** What a run's end means for its row, its suggestion and its lane. */
export function outcomeOf(
  run: string,
  end: RunEnd,
): {
  event: NewEvent
  status: SuggestionEntry['status']
  problem: string | null
  set: Partial<Pick<RunRow, 'status' | 'usage' | 'failure'>>
} {
  const at = Date.now()
  const { usage } = end
  const used = { usage: JSON.stringify(usage) }
  switch (end.kind) {
    case 'finished':
      return {
        event: eventOf('run.finished', { run, at, reason: end.reason, usage }),
        status: 'finished',
        problem: null,
        set: { status: 'finished', ...used },
      }
    case 'stopped':
      return {
        event: eventOf('run.finished', { run, at, reason: 'stopped', by: end.by, usage }),
        status: 'stopped',
        problem: null,
        set: { status: 'stopped', ...used },
      }
    case 'failed': {
      const { failure: kind, message, continuable } = end
      const status = kind === 'interrupted' ? 'interrupted' : 'failed'
      return {
        event: eventOf('run.failed', { run, at, kind, message, continuable }),
        status,
        problem: message,
        set: { status, failure: JSON.stringify({ kind, message, continuable }), ...used },
      }
    }
    default:
      return unreachable(end)
  }
}
