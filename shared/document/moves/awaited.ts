/**
 * Awaited keeps text that went with its place and may be written again by a later transaction: by
 * whoever takes it along, or by the room, which re-attaches what came too late. The room does so update
 * by update, so such a text is known again piece by piece.
 */
import * as Y from 'yjs'
import { isAlive } from '../characters.ts'
import { ABOVE_LATE_CLIENTS } from '../shape.ts'
import { type MovedRange, movedRanges, placeIn, rangesOf } from './moved-range.ts'
import { type Stretch, untaken } from './parts.ts'

/** How many stretches are kept that went with their place and may be written again. */
const MOST_AWAITED = 20
const MOST_AWAITED_CHARACTERS = 10_000

/** One transaction: what it deleted, by name or as it went along, and what it wrote. */
export interface Changed {
  gone: readonly Stretch[]
  along: readonly Stretch[]
  come: readonly Stretch[]
}

/** What is known to be moved. */
export interface Known {
  /** The living character that a deleted one became. */
  follow(doc: Y.Doc, id: Y.ID): Y.ID | undefined
  /** Whether a character is a copy. */
  isTarget(id: Y.ID): boolean
  add(ranges: readonly MovedRange[]): void
}

export interface AwaitedOptions {
  /** Only what the room writes counts. */
  isOfRoom: boolean
  /** Whether a Yjs client, or one of the room, is of this page's person; not known unless said. */
  isOwn?: ((client: number) => boolean) | undefined
}

export class Awaited {
  readonly #known: Known
  readonly #isOfRoom: boolean
  readonly #isOwn: AwaitedOptions['isOwn']
  #stretches: Stretch[] = []
  /** Of those, what was unseen by whoever deleted its place: the room alone writes it again. */
  readonly #alone = new WeakSet<Stretch>()
  /** How much of a stretch was written again. */
  readonly #found = new WeakMap<Stretch, number>()

  constructor(known: Known, { isOfRoom, isOwn }: AwaitedOptions) {
    this.#known = known
    this.#isOfRoom = isOfRoom
    this.#isOwn = isOwn
  }

  get isEmpty(): boolean {
    return this.#stretches.length === 0
  }

  /**
   * Tells where what was awaited stands again, and awaits what a transaction deleted beside what it is
   * known to have moved. A page may take in at once what deletes a place and what the room then writes.
   */
  notice(doc: Y.Doc, { gone, along, come }: Changed, moved: readonly MovedRange[]): MovedRange[] {
    const taken = movedRanges()
    for (const range of moved) taken.set(range)
    const isTaken = ({ client, clock }: Y.ID) => taken.get(client, clock) !== undefined
    const lost = gone.filter(({ withItsText }) => withItsText)
    // Beside what was moved stands what nobody had seen who moved it.
    const unseen = [...along, ...lost.filter((stretch) => hasAny(stretch, isTaken))]
    const alone = unseen.flatMap((stretch) => untaken(stretch, isTaken))
    for (const stretch of alone) this.#alone.add(stretch)
    this.#await(alone)
    const found = come.flatMap((copy) => this.#find(doc, copy))
    this.#await(lost.filter((stretch) => !hasAny(stretch, isTaken)))
    return found
  }

  #await(stretches: readonly Stretch[]): void {
    const kept = stretches.filter(({ text }) => text.length <= MOST_AWAITED_CHARACTERS)
    this.#stretches = [...this.#stretches, ...kept].slice(-MOST_AWAITED)
  }

  #find(doc: Y.Doc, copy: Stretch): MovedRange[] {
    const isTarget = (id: Y.ID) => this.#known.isTarget(id)
    const isOfWhole = (stretch: Stretch) =>
      stretch.text === copy.text &&
      this.#foundOf(stretch) === 0 &&
      this.#mayBeOfAnybody(stretch, copy)
    const whole = hasAny(copy, isTarget) ? undefined : this.#stretches.find(isOfWhole)
    if (whole) return this.#pair(whole, copy)
    if (!copy.pieces.some(isOfRoom)) return []
    // What the room writes may come together with the copy of the line in which it stands.
    return untaken(copy, isTarget).flatMap((part) => {
      if (!part.pieces.every(isOfRoom)) return []
      const fitting = this.#stretches.filter((stretch) => this.#mayGoOnIn(stretch, part))
      const source =
        fitting.find((stretch) => this.#goesOnIn(doc, stretch, part)) ??
        // Words of one's own may be known wherever the room wrote them: they are nobody else's.
        fitting.find(({ pieces }) => pieces.some(({ client }) => this.#isOwn?.(client)))
      return source ? this.#pair(source, part) : []
    })
  }

  #mayBeOfAnybody(stretch: Stretch, { pieces }: Stretch): boolean {
    if (this.#isOfRoom) return false
    return !this.#alone.has(stretch) || pieces.every(isOfRoom)
  }

  #pair(source: Stretch, copy: Stretch): MovedRange[] {
    const at = this.#foundOf(source)
    const found = at + copy.text.length
    this.#found.set(source, found)
    if (found === source.text.length) this.#stretches.splice(this.#stretches.indexOf(source), 1)
    const ranges = rangesOf([{ source, at, copy, to: 0, length: copy.text.length }])
    this.#known.add(ranges)
    return ranges
  }

  #mayGoOnIn(stretch: Stretch, copy: Stretch): boolean {
    if (!this.#isOfRoom && !this.#alone.has(stretch)) return false
    const [from, to] = [stretch.pieces[0], copy.pieces[0]]
    if (!from || !to || this.#isOwn?.(from.client) !== this.#isOwn?.(to.client)) return false
    return stretch.text.startsWith(copy.text, this.#foundOf(stretch))
  }

  #goesOnIn(doc: Y.Doc, stretch: Stretch, { pieces: [first] }: Stretch): boolean {
    const at = this.#foundOf(stretch)
    const front = at === 0 ? stretch.front : placeIn(stretch, at - 1)
    return first !== undefined && standsBehind(doc, first, front, this.#known)
  }

  #foundOf(stretch: Stretch): number {
    return this.#found.get(stretch) ?? 0
  }
}

/** Whether the room has written it, for whom it belongs to. */
export const isOfRoom = ({ client }: { client: number }): boolean => client < ABOVE_LATE_CLIENTS

/**
 * Whether a copy stands behind what its source stood behind. Two people may have typed the same letter
 * in one line: what the room wrote again for the one is not the other's, whose undo would take it.
 */
export function standsBehind(
  doc: Y.Doc,
  copy: { client: number; clock: number },
  front: { client: number; clock: number } | undefined,
  known: Pick<Known, 'follow'>,
): boolean {
  const item = Y.getItem(doc.store, Y.createID(copy.client, copy.clock))
  if (!front || !(item instanceof Y.Item)) return false
  const isItsFirst = copy.clock === item.id.clock
  const left = isItsFirst ? item.origin : Y.createID(copy.client, copy.clock - 1)
  const id = Y.createID(front.client, front.clock)
  return Y.compareIDs(left, (isAlive(doc, id) ? id : known.follow(doc, id)) ?? null)
}

function hasAny({ pieces }: Stretch, is: (id: Y.ID) => boolean): boolean {
  for (const { client, clock, length } of pieces) {
    for (let n = 0; n < length; n++) if (is(Y.createID(client, clock + n))) return true
  }
  return false
}
