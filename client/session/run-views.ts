/**
 * RunViews keeps what the lane and the server's lists tell of runs: how each stands, and which of
 * them writes a suggestion now.
 */
import type * as Y from 'yjs'
import { suggestionMap } from '#shared/document/shape.ts'
import { type RunInfo, type RunStatus, Target } from '#shared/protocol/api.ts'
import type { LaneEvent } from '#shared/protocol/event.ts'
import type { RunView } from './views.ts'

export class RunViews {
  readonly #doc: Y.Doc
  readonly #runs = new Map<string, RunView>()

  constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  get(run: string): RunView | undefined {
    return this.#runs.get(run)
  }

  /** Of the runs that the lane tells of. */
  suggestions(): string[] {
    return [...this.#runs.values()].map(({ suggestion }) => suggestion)
  }

  /** The run that wrote at a suggestion last, with the time at which the first one began. */
  of(suggestion: string): RunView | undefined {
    const own = [...this.#runs.values()]
      .filter((run) => run.suggestion === suggestion)
      .toSorted((a, b) => a.startedAt - b.startedAt)
    const [first, last] = [own[0], own.at(-1)]
    if (first && last) return { ...last, startedAt: first.startedAt }
    return this.#fromDocument(suggestion)
  }

  /** An answer may be older than what the lane has told since: what has ended stays so. */
  load(runs: readonly RunInfo[]): void {
    for (const { failure, isCut = false, ...run } of runs) {
      const known = this.#runs.get(run.id)
      if (known && !isRunning(known) && isRunning(run)) continue
      this.#runs.set(run.id, {
        ...run,
        target: run.target ?? null,
        problem: failure?.message ?? null,
        continuable: failure?.continuable ?? (run.status === 'stopped' || isCut),
        stoppedBy: known?.stoppedBy ?? null,
      })
    }
  }

  hear(event: LaneEvent): void {
    switch (event.type) {
      case 'run.started':
        this.#runs.set(event.run, {
          instruction: '',
          tokens: 0,
          problem: null,
          continuable: false,
          stoppedBy: null,
          progress: null,
          ...this.#runs.get(event.run),
          id: event.run,
          suggestion: event.suggestion,
          command: event.command,
          title: event.title,
          requester: event.requester,
          model: event.model,
          target: Target.safeParse(event.target).data ?? null,
          status: event.queue > 0 ? 'queued' : 'streaming',
          queue: event.queue,
          startedAt: event.at,
        })
        break
      case 'run.delta':
        this.#change(event.run, { tokens: event.tokens })
        break
      case 'run.progress': {
        const { done, of, missed } = event
        this.#change(event.run, { progress: { done, of, missed } })
        break
      }
      case 'run.finished': {
        const status: RunStatus = event.reason === 'stopped' ? 'stopped' : 'finished'
        const continuable = event.reason === 'stopped' || event.reason === 'length'
        this.#change(event.run, { status, continuable, stoppedBy: event.by?.name ?? null })
        break
      }
      case 'run.failed':
        this.#change(event.run, {
          status: event.kind === 'interrupted' ? 'interrupted' : 'failed',
          problem: event.message,
          continuable: event.continuable,
        })
        break
      case 'run.chunk':
      case 'suggestion.decided':
      case 'suggestion.stale': // of chunks
    }
  }

  #change(run: string, change: Partial<RunView>): void {
    const known = this.#runs.get(run)
    if (known) this.#runs.set(run, { ...known, ...change })
  }

  /** A suggestion whose run the lane no longer tells of is still in the document. */
  #fromDocument(id: string): RunView | undefined {
    const entry = suggestionMap(this.#doc).get(id)
    if (!entry) return undefined
    return {
      id: entry.run ?? id,
      suggestion: id,
      command: entry.command,
      title: entry.title,
      instruction: '',
      requester: { id: entry.author, name: entry.authorName },
      model: '',
      target: null,
      status: entry.status,
      queue: 0,
      tokens: 0,
      problem: entry.problem,
      continuable: false,
      stoppedBy: null,
      progress: null,
      startedAt: entry.createdAt,
    }
  }
}

export const isRunning = ({ status }: { status: RunStatus }): boolean =>
  status === 'queued' || status === 'streaming'
