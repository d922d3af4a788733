/**
 * RunPen writes one run's text: it turns pieces into provisional text and commits each batch with the
 * events that tell of it, behind the run's fence. It shows the co-pilot's caret.
 */
import type { RunRow } from '#server/store/document-store.ts'
import { type Progress, progressWith, readProgress } from '#server/store/run-progress.ts'
import { cutIn } from '#server/suggestions/broken-off.ts'
import { isUndecided } from '#server/suggestions/chunk-book.ts'
import type { Place } from '#server/suggestions/place.ts'
import { RunText } from '#server/suggestions/run-text.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Piece } from '#shared/document/piece.ts'
import { chunkNumber, type SuggestionEntry, suggestionMap } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import {
  chunkEvents,
  eventOf,
  type NewEvent,
  outcomeOf,
  progressEvent,
  startedEvent,
  suggestionBy,
} from './lane-events.ts'
import type { Names } from './names.ts'
import { type Extras, ORIGIN, type OwnWrites } from './own-writes.ts'
import { PlaceWait } from './place-wait.ts'
import type { Presence } from './presence.ts'
import type { RunAbort, RunEnd } from './run-writer.ts'
import { staleEvents } from './stale-events.ts'

const COPILOT_COLOR = '#7c3aed'

export interface PenDeps {
  suggestions: Suggestions
  writes: OwnWrites
  names: Names
  presence: Presence
  limits: Pick<Limits, 'leaseMs' | 'placeWaitMs'>
}

/** How far a run has come, and what of that has been told. */
interface Told {
  now: Progress | undefined
  told: string | undefined
}

export class RunPen {
  readonly #deps: PenDeps
  readonly #run: RunRow
  readonly #place: Place
  readonly #progress: Told
  /** Undefined until it has begun. */
  #text: RunText | undefined
  readonly #controller = new AbortController()
  readonly #placeWait: PlaceWait
  #ended: Promise<void> | undefined
  #caret = ''

  constructor(deps: PenDeps, run: RunRow, place: Place) {
    this.#deps = deps
    this.#run = run
    this.#place = place
    this.#progress = { now: readProgress(run.progress), told: undefined }
    this.#placeWait = new PlaceWait(deps.limits.placeWaitMs)
  }

  get suggestion(): string {
    return suggestionBy(this.#run)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  abort(reason: RunAbort): void {
    this.#controller.abort(reason)
    this.#placeWait.end()
  }

  check(): void {
    const text = this.#text
    if (this.#ended || this.signal.aborted || !text) return
    if (text.gone) this.abort({ kind: 'no-place' })
    else if (!text.waits) this.#placeWait.end()
    else {
      this.#placeWait.begin(() => {
        text.giveUp()
        this.abort({ kind: 'no-place' })
      })
    }
  }

  /** See RunWriter. */
  async settle(): Promise<void> {
    for (;;) {
      this.signal.throwIfAborted()
      if (!this.#text?.isKeeping) return
      if (this.#text.waits) await this.#placeWait.over()
      else await this.write([], this.#run.tokens)
    }
  }

  async begin(kind: 'insert' | 'edit'): Promise<void> {
    const { suggestions, writes } = this.#deps
    const { id, client } = this.#run
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
      suggestions.doc.transact(() => this.#enter(kind), ORIGIN)
      const extras = () => ({
        chunks: suggestions.takeChanges(),
        run: this.#guard(['streaming'], {}),
      })
      return { actor: id, extras }
    })
    this.#showCaret()
  }

  /** The suggestion's entry, and the pen. Who goes on with a suggestion takes its half back first. */
  #enter(kind: 'insert' | 'edit'): void {
    const { suggestions } = this.#deps
    const { id, client, command, title, requester, requesterName } = this.#run
    const { suggestion } = this
    const entries = suggestionMap(suggestions.doc)
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
    const known = entries.get(suggestion)
    const present = { run: id, status: entry.status, problem: null }
    entries.set(suggestion, known ? { ...known, ...present } : entry)
    const half = suggestions.book.get(this.#progress.now?.cut ?? '')
    if (half && isUndecided(half)) suggestions.takeBack(half)
    suggestions.repair(ORIGIN)
    const last = suggestions.book.of(suggestion).at(-1)
    const firstChunk = last ? chunkNumber(last.id) + 1 : 1
    this.#text = new RunText(suggestions, { suggestion, client, place: this.#place, firstChunk })
  }

  async write(pieces: readonly Piece[], tokens: number, progress?: Progress): Promise<void> {
    this.signal.throwIfAborted()
    const { suggestions, writes, names } = this.#deps
    let gone = false
    await writes.write(() => {
      const text = this.#text
      if (this.signal.aborted || !text) return undefined
      if (suggestions.dirty) suggestions.repair(ORIGIN)
      const written = text.write(pieces, ORIGIN)
      gone = written.gone
      const events = this.#come(progress)
      return {
        actor: this.#run.id,
        soon: true,
        extras: (update) => ({
          chunks: suggestions.takeChanges(),
          events: [
            ...this.#delta(written.text, update, tokens),
            ...chunkEvents(this.#run.id, written.complete),
            ...staleEvents(suggestions, names),
            ...events,
          ],
          run: this.#guard(['streaming'], { tokens, ...this.#progressSet() }),
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
    this.#placeWait.end()
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
        const { complete, text } = this.#text?.end(ORIGIN) ?? { complete: [], text: '' }
        markEnded(suggestions, this.suggestion, status, problem)
        const isWhole = end.kind === 'finished' && end.reason !== 'length'
        const progress = progressWith(this.#progress.now, isWhole ? null : cutIn(complete))
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
            run: this.#guard(['queued', 'streaming'], { ...set, ...progress }),
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

  /** Notes how far it has come, and tells it where that is news. */
  #come(progress: Progress | undefined): NewEvent[] {
    if (!progress) return []
    this.#progress.now = progress
    const { done, of, missed } = progress
    const words = `${done} ${of} ${missed}`
    if (words === this.#progress.told) return []
    this.#progress.told = words
    return [progressEvent(this.#run.id, progress)]
  }

  #progressSet(): { progress?: string } {
    const { now } = this.#progress
    return now ? { progress: JSON.stringify(now) } : {}
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
    const position = this.#ended ? undefined : this.#text?.caret()
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
