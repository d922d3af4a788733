/**
 * Tending: what a room does of itself after its document has changed. It commits what Yjs tidied,
 * has decisions settled, pens checked and flags repaired, and keeps what it knows of chunks fresh.
 */
import type { Log } from '#server/log.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import { suggestionMap } from '#shared/document/shape.ts'
import type { Decisions } from './decisions.ts'
import type { LateAnswers } from './late/late-answers.ts'
import type { Names } from './names.ts'
import { ORIGIN, type OwnWrites, ROOM } from './own-writes.ts'
import type { Pens } from './pens.ts'
import { recollectErased } from './recollection.ts'
import type { Replica } from './replica.ts'
import { staleEvents } from './stale-events.ts'

/** How long after a change flags may be untrue before they are repaired. */
const REPAIR_MS = 200

/** Others may write all the time: so often the rows are read again before one's own turn. */
const MOST_READS = 10

export interface TendingDeps {
  store: Pick<DocumentStore, 'loadMargin' | 'loadPast'>
  log: Log
  replica: Replica
  writes: OwnWrites
  suggestions: Suggestions
  pens: Pens
  decisions: Decisions
  names: Names
  late: Pick<LateAnswers, 'take' | 'isOutrun' | 'mendOutrun'>
}

export class Tending {
  readonly #deps: TendingDeps
  #repairTimer: NodeJS.Timeout | undefined
  #chunksAreOld = false
  #recalling: Promise<void> | undefined
  #closed = false

  constructor(deps: TendingDeps) {
    this.#deps = deps
  }

  /** Another instance has written, and what it told the database of chunks is not read yet. */
  get chunksAreOld(): boolean {
    return this.#chunksAreOld
  }

  /**
   * To be called after every change of the document, from wherever. True where the room has an
   * answer to it, which is on its way to be committed.
   */
  changed(foreign: boolean): boolean {
    if (this.#closed) return false
    const { writes, pens, decisions, suggestions, late } = this.#deps
    this.#chunksAreOld ||= foreign
    const answer = late.take()
    const isAnswered = writes.commitTidied(
      answer && (() => ({ ...answer, chunks: suggestions.takeChanges() })),
    )
    pens.check()
    decisions.look(foreign).catch((error: unknown) => this.#warn(error, 'decisions wait'))
    if (suggestions.dirty || late.isOutrun) {
      this.#repairTimer ??= setTimeout(() => this.#repair(), REPAIR_MS)
    }
    return isAnswered
  }

  /** Somebody's name is known now, which the notes of stale chunks may name. */
  renamed(): void {
    this.#deps.suggestions.struck()
    if (!this.#closed) this.#repairTimer ??= setTimeout(() => this.#repair(), REPAIR_MS)
  }

  /** What another instance has just done may not have been heard of yet. */
  distrust(): void {
    this.#chunksAreOld = true
  }

  /** Reads in the log what people had erased of pending chunks before this room was opened. */
  recall(): Promise<void> {
    const { store, replica, suggestions } = this.#deps
    const { erased } = suggestions
    if (!erased) return Promise.resolve()
    this.#recalling ??= recollectErased(erased, {
      store,
      document: replica.id,
      epoch: replica.epoch,
    })
      .then((items) => suggestions.recall(items))
      .finally(() => {
        this.#recalling = undefined
      })
    return this.#recalling
  }

  /**
   * Reads the rows of chunks where another instance may have made or settled some. It may write again
   * meanwhile: a decision on a chunk whose row is not read yet would be taken for one that names none.
   */
  async refresh(): Promise<void> {
    await this.recall()
    for (let n = 0; this.#chunksAreOld && n < MOST_READS && !this.#closed; n++) {
      await this.#readRows()
      await this.recall()
    }
  }

  async #readRows(): Promise<void> {
    const { store, replica, suggestions, writes } = this.#deps
    this.#chunksAreOld = false
    // Answers to late words leave at any time, with rows that older ones must not take the place of.
    const margin = writes.readSettled(() => store.loadMargin(replica.id))
    const { chunks, clients } = await margin.catch((error: unknown) => {
      this.#chunksAreOld = true
      throw error
    })
    suggestions.refresh(chunks)
    for (const [client, owner] of clients) replica.owners.set(client, owner)
  }

  /** False while the suggestion's run is written on another instance, which then settles it. */
  settlesHere(suggestion: string): boolean {
    const entry = suggestionMap(this.#deps.suggestions.doc).get(suggestion)
    return entry?.status !== 'streaming' || this.#deps.pens.has(suggestion)
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#repairTimer)
  }

  #repair(): void {
    this.#repairTimer = undefined
    const { writes, suggestions, names, late } = this.#deps
    writes
      .write(() => {
        if (!suggestions.dirty && !late.isOutrun) return undefined
        if (late.isOutrun) late.mendOutrun()
        suggestions.repair(ORIGIN)
        const extras = () => ({
          ...late.take(),
          chunks: suggestions.takeChanges(),
          events: staleEvents(suggestions, names),
        })
        return { actor: ROOM, extras }
      })
      .catch((error: unknown) => this.#warn(error, 'flags were not repaired'))
  }

  #warn(error: unknown, sentence: string): void {
    const { log, replica } = this.#deps
    if (!this.#closed) log.warn({ document: replica.id, error }, sentence)
  }
}
