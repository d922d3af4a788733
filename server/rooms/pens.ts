/**
 * The pens of the runs that write in this room: one a run, each aborted when its run is stopped or
 * its place is gone.
 */
import type { RunRow } from '#server/store/document-store.ts'
import type { Place } from '#server/suggestions/place.ts'
import type { Person } from '#shared/protocol/event.ts'
import { type PenDeps, RunPen } from './run-pen.ts'
import type { RunWriter } from './run-writer.ts'

export class Pens {
  readonly #deps: PenDeps
  readonly #pens = new Map<string, RunPen>()

  constructor(deps: PenDeps) {
    this.#deps = deps
  }

  /** A run writes this suggestion here. */
  has(suggestion: string): boolean {
    return [...this.#pens.values()].some((pen) => pen.suggestion === suggestion)
  }

  async open(run: RunRow, place: Place, kind: 'insert' | 'edit'): Promise<RunWriter> {
    const pen = new RunPen(this.#deps, run, kind === 'edit' ? { kind: 'edit' } : place)
    this.#pens.set(run.id, pen)
    pen.signal.addEventListener('abort', () => this.#pens.delete(run.id))
    try {
      await pen.begin(kind)
    } catch (error) {
      this.#pens.delete(run.id)
      throw error
    }
    return {
      signal: pen.signal,
      write: (pieces, tokens, progress) => pen.write(pieces, tokens, progress),
      settle: () => pen.settle(),
      end: async (end) => {
        await pen.end(end)
        this.#pens.delete(run.id)
      },
    }
  }

  stop(run: string, by: Person): boolean {
    const pen = this.#pens.get(run)
    pen?.abort({ kind: 'stopped', by })
    return pen !== undefined
  }

  /** Aborts those whose place is gone. To be called after every change of the document. */
  check(): void {
    for (const pen of this.#pens.values()) pen.check()
  }

  close(): void {
    for (const pen of this.#pens.values()) pen.abort({ kind: 'closing' })
  }
}
