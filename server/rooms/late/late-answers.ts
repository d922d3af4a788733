/**
 * LateAnswers applies what comes out of the log to the room's document, and gathers what the room
 * writes because some of it came too late. Only what people sent to this instance is answered here,
 * where it stands in the log: each update by one instance, once, whatever others write meanwhile.
 */
import * as Y from 'yjs'
import type { Log } from '#server/log.ts'
import type { DocumentPast, DocumentStore } from '#server/store/document-store.ts'
import { LateWords } from '#server/suggestions/late/late-words.ts'
import { rescue, rescuedAt } from '#server/suggestions/late/rescue.ts'
import type { SentBy } from '#server/suggestions/late/sent.ts'
import type { Suggestions } from '#server/suggestions/suggestions.ts'
import { docAsWritten } from '#shared/document/as-written.ts'
import { ORIGIN } from '../own-writes.ts'
import { COMMITTED } from '../replica.ts'

export interface LateAnswersDeps {
  doc: Y.Doc
  document: string
  store: Pick<DocumentStore, 'loadPast'>
  /** Which user or run each Yjs client belongs to; what the room writes for somebody is added. */
  owners: Map<number, string>
  suggestions: Suggestions
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

  constructor(deps: LateAnswersDeps) {
    const { doc, owners, suggestions, nameOf } = deps
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
    })
  }

  /** Whether an update needs something of the past that is not known yet. */
  lacksPast(update: Uint8Array): boolean {
    try {
      return !this.#hasPast && this.#late.lacksPast(update)
    } catch {
      return false // what cannot be read is refused when it is applied
    }
  }

  /** Reads in the log what was moved before this room was opened, up to this place of the log. */
  async readPast(epoch: number, head: number): Promise<void> {
    this.#hasPast = true
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
      if (!sentBy) this.#late.follow(update, COMMITTED)
      else if (this.#late.apply(update, sentBy, COMMITTED)) this.#noteAnswer()
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

  #noteAnswer(): void {
    const clients = this.#late.writer.takeClients()
    for (const { client, owner } of clients) this.#deps.owners.set(client, owner)
    this.#answer = { clients: [...(this.#answer?.clients ?? []), ...clients] }
  }
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
