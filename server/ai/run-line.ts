/**
 * The line of a document's runs: who writes, who waits, whose turn it is. It is read from the
 * database, so that the limits hold for all instances together.
 */
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import { Turns } from '#server/rooms/turns.ts'
import type { DocumentStore, RunRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'

export interface RunLineDeps {
  store: DocumentStore
  limits: Limits
  metrics: Metrics
  log: Log
}

export class RunLine {
  readonly #deps: RunLineDeps
  readonly #turns: Turns

  constructor(deps: RunLineDeps) {
    this.#deps = deps
    this.#turns = new Turns({ name: 'runs', store: deps.store, log: deps.log })
  }

  /** Acts while nobody else, on no instance, is given a place: places are counted and taken. */
  alone<T>(act: () => Promise<T>): Promise<T> {
    return this.#turns.take(act)
  }

  /** Where one who comes now stands: 0 writes at once. Throws `too-many` where the line is full. */
  async place(document: string): Promise<number> {
    const { limits, store, metrics } = this.#deps
    const refuse = (scope: string): never => {
      metrics.limitRefused.inc({ scope, kind: 'runs' })
      throw new GlossError('too-many', 'too many runs')
    }
    const { writing, waiting } = parted(await store.listRuns(document))
    const all = writing.length + waiting.length
    if (all >= limits.runsPerDocument + limits.runQueuePerDocument) refuse('document')
    if ((await store.countLiveRuns()) >= limits.runsPerWorkspace) refuse('workspace')
    const atOnce = waiting.length === 0 && writing.length < limits.runsPerDocument
    return atOnce ? 0 : waiting.length + 1
  }

  /** Those who wait and may begin. Who was there first goes first, whichever instance has it. */
  async due(document: string): Promise<string[]> {
    const { limits, store } = this.#deps
    const { writing, waiting } = parted(await store.listRuns(document))
    const free = Math.max(0, limits.runsPerDocument - writing.length)
    return waiting.slice(0, free).map(({ id }) => id)
  }

  close(): void {
    this.#turns.close()
  }
}

/** The number of each waiting run among the runs of its document. */
export function queueNumbers(rows: readonly RunRow[]): Map<string, number> {
  return new Map(parted(rows).waiting.map(({ id }, n) => [id, n + 1]))
}

function parted(rows: readonly RunRow[]) {
  return {
    writing: rows.filter(({ status }) => status === 'streaming'),
    waiting: rows.filter(({ status }) => status === 'queued'),
  }
}
