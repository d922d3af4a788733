/**
 * The study of a room: its Y.Doc, and those who need one to do their work (suggestions, decisions,
 * pens, the server's own writes, readers). A room that only relays has none. It is opened in one
 * piece, from bytes that are committed, and stays open as long as the room.
 */
import * as Y from 'yjs'
import type { Log } from '#server/log.ts'
import type { DocumentStore, StoredChunk } from '#server/store/document-store.ts'
import type { Forgotten } from '#server/suggestions/recall.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import { suggestionMap } from '#shared/document/shape.ts'
import type { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { AskedDecisions } from './asked-decisions.ts'
import { Decisions } from './decisions.ts'
import { endAbandoned } from './healing/abandoned.ts'
import { Healing } from './healing/healing.ts'
import { LateAnswers } from './late/late-answers.ts'
import type { Known } from './log-entry.ts'
import { Names } from './names.ts'
import { OwnWrites, ROOM } from './own-writes.ts'
import { Pens } from './pens.ts'
import type { Presence } from './presence.ts'
import { Reading } from './reading.ts'
import { recollect } from './recollection.ts'
import { COMMITTED, type Replica } from './replica.ts'
import { StateWaiters } from './state-waiters.ts'
import { Tending } from './tending.ts'
import type { Transcript } from './transcript.ts'
import { Turns } from './turns.ts'

export interface StudyDeps {
  transcript: Transcript
  replica: Replica
  presence: Presence
  store: DocumentStore
  limits: Limits
  log: Log
  /** Chunks as they were when the room was loaded. */
  chunks: readonly StoredChunk[]
  /** Another instance has written since then. */
  chunksAreOld: boolean
  /** The Y.Doc cannot be trusted any more. */
  lost(error: GlossError): void
}

export class Study {
  readonly doc = new Y.Doc()
  /** What the document says, for those who only read. */
  readonly reading: Reading
  readonly suggestions: Suggestions
  readonly writes: OwnWrites
  readonly decisions: Decisions
  /** Decisions that come by HTTP. */
  readonly asked: AskedDecisions
  readonly pens: Pens
  readonly #late: LateAnswers
  readonly #healing: Healing
  readonly #names: Names
  readonly #tending: Tending
  readonly #turns: Turns
  readonly #waiters = new StateWaiters()

  constructor(deps: StudyDeps) {
    const { transcript, replica, presence, store, limits, log, chunks, lost } = deps
    const { doc } = this
    this.writes = new OwnWrites({ doc, replica, lost, prepare: () => this.#tending.refresh() })
    const names = new Names({ store, onLearned: () => this.#tending.renamed() })
    this.#names = names
    this.suggestions = new Suggestions(doc, {
      ownerOf: (client) => this.#personOf(replica.owners.get(client)),
      nameOf: (user) => names.nameOf(user),
      writesHere: (suggestion) => this.#tending.settlesHere(suggestion),
    })
    this.reading = new Reading({
      suggestions: this.suggestions,
      chunksAreOld: () => this.#tending.chunksAreOld,
      committed: async () => {
        // Where the log cannot be read, what was brought back is told from flags alone.
        await this.#tending.recall().catch(() => undefined)
        await new Promise<void>((resolve) => this.writes.whenCommitted(resolve))
      },
    })
    this.#turns = new Turns({ name: `settle ${replica.id}`, store, log })
    const shared = {
      suggestions: this.suggestions,
      writes: this.writes,
      names,
      recollect: async (forgotten: readonly Forgotten[]) => {
        const { id: document, epoch, cursor } = replica
        // What was decided before this room was opened may have been moved before that, too.
        await this.#late.learnMoves(epoch, cursor)
        return recollect(forgotten, { store, suggestions: this.suggestions, document, epoch })
      },
    }
    this.pens = new Pens({ ...shared, presence, limits })
    const alone = <T>(act: () => Promise<T>) =>
      this.#turns.take(async () => {
        // Whoever had the turn before may have been elsewhere: first all that it has done.
        await replica.catchUp()
        this.#tending.distrust()
        return act()
      })
    this.decisions = new Decisions({
      ...shared,
      settlesHere: (suggestion) => this.#tending.settlesHere(suggestion),
      alone,
    })
    this.asked = new AskedDecisions({
      ...shared,
      document: replica.id,
      store,
      settling: this.decisions,
      alone,
    })
    const { pens, decisions } = this
    transcript.open(doc, COMMITTED)
    const late = new LateAnswers({
      doc,
      document: replica.id,
      store,
      owners: replica.owners,
      settlesHere: (suggestion) => this.#tending.settlesHere(suggestion),
      suggestions: this.suggestions,
      nameOf: (user) => names.nameOf(user),
      log,
    })
    this.#late = late
    this.#tending = new Tending({ ...shared, store, log, replica, pens, decisions, late })
    this.suggestions.restore(chunks)
    if (doc.store.pendingStructs || doc.store.pendingDs) {
      log.error({ document: replica.id }, 'the log holds updates without what they depend on')
    }
    this.#tending.changed(deps.chunksAreOld)
    this.#healing = new Healing({
      document: replica.id,
      book: this.suggestions.book,
      writes: this.writes,
      alone,
      quietMs: limits.healQuietMs,
      log,
    })
    endAbandoned({ ...shared, store, alone }).catch((error: unknown) => {
      log.warn({ document: replica.id, error }, 'what a dead run left was not ended')
    })
  }

  /** Whether an update needs to be told of what was moved before: see `readPast`. */
  lacksPast(update: Uint8Array): boolean {
    return this.#late.lacksPast(update)
  }

  /** To be awaited before an update is applied that lacks it. */
  readPast(epoch: number, head: number): Promise<void> {
    return this.#late.readPast(epoch, head)
  }

  /** Follows the log. What came too late is re-attached; `applied` has that committed. */
  apply(update: Uint8Array, { actor, sentBy }: Known): void {
    const person = this.#personOf(actor)
    this.suggestions.actor = person ?? null
    if (sentBy) this.#names.meet(sentBy.user)
    this.#late.apply(update, sentBy)
    this.suggestions.actor = null
  }

  /** The log has reached what the room wrote itself. */
  noteCommitted(update: Uint8Array): void {
    this.#late.noteCommitted(update)
  }

  /**
   * To be called after each change that was committed; `foreign` where another instance wrote it.
   * True where the room has an answer to it, which is to be sent with it.
   */
  applied(foreign: boolean): boolean {
    this.#waiters.check(this.doc)
    this.#healing.changed()
    return this.#tending.changed(foreign)
  }

  /** See Room.caughtUp. */
  caughtUp(stateVector: Uint8Array, signal: AbortSignal): Promise<void> {
    return this.#waiters.wait(this.doc, stateVector, signal)
  }

  /** Undefined for runs, and for the room. */
  #personOf(owner: string | undefined): string | undefined {
    const isRun = owner !== undefined && suggestionMap(this.doc).has(owner)
    return owner === ROOM || isRun ? undefined : owner
  }

  close(): void {
    this.#tending.close()
    this.#healing.close()
    this.#turns.close()
    this.pens.close()
    this.#late.close()
    this.decisions.close()
    this.writes.close()
    this.suggestions.destroy()
    this.doc.destroy()
  }
}
