/**
 * The pens of the runs that write in this room. A pen turns pieces into provisional text and
 * commits each batch with the events that tell of it, behind the run's fence; it shows the
 * co-pilot's caret, and it is aborted when its run is stopped or its place is gone.
 */
import type { RunRow } from '#server/store/document-store.ts'
import type { Place } from '#server/suggestions/place.ts'
import { RunText } from '#server/suggestions/run-text.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Piece } from '#shared/document/piece.ts'
import { type SuggestionEntry, suggestionMap } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import type { Person } from '#shared/protocol/event.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { chunkEvents, eventOf, outcomeOf, startedEvent } from './lane-events.ts'
import type { Names } from './names.ts'
import { type Extras, ORIGIN, type OwnWrites } from './own-writes.ts'
import type { Presence } from './presence.ts'
import type { RunAbort, RunEnd, RunWriter } from './run-writer.ts'
import { staleEvents } from './stale-events.ts'

const COPILOT_COLOR = '#7c3aed'

export interface PensDeps {
  suggestions: Suggestions
  writes: OwnWrites
  names: Names
  presence: Presence
  limits: Pick<Limits, 'leaseMs'>
}

export class Pens {
  readonly #deps: PensDeps
  readonly #pens = new Map<string, Pen>()

  constructor(deps: PensDeps) {
    this.#deps = deps
  }

  has(run: string): boolean {
    return this.#pens.has(run)
  }

  async open(run: RunRow, place: Place, kind: 'insert' | 'edit'): Promise<RunWriter> {
    const pen = new Pen(this.#deps, run, kind === 'edit' ? { kind: 'edit' } : place)
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
      write: (pieces, tokens) => pen.write(pieces, tokens),
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

class Pen {
  readonly #deps: PensDeps
  readonly #run: RunRow
  readonly #text: RunText
  readonly #controller = new AbortController()
  #ended: Promise<void> | undefined
  #caret = ''

  constructor(deps: PensDeps, run: RunRow, place: Place) {
    this.#deps = deps
    this.#run = run
    this.#text = new RunText(deps.suggestions, { suggestion: run.id, client: run.client, place })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: RunAbort): void {
    this.#controller.abort(reason)
  }

  check(): void {
    if (!this.#ended && this.#text.gone) this.abort({ kind: 'no-place' })
  }

  async begin(kind: 'insert' | 'edit'): Promise<void> {
    const { suggestions, writes } = this.#deps
    const { id, command, title, requester, requesterName, client } = this.#run
    const entry: SuggestionEntry = {
      run: id,
      author: requester,
      authorName: requesterName,
      kind,
      command,
      title,
      status: 'streaming',
      problem: null,
      createdAt: Date.now(),
    }
    // Its guard is asked for alone first: a run that lost its lease must not cost the room.
    const answer = await writes.write(() => ({
      actor: id,
      extras: () => ({
        clients: [{ client, owner: id }],
        events: [startedEvent(this.#run, 0)],
        run: this.#guard(['queued', 'streaming'], { status: 'streaming' }),
      }),
    }))
    if (typeof answer === 'string') throw new GlossError('conflict', `the run is ${answer}`)
    await writes.write(() => {
      suggestions.doc.transact(() => suggestionMap(suggestions.doc).set(id, entry), ORIGIN)
      return { actor: id, extras: () => ({ run: this.#guard(['streaming'], {}) }) }
    })
    this.#showCaret()
  }

  async write(pieces: readonly Piece[], tokens: number): Promise<void> {
    this.signal.throwIfAborted()
    const { suggestions, writes, names } = this.#deps
    let gone = false
    await writes.write(() => {
      if (this.signal.aborted) return undefined
      if (suggestions.dirty) suggestions.repair(ORIGIN)
      const written = this.#text.write(pieces, ORIGIN)
      gone = written.gone
      return {
        actor: this.#run.id,
        soon: true,
        extras: (update) => ({
          chunks: suggestions.takeChanges(),
          events: [
            ...this.#delta(written.text, update, tokens),
            ...chunkEvents(this.#run.id, written.complete),
            ...staleEvents(suggestions, names),
          ],
          run: this.#guard(['streaming'], { tokens }),
        }),
        refused: (refusal) => {
          if (refusal === 'fenced') this.abort({ kind: 'fenced' })
        },
      }
    })
    if (gone) this.abort({ kind: 'no-place' })
    this.signal.throwIfAborted()
    this.#showCaret()
  }

  end(end: RunEnd): Promise<void> {
    this.#ended ??= this.#end(end).finally(() => {
      this.#deps.presence.show(this.#run.client, null)
    })
    return this.#ended
  }

  async #end(end: RunEnd): Promise<void> {
    const reason = this.signal.reason as RunAbort | undefined
    // Whoever has taken the run, or comes after this process, writes its end.
    if (reason?.kind === 'fenced') return
    const { suggestions, writes, names } = this.#deps
    const { event, status, problem, set } = outcomeOf(this.#run.id, end)
    let fenced = false
    try {
      await writes.write(() => {
        if (suggestions.dirty) suggestions.repair(ORIGIN)
        const { complete, text } = this.#text.end(ORIGIN)
        markEnded(suggestions, this.#run.id, status, problem)
        return {
          actor: this.#run.id,
          extras: (update): Extras => ({
            chunks: suggestions.takeChanges(),
            events: [
              ...(text === '' ? [] : this.#delta(text, update, this.#run.tokens)),
              ...chunkEvents(this.#run.id, complete),
              ...staleEvents(suggestions, names),
              event,
            ],
            run: this.#guard(['queued', 'streaming'], set),
          }),
          refused: (refusal) => {
            fenced = refusal === 'fenced'
          },
        }
      })
    } catch (error) {
      if (!fenced) throw error
    }
  }

  #delta(text: string, update: Uint8Array | undefined, tokens: number) {
    if (!update) return []
    this.#run.tokens = tokens
    const delta = {
      run: this.#run.id,
      at: Date.now(),
      lane: 'document' as const,
      text,
      update: Buffer.from(update).toString('base64'),
      tokens,
    }
    return [eventOf('run.delta', delta)]
  }

  #guard(
    from: RunRow['status'][],
    set: NonNullable<Extras['run']>['set'],
  ): NonNullable<Extras['run']> {
    const { id, fence } = this.#run
    return { id, fence, from, set, leaseMs: this.#deps.limits.leaseMs }
  }

  /** The caret follows the text by itself; it is told again only where it has drifted. */
  #showCaret(): void {
    const { presence } = this.#deps
    const { id, client, requesterName } = this.#run
    const position = this.#ended ? undefined : this.#text.caret()
    const caret = JSON.stringify(position ?? null)
    if (caret === this.#caret) return
    this.#caret = caret
    const name = `Co-pilot · ${requesterName}`
    const at: unknown = JSON.parse(caret)
    presence.show(client, {
      user: { id, name, color: COPILOT_COLOR, copilot: true },
      name,
      color: COPILOT_COLOR,
      focusing: true,
      anchorPos: at,
      focusPos: at,
      awarenessData: {},
    })
  }
}

/** Says in the document how a suggestion's run ended. */
export function markEnded(
  { doc }: Suggestions,
  suggestion: string,
  status: SuggestionEntry['status'],
  problem: string | null,
): void {
  const map = suggestionMap(doc)
  const entry = map.get(suggestion)
  if (entry) doc.transact(() => map.set(suggestion, { ...entry, status, problem }), ORIGIN)
}
