/**
 * Lost keeps what was deleted of pending chunks, for as long as they are undecided: whatever undo or a
 * copy brings back of it belongs to the chunk that it was taken from.
 */
import type { ChunkBook } from '../chunk-book.ts'
import { inRanges } from '../items.ts'
import type { Op } from '../ownership.ts'
import type { ItemRange, StoredChunk } from '../types.ts'

/** A character that was deleted, with whose it was: proposed by one chunk, struck by others. */
export interface LostCharacter {
  character: string
  ins: StoredChunk | undefined
  dels: readonly StoredChunk[]
}

export class Lost {
  /** By client and clock. */
  readonly #characters = new Map<number, Map<number, LostCharacter>>()
  /** Deleted elements: how many of each name a chunk has lost. */
  readonly #elements = new Map<StoredChunk, Map<string, number>>()

  /** What one client wrote of it, by clock. */
  of(client: number): ReadonlyMap<number, LostCharacter> | undefined {
    return this.#characters.get(client)
  }

  /** Whether all of it is kept. */
  has({ client, from, to }: ItemRange): boolean {
    const characters = this.#characters.get(client)
    for (let clock = from; clock < to; clock++) if (!characters?.has(clock)) return false
    return true
  }

  add(client: number, clock: number, lost: LostCharacter): void {
    let characters = this.#characters.get(client)
    if (!characters) {
      characters = new Map()
      this.#characters.set(client, characters)
    }
    characters.set(clock, lost)
  }

  addElement(chunk: StoredChunk, name: string): void {
    let names = this.#elements.get(chunk)
    if (!names) {
      names = new Map()
      this.#elements.set(chunk, names)
    }
    names.set(name, (names.get(name) ?? 0) + 1)
  }

  /** Gives out one element of that name; false where the chunk has lost none. */
  takeElement(chunk: StoredChunk, name: string): boolean {
    const names = this.#elements.get(chunk)
    const left = names?.get(name) ?? 0
    if (left > 0) names?.set(name, left - 1)
    return left > 0
  }

  /** The chunk is decided. */
  forget(chunk: StoredChunk): void {
    this.#elements.delete(chunk)
    for (const [client, characters] of this.#characters) {
      for (const [clock, lost] of characters) {
        if (lost.ins === chunk) lost.ins = undefined
        if (lost.dels.includes(chunk)) lost.dels = lost.dels.filter((one) => one !== chunk)
        if (!lost.ins && lost.dels.length === 0) characters.delete(clock)
      }
      if (characters.size === 0) this.#characters.delete(client)
    }
  }

  /** A whole stretch with that text: undo of a block's removal, or a cut pasted elsewhere. */
  stretch(op: Op, chunk: StoredChunk, text: string): LostCharacter[] | undefined {
    return this.#stretches(op, chunk).find((piece) => textOf(piece) === text)
  }

  /** A part of all that a chunk has lost, with that text: a cut of some of it pasted elsewhere. */
  part(op: Op, chunk: StoredChunk, text: string): LostCharacter[] | undefined {
    const all = this.#stretches(op, chunk).flat()
    const at = textOf(all).indexOf(text)
    return at < 0 ? undefined : all.slice(at, at + text.length)
  }

  /** What a chunk has lost, cut where a character between is not lost, or was never the chunk's. */
  #stretches(op: Op, chunk: StoredChunk): LostCharacter[][] {
    const stretches: LostCharacter[][] = []
    for (const characters of this.#characters.values()) {
      let piece: LostCharacter[] = []
      let end = -1
      for (const [clock, lost] of [...characters].sort(([a], [b]) => a - b)) {
        if (!shows(lost, op, chunk)) continue
        if (clock !== end) {
          piece = []
          stretches.push(piece)
        }
        piece.push(lost)
        end = clock + 1
      }
    }
    return stretches
  }
}

/** The chunks that strike a character, and the stale ones that would strike it again. */
export function strikersOf(
  book: ChunkBook,
  client: number,
  clock: number,
  stale: readonly StoredChunk[],
): readonly StoredChunk[] {
  const again = stale.filter(({ del }) => inRanges(del, client, clock))
  const strikers = book.ownership.owners('del', client, clock)
  return again.length > 0 ? [...strikers, ...again] : strikers
}

/** Whether this is the owner that the character's flag named. */
export const shows = (lost: LostCharacter, op: Op, chunk: StoredChunk): boolean =>
  op === 'del' ? lost.dels.includes(chunk) : lost.ins === chunk && lost.dels.length === 0

export const textOf = (characters: readonly LostCharacter[]): string =>
  characters.map(({ character }) => character).join('')
