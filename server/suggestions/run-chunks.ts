/**
 * RunChunks numbers the chunks of one run and knows the one under way: it starts them, completes them
 * at their boundaries, and lets go of what came to nothing.
 */

import * as Y from 'yjs'
import { chunkId, FLAG, formatFlag, INDEX, PROPERTIES } from '#shared/document/shape.ts'
import { isUndecided } from './chunk-book.ts'
import { EditOriginal } from './meet/edit-original.ts'
import { unwrite } from './strike.ts'
import type { Suggestions } from './suggestions.ts'
import type { CompleteChunk, StoredChunk } from './types.ts'

export interface RunChunksOptions {
  suggestion: string
  /** The Yjs client id of the run. */
  client: number
  /** Number of the first chunk. */
  first: number
}

export class RunChunks {
  /** What the edits are made for. */
  readonly original: EditOriginal
  readonly #suggestions: Suggestions
  readonly #suggestion: string
  readonly #client: number
  #next: number
  #chunk: StoredChunk | undefined
  /** Something that the chunk under way was to change is gone. */
  #missed = false
  #complete: CompleteChunk[] = []

  constructor(suggestions: Suggestions, { suggestion, client, first }: RunChunksOptions) {
    this.#suggestions = suggestions
    this.#suggestion = suggestion
    this.#client = client
    this.#next = first
    this.original = new EditOriginal(suggestions)
  }

  get underWay(): StoredChunk | undefined {
    return this.#chunk
  }

  start(kind: StoredChunk['kind']): StoredChunk {
    const id = chunkId(this.#suggestion, this.#next++)
    this.#chunk = this.#suggestions.book.open(id, kind)
    if (kind === 'edit') this.original.start(this.#chunk)
    return this.#chunk
  }

  /** A stale chunk may be dropped while it is still being written. */
  get isDropped(): boolean {
    return this.#chunk !== undefined && !isUndecided(this.#chunk)
  }

  /** What was to be edited is gone: where that is all of it, nothing is proposed in its stead. */
  miss(): void {
    this.#missed = true
  }

  /** Completes the chunk under way, if there is one. */
  end(): void {
    const chunk = this.#chunk
    const missedAll = this.#missed && chunk?.del.length === 0 && chunk.state !== 'stale'
    this.#missed = false
    if (!chunk) return
    this.#chunk = undefined
    this.original.end(chunk)
    if (!isUndecided(chunk)) return
    if (missedAll) unwrite(this.#suggestions.book, chunk)
    const complete = this.#suggestions.book.complete(chunk)
    // What came to nothing takes no place among the chunks that people see.
    if (chunk.ins.length > 0 || chunk.del.length > 0) this.#complete.push(complete)
  }

  /** Takes the chunk under way back, as if it had never been. */
  drop(): void {
    const chunk = this.#chunk
    this.#chunk = undefined
    this.#missed = false
    this.original.restart()
    if (chunk && isUndecided(chunk)) this.#suggestions.takeBack(chunk)
  }

  /** Whatever `write` makes belongs to the chunk. */
  own(chunk: StoredChunk, write: () => void): void {
    const { doc, book } = this.#suggestions
    const from = Y.getState(doc.store, this.#client)
    write()
    book.own('ins', chunk, this.#client, from, Y.getState(doc.store, this.#client))
  }

  /** Those that were completed since the last call. */
  takeComplete(): CompleteChunk[] {
    return this.#complete.splice(0)
  }
}

/** What the first characters of a chunk carry; later ones inherit from the left. */
export const textAttributes = (chunk: StoredChunk, format: number) => ({
  [FLAG]: formatFlag({ op: 'ins', chunk: chunk.id }),
  [PROPERTIES]: format === 0 ? null : { __format: format },
  [INDEX]: null,
})
