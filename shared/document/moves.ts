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
import { type MovedRange, movedRanges, rangesOf, reversed } from './moves/moved-range.ts'
import { pairText } from './moves/pair-text.ts'
import { type Stretch, untaken } from './moves/parts.ts'
import { type DeleteSet, stretchesOf } from './moves/stretches.ts'
import { ABOVE_LATE_CLIENTS } from './shape.ts'

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
}

const MOST_RANGES = 5_000
/** How many stretches are kept that went with their place and may be written again. */
const MOST_AWAITED = 20
const MOST_AWAITED_CHARACTERS = 10_000
/** Nobody moves one character more often; it only ends a circle, which cannot be. */
export const MOST_HOPS = 1_000

export class Moves {
  readonly #ranges = movedRanges()
  readonly #copies = movedRanges()
  readonly #most: number
  readonly #awaits: MovesOptions['awaitsCopies']
  #awaited: Stretch[] = []
  /** Of those, what was unseen by whoever deleted its place. */
  readonly #alone = new WeakSet<Stretch>()
  /** How much of a stretch was written again: the room does so update by update, in their order. */
  readonly #found = new WeakMap<Stretch, number>()

  constructor({ most = MOST_RANGES, awaitsCopies = false }: MovesOptions = {}) {
    this.#most = most
    this.#awaits = awaitsCopies
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
    if (transaction.deleteSet.clients.size === 0 && this.#awaited.length === 0) return []
    const { gone, come } = stretchesOf(transaction, { named })
    const moved = rangesOf(pairText(gone, come, { anywhere: this.#awaits === true, mayBeSeveral }))
    this.add(moved)
    if (!this.#awaits) return moved
    const along = named ? stretchesOf(transaction, { except: named }).gone : []
    return [...moved, ...this.#pairAwaited({ gone, along, come }, moved)]
  }

  /**
   * Awaits what a transaction took with its place beside what is known to be moved: the room may write
   * it again later. For whoever finds out otherwise what was moved; to be called as `notice` is.
   */
  awaitRest(transaction: Y.Transaction, named: DeleteSet, moved: readonly MovedRange[]): void {
    const { gone } = stretchesOf(transaction, { named })
    const along = stretchesOf(transaction, { except: named }).gone
    this.#pairAwaited({ gone, along, come: [] }, moved)
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

  /** What of an awaited stretch was not written again yet. */
  #leftOf(stretch: Stretch): string {
    return stretch.text.slice(this.#found.get(stretch) ?? 0)
  }

  /**
   * What went with its place earlier and is written now; and what this transaction adds to that. What
   * only went along (`along`) was unseen by whoever deleted its place: the room alone writes it again.
   */
  #pairAwaited(
    { gone, along, come }: { gone: Stretch[]; along: Stretch[]; come: Stretch[] },
    moved: readonly MovedRange[],
  ): MovedRange[] {
    const taken = movedRanges()
    for (const range of moved) taken.set(range)
    const paired: MovedRange[] = []
    for (const stretch of along.filter(mayAwait)) {
      this.#alone.add(stretch)
      this.#awaited.push(stretch)
    }
    for (const copy of come) {
      if (copy.pieces.some(({ client, clock }) => this.#copies.get(client, clock))) continue
      const isOfRoom = copy.pieces.every(({ client }) => client < ABOVE_LATE_CLIENTS)
      const source = this.#awaited.find((stretch) =>
        this.#awaits === 'of-room' || this.#alone.has(stretch)
          ? isOfRoom && this.#leftOf(stretch).startsWith(copy.text)
          : stretch.text === copy.text,
      )
      if (!source) continue
      const at = source.text.length - this.#leftOf(source).length
      this.#found.set(source, at + copy.text.length)
      if (this.#leftOf(source) === '') this.#awaited.splice(this.#awaited.indexOf(source), 1)
      paired.push(...rangesOf([{ source, at, copy, to: 0, length: copy.text.length }]))
    }
    this.add(paired)
    const lost = gone
      .filter((stretch) => stretch.withItsText && mayAwait(stretch))
      .flatMap((stretch) => {
        const rest = untaken(stretch, (client, clock) => taken.get(client, clock) !== undefined)
        if (rest[0]?.text === stretch.text) return [stretch]
        // Beside what was moved stands what nobody had seen who moved it.
        for (const part of rest) this.#alone.add(part)
        return rest
      })
    this.#awaited = [...this.#awaited, ...lost].slice(-MOST_AWAITED)
    return paired
  }
}

const mayAwait = ({ text }: Stretch): boolean => text.length <= MOST_AWAITED_CHARACTERS
