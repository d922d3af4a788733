/**
 * CarryBack brings what a decision took away to where its neighbours stand now. Yjs restores deleted
 * characters where they were; somebody may have broken, joined or changed the line meanwhile, whose
 * words then stand in another one: `One old thing stands.` and `Two old things follow.` came back side
 * by side in the first of two lines.
 */
import * as Y from 'yjs'
import { idAt, isAlive } from '#shared/document/characters.ts'
import type { Moves } from '#shared/document/moves.ts'
import { FLAG } from '#shared/document/shape.ts'
import type { ChunkBook } from '../chunk-book.ts'
import { inRanges } from '../items.ts'
import type { Op } from '../ownership.ts'
import type { Carrier, GoneRun } from '../restorer.ts'
import type { StoredChunk } from '../types.ts'
import type { Anchor } from './arrivals.ts'
import type { Places } from './places.ts'
import { findSpot } from './writing/find-spot.ts'
import { insertBehind } from './writing/insert-behind.ts'

/** What is known of where words went. */
export interface MovedWords {
  moves: Moves
  places: Places
}

/** Lets a chunk that is open again have its characters that were moved while it was decided. */
export function ownMoved(book: ChunkBook, moved: MovedWords, chunk: StoredChunk): void {
  for (const [op, { client, clock }] of [...movedOf(book, moved, chunk)]) {
    book.own(op, chunk, client, clock, clock + 1)
  }
}

/** Whether something of a chunk stands elsewhere now. */
export function hasMoved(book: ChunkBook, moved: MovedWords, chunk: StoredChunk): boolean {
  return movedOf(book, moved, chunk).next().done === false
}

function* movedOf(
  { doc }: ChunkBook,
  { moves }: MovedWords,
  chunk: StoredChunk,
): Generator<[Op, Y.ID]> {
  for (const op of ['ins', 'del'] as const) {
    for (const { client, from, to } of chunk[op]) {
      for (let clock = from; clock < to; clock++) {
        const id = Y.createID(client, clock)
        const now = isAlive(doc, id) ? undefined : moves.follow(doc, id)
        if (now) yield [op, now]
      }
    }
  }
}

/**
 * Carries what comes back of a chunk, `op` of it, where its neighbours are, and tells in `written` what
 * was written. To be used in a transaction.
 */
export class CarryBack implements Carrier {
  readonly written: { client: number; from: number; to: number }[] = []
  readonly #book: ChunkBook
  readonly #moved: MovedWords
  readonly #chunk: StoredChunk
  readonly #partner: Op

  constructor(book: ChunkBook, moved: MovedWords, chunk: StoredChunk, op: Op) {
    this.#book = book
    this.#moved = moved
    this.#chunk = chunk
    this.#partner = op === 'ins' ? 'del' : 'ins'
  }

  isKnown(id: Y.ID): boolean {
    const { doc } = this.#book
    return isAlive(doc, id) || this.#moved.moves.follow(doc, id) !== undefined
  }

  carry({ text, parts, before, behind }: GoneRun): boolean {
    const { doc } = this.#book
    const { moves, places } = this.#moved
    const anchors: Anchor[] = before ? [{ side: 'behind', id: before }] : []
    if (behind) {
      const anchor: Anchor = { side: 'before', id: behind }
      // An edit's old words and its new ones stay together, whatever stands on the other side.
      if (inRanges(this.#chunk[this.#partner], behind.client, behind.clock)) anchors.unshift(anchor)
      else anchors.push(anchor)
    }
    const spot = findSpot(doc, moves, places, anchors)
    const [here, there] = [text._item?.id, spot?.text._item?.id]
    if (!spot || !here || Y.compareIDs(here, there ?? null)) return false
    let at = spot.index
    for (const { id, words, attributes } of parts) {
      insertBehind(spot.text, at, words, { ...attributes, [FLAG]: null })
      const to = idAt(spot.text, at)!
      const { client, clock } = id
      const length = words.length
      moves.add([{ client, clock, length, toClient: to.client, toClock: to.clock }])
      this.written.push({ client: to.client, from: to.clock, to: to.clock + length })
      at += length
    }
    return true
  }
}
