/**
 * LateAnswers applies what comes out of the log to the room's document, and gathers what the room
 * writes because some of it came too late. Only what people sent to this instance is answered here,
 * where it stands in the log: each update by one instance, once, whatever others write meanwhile.
 */
import * as Y from 'yjs'
import type { Log } from '#server/log.ts'
import type { DocumentPast, DocumentStore } from '#server/store/document-store.ts'
import { isUndecided } from '#server/suggestions/chunk-book.ts'
import { inRanges } from '#server/suggestions/items.ts'
import { LateWords } from '#server/suggestions/late/late-words.ts'
import { rescue, rescuedAt } from '#server/suggestions/late/rescue.ts'
import type { SentBy } from '#server/suggestions/late/sent.ts'
import type { TextSpot } from '#server/suggestions/late/spots.ts'
import { livingEnd } from '#server/suggestions/living-end.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import type { StoredChunk } from '#server/suggestions/types.ts'
import { docAsWritten } from '#shared/document/as-written.ts'
import {
  chunkNumber,
  decisionMap,
  RESCUED,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import { ORIGIN } from '../own-writes.ts'
import { COMMITTED } from '../replica.ts'

export interface LateAnswersDeps {
  doc: Y.Doc
  document: string
  store: Pick<DocumentStore, 'loadPast' | 'loadMargin'>
  /** Which user or run each Yjs client belongs to; what the room writes for somebody is added. */
  owners: Map<number, string>
  suggestions: Suggestions
  /** False while the suggestion's run is written on another instance. */
  settlesHere(suggestion: string): boolean
  /** What a person is called; empty where that is not known yet. */
  nameOf(user: string): string
  log: Log
}

/** Belongs to what was written, in the same commit. */
interface Answer {
  clients: { client: number; owner: string }[]
}

export class LateAnswers {
  readonly #deps: LateAnswersDeps
  readonly #late: LateWords
  #answer: Answer | undefined
  #hasPast = false
  #lacksMoves = false
  readonly #asked = new Set<number>()
  /** Undecided chunks as they were read with whose words are whose. */
  #foreign: StoredChunk[] = []

  constructor(deps: LateAnswersDeps) {
    const { doc, owners, suggestions, nameOf, settlesHere } = deps
    this.#deps = deps
    this.#late = new LateWords({
      doc,
      origin: ORIGIN,
      ownerOf: (client) => owners.get(client),
      onMoved: (ranges) => suggestions.inherit(ranges),
      rescue: (pieces, index) => {
        rescue({ book: suggestions.book, writer: this.#late.writer, nameOf }, pieces, index)
      },
      proposalAt: (spot, owner) => rescuedAt(suggestions.book, spot, owner),
      runs: {
        stateOf: (id) => {
          const suggestion = this.#suggestionAt(id)
          const entry = suggestion === undefined ? undefined : suggestionMap(doc).get(suggestion)
          // What is rescued are a person's words: seed 712 lost those that another Enter took along.
          if (suggestion === undefined || entry?.command === RESCUED) return undefined
          if (entry?.status !== 'streaming') return 'ended'
          return settlesHere(suggestion) ? 'here' : 'elsewhere'
        },
        spotOf: (id) => this.#endOf(id),
      },
    })
    suggestions.followMoves(this.#late)
  }

  /** Whether an update needs something that is not known yet: of the past, or whose words it takes along. */
  lacksPast(update: Uint8Array): boolean {
    try {
      this.#lacksMoves = !this.#hasPast && this.#late.lacksPast(update)
      return this.#lacksMoves || (this.#late.takesAlong(update) && this.#strangers().length > 0)
    } catch {
      return false // what cannot be read is refused when it is applied
    }
  }

  /** Reads what an update lacked, up to this place of the log. */
  async readPast(epoch: number, head: number): Promise<void> {
    await this.#readOwners()
    if (this.#lacksMoves) await this.#readMoves(epoch, head)
  }

  /** Reads what was moved before this room was opened, unless it has been read. */
  async learnMoves(epoch: number, head: number): Promise<void> {
    if (!this.#hasPast) await this.#readMoves(epoch, head)
  }

  /** Yjs clients that wrote here and of which it was never asked whose they are. */
  #strangers(): number[] {
    const { doc, owners } = this.#deps
    return [...doc.store.clients.keys()].filter(
      (client) => !owners.has(client) && !this.#asked.has(client),
    )
  }

  /** Another instance registers whoever writes there: a run's words are not a person's. */
  async #readOwners(): Promise<void> {
    const strangers = this.#strangers()
    if (strangers.length === 0) return
    for (const client of strangers) this.#asked.add(client)
    const { document, store, log, owners } = this.#deps
    try {
      const { clients, chunks } = await store.loadMargin(document)
      for (const [client, owner] of clients) owners.set(client, owner)
      this.#foreign = chunks.filter(isUndecided)
    } catch (error) {
      log.warn({ document, error }, 'whose words were taken along is not known')
    }
  }

  /** Reads in the log what was moved before this room was opened. */
  async #readMoves(epoch: number, head: number): Promise<void> {
    this.#hasPast = true
    this.#lacksMoves = false
    const { document, store, log, doc } = this.#deps
    try {
      const past = await loadRows({ document, store, epoch, head })
      if (!past || doc.isDestroyed) return
      const copy = docAsWritten()
      if (past.snapshot) Y.applyUpdate(copy, past.snapshot.data)
      const older = new LateWords({ ...NOBODY, doc: copy })
      for (const { data } of past.updates) older.follow(data, COMMITTED)
      this.#late.addOlder(older)
      older.close()
      copy.destroy()
    } catch (error) {
      log.warn({ document, error }, 'what was moved before is not known')
    }
  }

  /** Applies the next update of the log; `sentBy` where it is to be answered here. */
  apply(update: Uint8Array, sentBy: SentBy | undefined): void {
    const { doc, document, log } = this.#deps
    try {
      const answers = sentBy
        ? this.#late.apply(update, sentBy, COMMITTED)
        : this.#late.follow(update, COMMITTED)
      if (answers) this.#noteAnswer()
    } catch (error) {
      log.error({ document, error }, 'late words were not re-attached')
      Y.applyUpdate(doc, update, COMMITTED) // what it has already does not come twice
      this.#noteAnswer()
    }
  }

  /** The log has reached what the room wrote itself. */
  noteCommitted(update: Uint8Array): void {
    this.#late.noteCommitted(update)
  }

  /** What the room answered went with an update that it did not have: `mendOutrun` is to be called. */
  get isOutrun(): boolean {
    return this.#late.isOutrun
  }

  /** Writes it where it belongs now. */
  mendOutrun(): void {
    if (this.#late.mendOutrun()) this.#noteAnswer()
  }

  /** What belongs to what was written since the last call; undefined where that was nothing. */
  take(): Answer | undefined {
    const answer = this.#answer
    this.#answer = undefined
    return answer
  }

  close(): void {
    this.#late.close()
  }

  #chunkAt({ client, clock }: Y.ID): StoredChunk | undefined {
    const { ownership } = this.#deps.suggestions.book
    const owner = ownership.owner('ins', client, clock)
    const has = (chunk: StoredChunk) => inRanges(chunk.ins, client, clock)
    const chunk = owner ?? this.#foreign.find((one) => has(one) && !this.#isDecided(one))
    return chunk && !this.#isAccepted(chunk) ? chunk : undefined
  }

  /** Since its row was read. */
  #isDecided({ id }: StoredChunk): boolean {
    const known = this.#deps.suggestions.book.get(id)
    return known !== undefined && !isUndecided(known)
  }

  /** Another instance may have settled it, whose row is not read yet: then its words are people's. */
  #isAccepted({ id }: StoredChunk): boolean {
    for (const [key, { decision }] of decisionMap(this.#deps.doc).entries()) {
      if (decision === 'accepted' && key.startsWith(`${id}:`)) return true
    }
    return false
  }

  /** The suggestion that a character is pending in, by its chunk or by the run that writes. */
  #suggestionAt(id: Y.ID): string | undefined {
    const { doc, owners } = this.#deps
    const chunk = this.#chunkAt(id)
    const owner = owners.get(id.client)
    return chunk ? suggestionOf(chunk.id) : owner && streamingOf(doc, owner)
  }

  /** Where a run's text ended before this character of it. */
  #endOf(id: Y.ID): TextSpot | undefined {
    const { book } = this.#deps.suggestions
    const chunk = this.#chunkAt(id)
    if (!chunk) return undefined
    const until = chunkNumber(chunk.id)
    const chunks = book.of(suggestionOf(chunk.id)).filter((one) => chunkNumber(one.id) <= until)
    return livingEnd(book, chunks)
  }

  #noteAnswer(): void {
    const clients = this.#late.writer.takeClients()
    for (const { client, owner } of clients) this.#deps.owners.set(client, owner)
    this.#answer = { clients: [...(this.#answer?.clients ?? []), ...clients] }
  }
}

/** The suggestion that a run is writing; undefined for people, and once it has ended. */
function streamingOf(doc: Y.Doc, owner: string): string | undefined {
  for (const [suggestion, { run, status }] of suggestionMap(doc).entries()) {
    if (status === 'streaming' && (run === owner || suggestion === owner)) return suggestion
  }
  return undefined
}

/** So many rows at least, where the log has them: a snapshot may have been made just now. */
const ROWS = 200

/** A part of the log up to `head`, and the snapshot before it. */
async function loadRows({
  document,
  store,
  epoch,
  head,
}: Pick<LateAnswersDeps, 'document' | 'store'> & { epoch: number; head: number }) {
  let found: DocumentPast | undefined
  for (let before = Number.MAX_SAFE_INTEGER; before > 0; ) {
    const past = await store.loadPast(document, epoch, before)
    if (!past) break
    const updates = past.updates.filter(({ seq }) => seq <= head)
    found = { ...past, updates }
    if (updates.length >= ROWS) break
    before = past.snapshot?.seq ?? 0
  }
  return found
}

/** Of the past nothing is answered: it was, when it was the present. */
const NOBODY = {
  origin: ORIGIN,
  ownerOf: () => undefined,
  onMoved: () => undefined,
  rescue: () => undefined,
}
