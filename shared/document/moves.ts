/**
 * Moves tells where deleted characters were written again. Yjs has no move: Enter, a merge, a change
 * of type or of indent delete text and write a copy of it under new ids. Text that one transaction
 * deletes and writes elsewhere is a move, id range to id range; moves are followed in a chain.
 *
 * 1. (M1) A character that an edit takes along is found at its copy, however often it was moved.
 * 2. (M2) A character that was only deleted is found nowhere.
 * 3. (M5) So many ranges are kept and no more; the oldest are forgotten first.
 */
import * as Y from 'yjs'
import { isAlive } from './characters.ts'
import { Awaited, isOfRoom, standsBehind } from './moves/awaited.ts'
import { type MovedRange, movedRanges, placeIn, rangesOf, reversed } from './moves/moved-range.ts'
import { type PairOptions, pairText } from './moves/pair-text.ts'
import { type Span, type Stretch, untaken } from './moves/parts.ts'
import { type DeleteSet, stretchesOf } from './moves/stretches.ts'

export type { MovedRange } from './moves/moved-range.ts'

export interface MovesOptions {
  /** How many ranges are kept. Each costs about a hundred bytes. */
  most?: number
  /**
   * A page awaits what the room writes at the copy when words came too late: text that went with
   * its place may be written again by a later transaction, and any text between other words;
   * `of-room`: only what the room writes counts. Off unless said otherwise.
   */
  awaitsCopies?: boolean | 'of-room'
  /** Whether a Yjs client, or one of the room, is of this page's person; not known unless said. */
  isOwn?: ((client: number) => boolean) | undefined
}

const MOST_RANGES = 5_000
/** Nobody moves one character more often; it only ends a circle, which cannot be. */
export const MOST_HOPS = 1_000

export class Moves {
  readonly #ranges = movedRanges()
  readonly #copies = movedRanges()
  readonly #most: number
  readonly #awaits: MovesOptions['awaitsCopies']
  readonly #awaited: Awaited

  constructor({ most = MOST_RANGES, awaitsCopies = false, isOwn }: MovesOptions = {}) {
    this.#most = most
    this.#awaits = awaitsCopies
    this.#awaited = new Awaited(this, { isOfRoom: awaitsCopies === 'of-room', isOwn })
  }

  /** How many ranges are known. */
  get size(): number {
    return this.#ranges.size
  }

  /**
   * Takes down what a transaction moved, and returns it. To be called in `beforeObserverCalls`:
   * later the deleted characters cannot be read any more. `named` are the deletions that the update
   * itself names: characters that only went with their element were unseen by whoever deleted it,
   * and are no part of what was copied. `mayBeSeveral`: see PairOptions.
   */
  notice(transaction: Y.Transaction, named?: DeleteSet, mayBeSeveral = false): MovedRange[] {
    if (transaction.deleteSet.clients.size === 0 && this.#awaited.isEmpty) return []
    const { gone, come } = stretchesOf(transaction, { named })
    const options = { anywhere: this.#awaits === true, mayBeSeveral }
    const moved = this.#pair(transaction.doc, { gone, come }, options)
    if (!this.#awaits) return moved
    const along = named ? stretchesOf(transaction, { except: named }).gone : []
    return [...moved, ...this.#awaited.notice(transaction.doc, { gone, along, come }, moved)]
  }

  /**
   * Awaits what a transaction took with its place beside what is known to be moved: the room may write
   * it again later. For whoever finds out otherwise what was moved; to be called as `notice` is.
   */
  awaitRest(transaction: Y.Transaction, named: DeleteSet, moved: readonly MovedRange[]): void {
    const { gone } = stretchesOf(transaction, { named })
    const along = stretchesOf(transaction, { except: named }).gone
    this.#awaited.notice(transaction.doc, { gone, along, come: [] }, moved)
  }

  /** Takes over moves that are known from elsewhere. What is said last of a character holds. */
  add(ranges: readonly MovedRange[]): void {
    for (const range of ranges) {
      this.#ranges.set(range)
      this.#copies.set(reversed(range))
    }
    this.#ranges.keep(this.#most)
    this.#copies.keep(this.#most)
  }

  /** Takes over what was known before: where both tell of a character, this one's word holds. */
  addOlder(older: Moves): void {
    this.#ranges.setOlder(older.#ranges)
    this.#copies.setOlder(older.#copies)
    this.add([])
  }

  /** The living character that this deleted one became; undefined where it was not moved. */
  follow(doc: Y.Doc, id: Y.ID): Y.ID | undefined {
    let at = this.next(id)
    for (let hop = 0; at && hop < MOST_HOPS; hop++) {
      if (isAlive(doc, at)) return at
      at = this.next(at)
    }
    return undefined
  }

  /** The copy that was made of this character first, dead or alive. */
  next({ client, clock }: Y.ID): Y.ID | undefined {
    const range = this.#ranges.get(client, clock)
    return range && Y.createID(range.toClient, range.toClock + clock - range.clock)
  }

  /** All that was moved, each range to its first copy. */
  ranges(): Iterable<MovedRange> {
    return this.#ranges.ranges()
  }

  /** What was moved of the characters from…to, each range to its first copy. */
  within(client: number, from: number, to: number): Iterable<MovedRange> {
    return this.#ranges.within(client, from, to)
  }

  /** For how many characters from this one on `next` gives copies that stand side by side, or none. */
  reach({ client, clock }: Y.ID, length: number): number {
    const [range] = this.within(client, clock, clock + length)
    if (!range) return length
    return range.clock > clock ? range.clock - clock : range.length
  }

  /** The character that this one is a copy of. */
  previous({ client, clock }: Y.ID): Y.ID | undefined {
    const range = this.#copies.get(client, clock)
    return range && Y.createID(range.toClient, range.toClock + clock - range.clock)
  }

  /** Whether this character is a copy. */
  isTarget({ client, clock }: Y.ID): boolean {
    return this.#copies.get(client, clock) !== undefined
  }

  /**
   * A page takes in at once a copy of a line and what the room wrote within it: first the copy is known
   * without that (one letter beside it would be chance), then what is left.
   */
  #pair(doc: Y.Doc, { gone, come }: Came, options: PairOptions): MovedRange[] {
    const bare = this.#awaits === 'of-room' ? come.map(withoutRooms) : come
    const isCut = bare.some((stretch, n) => stretch !== come[n])
    const moved = this.#addSure(doc, pairText(gone, bare, options))
    if (!isCut) return moved
    const sources = movedRanges()
    for (const range of moved) sources.set(range)
    const rest = gone.flatMap((stretch) =>
      untaken(stretch, ({ client, clock }) => sources.get(client, clock) !== undefined),
    )
    const more = come.flatMap((stretch) => untaken(stretch, (id) => this.isTarget(id)))
    return [...moved, ...this.#addSure(doc, pairText(rest, more, options))]
  }

  /**
   * Adds what was paired, in its order. A part of what the room wrote stands beside what others copied:
   * it must stand where its source did, since anybody's equal letter may have been its source.
   */
  #addSure(doc: Y.Doc, spans: readonly Span[]): MovedRange[] {
    return spans.flatMap((span) => {
      const { source, at, copy, length } = span
      const ranges = rangesOf([span])
      if (!this.#awaits || length === copy.text.length || !ranges.some(isWrittenByRoom)) {
        this.add(ranges)
        return ranges
      }
      let from = at
      return ranges.filter((range) => {
        const front = from === 0 ? source.front : placeIn(source, from - 1)
        from += range.length
        const isSure = !isWrittenByRoom(range) || standsBehind(doc, copyOf(range), front, this)
        if (isSure) this.add([range])
        return isSure
      })
    })
  }
}

/** What a transaction deleted, and what it wrote. */
interface Came {
  gone: readonly Stretch[]
  come: readonly Stretch[]
}

/** The stretch itself where the room wrote nothing in it, or all. */
function withoutRooms(stretch: Stretch): Stretch {
  const isRooms = stretch.pieces.map(isOfRoom)
  if (!isRooms.includes(true) || !isRooms.includes(false)) return stretch
  const bare: Stretch = { ...stretch, text: '', pieces: [] }
  let at = 0
  for (const piece of stretch.pieces) {
    const text = stretch.text.slice(at, at + piece.length)
    at += piece.length
    if (isOfRoom(piece)) continue
    bare.text += text
    bare.pieces.push({ ...piece })
  }
  return bare
}

const copyOf = ({ toClient: client, toClock: clock }: MovedRange) => ({ client, clock })
const isWrittenByRoom = (range: MovedRange): boolean => isOfRoom(copyOf(range))
