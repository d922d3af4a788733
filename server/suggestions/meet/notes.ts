/**
 * Notes writes into the document what the flags in the text cannot show of a chunk: that it is stale
 * and why, what it strikes where another chunk's strike shows, and which chunks it competes with.
 */

import { isDeepStrictEqual } from 'node:util'
import {
  type ChunkNote,
  chunkNumber,
  type SuggestionEntry,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import type { ChunkBook } from '../chunk-book.ts'
import type { StoredChunk, SuggestionsOptions } from '../types.ts'
import { struckWords } from './original.ts'
import { rivalsIn } from './rivals.ts'

type Notes = NonNullable<SuggestionEntry['notes']>

export class ChunkNotes {
  readonly #book: ChunkBook
  readonly #nameOf: (user: string) => string
  readonly #writesHere: (suggestion: string) => boolean
  /** Suggestions that have notes in the document. */
  #noted: Set<string> | undefined
  #isDirty = true

  /** `writesHere`: see SuggestionsOptions. */
  constructor(
    book: ChunkBook,
    { nameOf, writesHere }: Required<Pick<SuggestionsOptions, 'nameOf' | 'writesHere'>>,
  ) {
    this.#book = book
    this.#nameOf = nameOf
    this.#writesHere = writesHere
  }

  /** `sync` would have something to look at. */
  get dirty(): boolean {
    return this.#isDirty
  }

  /** They may not be true any more. */
  touch(): void {
    this.#isDirty = true
  }

  /**
   * Makes the notes true. To be called in a transaction. An entry is one value of a map: whoever writes
   * it while its run does so elsewhere, may undo what that says of its end (history 27).
   */
  sync(): void {
    if (!this.#isDirty) return
    this.#isDirty = false
    const map = suggestionMap(this.#book.doc)
    const wanted = this.#wanted()
    this.#noted ??= new Set([...map].flatMap(([id, { notes }]) => (notes ? [id] : [])))
    for (const suggestion of new Set([...this.#noted, ...wanted.keys()])) {
      const entry = map.get(suggestion)
      const notes = wanted.get(suggestion)
      if (!entry || isDeepStrictEqual(entry.notes, notes)) continue
      if (!this.#writesHere(suggestion)) continue
      const { notes: _, ...rest } = entry
      map.set(suggestion, notes ? { ...rest, notes } : rest)
      if (notes) this.#noted.add(suggestion)
      else this.#noted.delete(suggestion)
    }
  }

  #wanted(): Map<string, Notes> {
    const wanted = new Map<string, Notes>()
    const noteFor = (chunk: StoredChunk): ChunkNote => {
      const suggestion = suggestionOf(chunk.id)
      const notes = wanted.get(suggestion) ?? {}
      wanted.set(suggestion, notes)
      const n = String(chunkNumber(chunk.id))
      notes[n] ??= {}
      return notes[n]
    }
    for (const chunk of this.#book.stale()) {
      if (this.#book.isWithdrawn(chunk) || !chunk.stale) continue
      const { kind, by, instead } = chunk.stale
      const { text = '', proposal = '', spans = [], block = null } = chunk.original ?? {}
      noteFor(chunk).stale = {
        kind,
        by: by === null ? null : { id: by, name: this.#nameOf(by) },
        original: text,
        proposal: proposal || this.#book.textOf(chunk, 'ins'),
        spans: [...spans, ...instead].filter(({ from, to }) => from < to),
        whole: block !== null,
      }
    }
    for (const [chunk, rivals] of rivalsIn(this.#book)) {
      const note = noteFor(chunk)
      note.rivals = [...rivals].sort((a, b) => this.#book.compare(a, b)).map(({ id }) => id)
      if ([...rivals].some((rival) => this.#book.compare(rival, chunk) < 0)) {
        note.strikes = struckWords(this.#book, chunk)
      }
    }
    return wanted
  }
}
