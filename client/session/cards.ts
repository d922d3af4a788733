/**
 * The cards of the margin: what the lane tells of runs, joined with what the document shows of
 * their chunks. The document is the truth of the text, the lane of who, how and when.
 */
import type * as Y from 'yjs'
import {
  chunkNumber,
  decisionMap,
  parseDecisionKey,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import type { RunInfo, Target } from '#shared/protocol/api.ts'
import type { LaneEvent } from '#shared/protocol/event.ts'
import type { ChangePart } from './changes/change-parts.ts'
import { FlagIndex } from './flag-index.ts'
import { KeptChunks } from './kept-chunks.ts'
import { ChunkNotes, withStrike } from './meet/chunk-notes.ts'
import { isRunning, RunViews } from './run-views.ts'
import { createStore, type Store } from './store.ts'
import type { ChunkView, RunView, SuggestionView } from './views.ts'

const SETTLED_SHOWN_MS = 4_000
/** How long a card says that a run had nothing to suggest. */
const NOTHING_SHOWN_MS = 8_000
const GATHER_MS = 60

interface Settled {
  view: ChunkView
  until: number
}

export class Cards {
  readonly store: Store<readonly SuggestionView[]>
  readonly #store = createStore<readonly SuggestionView[]>([])
  readonly #doc: Y.Doc
  readonly #me: () => string
  readonly #flags: FlagIndex
  readonly #notes: ChunkNotes
  readonly #runs: RunViews
  /** Chunks that the lane has called complete. */
  readonly #complete = new Set<string>()
  readonly #settled = new Map<string, Settled>()
  /** The text that each chunk had when it was last seen: a decided one keeps it. */
  readonly #seen = new Map<string, readonly ChangePart[]>()
  readonly #dismissed = new Set<string>()
  readonly #kept = new KeptChunks()
  /** Runs that ended without a word, and until when that is said. */
  readonly #nothing = new Map<string, number>()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(doc: Y.Doc, me: () => string) {
    this.store = this.#store
    this.#doc = doc
    this.#me = me
    this.#runs = new RunViews(doc)
    this.#flags = new FlagIndex(doc, () => this.#soon())
    this.#notes = new ChunkNotes(doc, () => this.#soon())
    decisionMap(doc).observe(this.#again)
    suggestionMap(doc).observeDeep(this.#again)
  }

  /**
   * The runs as the server lists them: at the start, after a gap in the lane, and in its answers.
   * An answer may be older than what the lane has told since: what has ended stays so.
   */
  load(runs: readonly RunInfo[]): void {
    this.#runs.load(runs)
    this.#soon()
  }

  hear(event: LaneEvent): void {
    this.#runs.hear(event)
    if (event.type === 'run.chunk') this.#complete.add(event.chunk)
    if (event.type === 'suggestion.decided') this.#decided(event)
    if (event.type === 'run.finished') {
      const run = this.#runs.get(event.run)
      if (run?.status === 'finished' && !this.#hasWritten(run.suggestion)) {
        this.#nothing.set(event.run, Date.now() + NOTHING_SHOWN_MS)
      }
    }
    this.#soon()
  }

  /** Where a run was asked for; null where that is not known. */
  targetOf(run: string): Target | null {
    return this.#runs.get(run)?.target ?? null
  }

  /** The run that a chunk is of. */
  runOf(chunk: string): RunView | undefined {
    return this.#runs.of(suggestionOf(chunk))
  }

  dismiss(suggestion: string): void {
    this.#dismissed.add(suggestion)
    this.#soon()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#flags.close()
    this.#notes.close()
    decisionMap(this.#doc).unobserve(this.#again)
    suggestionMap(this.#doc).unobserveDeep(this.#again)
  }

  readonly #again = (): void => this.#soon()

  #decided({
    suggestion,
    chunks,
    decision,
    by,
  }: Extract<LaneEvent, { type: 'suggestion.decided' }>): void {
    for (const n of chunks) {
      const id = `${suggestion}.${n}`
      if (decision === 'reopened') {
        this.#settled.delete(id)
        continue
      }
      this.#settled.set(id, {
        until: Date.now() + SETTLED_SHOWN_MS,
        view: {
          id,
          n,
          state: decision,
          parts: this.#seen.get(id) ?? [],
          decidedBy: by.name,
          deciding: null,
        },
      })
    }
  }

  #soon(delay = GATHER_MS): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      const next = this.#make()
      if (JSON.stringify(next) !== JSON.stringify(this.#store.get())) this.#store.set(next)
    }, delay)
  }

  #make(): SuggestionView[] {
    const now = Date.now()
    for (const [id, { until }] of this.#settled) if (until <= now) this.#settled.delete(id)
    for (const [id, until] of this.#nothing) if (until <= now) this.#nothing.delete(id)
    const chunks = new Map<string, ChunkView[]>()
    const add = (chunk: ChunkView) => {
      const suggestion = suggestionOf(chunk.id)
      const known = chunks.get(suggestion)
      if (known) known.push(chunk)
      else chunks.set(suggestion, [chunk])
    }
    const mine = this.#myDecisions()
    const shown = this.#flags.read()
    const notes = this.#notes.read()
    // Of a chunk that would only strike something, another one's strike or none may be shown.
    for (const id of new Set([...shown.keys(), ...notes.keys()])) {
      const note = notes.get(id)
      const parts = withStrike(shown.get(id) ?? [], note)
      this.#seen.set(id, parts)
      if (this.#settled.has(id)) continue
      add({
        id,
        n: chunkNumber(id),
        state: note?.stale ? 'stale' : 'open',
        parts,
        decidedBy: null,
        deciding: mine.get(id) ?? null,
        ...this.#notes.viewOf(note),
      })
    }
    for (const { view } of this.#settled.values()) add(view)
    if (this.#settled.size + this.#nothing.size > 0) this.#soon(500)

    const cards: SuggestionView[] = []
    for (const id of new Set([...chunks.keys(), ...this.#runs.suggestions()])) {
      const run = this.#runs.of(id)
      const own = (chunks.get(id) ?? []).toSorted((a, b) => a.n - b.n)
      if (run && (own.length > 0 || this.#hasNews(run))) {
        const all = this.#withWriting(run, own)
        cards.push({ id, run, chunks: all.map((chunk) => this.#kept.keep(chunk)) })
      }
    }
    this.#kept.turn()
    return cards.toSorted((a, b) => a.run.startedAt - b.run.startedAt)
  }

  /** While a run writes, its last chunk is not whole, unless the lane has said that it is. */
  #withWriting({ status }: RunView, chunks: ChunkView[]): ChunkView[] {
    const last = chunks.findLast(({ state }) => state === 'open')
    if (status !== 'streaming' || !last || this.#complete.has(last.id)) return chunks
    return chunks.map((chunk) => (chunk === last ? { ...chunk, state: 'writing' } : chunk))
  }

  /** Without text a run has a card while it is at work, and while it has something to say. */
  #hasNews({ id, suggestion, status }: RunView): boolean {
    if (this.#dismissed.has(suggestion)) return false
    if (isRunning({ status })) return true
    if (status === 'finished') return this.#nothing.has(id)
    return (status === 'failed' || status === 'interrupted') && this.#isRecent(id)
  }

  /** Whether a word of it was ever seen here, or a part of it called complete. */
  #hasWritten(suggestion: string): boolean {
    const known = [...this.#complete, ...this.#seen.keys(), ...this.#flags.read().keys()]
    return known.some((chunk) => suggestionOf(chunk) === suggestion)
  }

  #isRecent(id: string): boolean {
    const run = this.#runs.get(id)
    return run !== undefined && Date.now() - run.startedAt < 10 * 60_000
  }

  #myDecisions(): Map<string, 'accepted' | 'rejected'> {
    const mine = new Map<string, 'accepted' | 'rejected'>()
    for (const [key, { decision }] of decisionMap(this.#doc).entries()) {
      const parsed = parseDecisionKey(key)
      if (parsed && parsed.user === this.#me()) mine.set(parsed.chunk, decision)
    }
    return mine
  }
}
