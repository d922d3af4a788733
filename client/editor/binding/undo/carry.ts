/**
 * Carry takes along what others wrote among words that undo puts back where they were. The words
 * between which it was written leave, and it would stay behind alone: at a line's end, where undo
 * parts lines that were joined, or in a block that is no more.
 */
import * as Y from 'yjs'
import { idAt, indexOf, isAlive, itemAt } from '#shared/document/characters.ts'
import { type MovedRange, movedRanges } from '#shared/document/moves/moved-range.ts'
import type { RangeMap } from '#shared/document/moves/range-map.ts'
import type { Moves } from '#shared/document/moves.ts'
import { INLINE_TYPES } from '#shared/document/shape.ts'
import { childrenOf, isLiving } from '../mapping.ts'
import { type Look, LookBook } from './formats.ts'
import { type Step, sourceOf } from './prepare.ts'
import { attributesIn, indexAt } from './texts.ts'
import { both, type Ids, inOrder, trace, visit } from './trace.ts'

type Attributes = Readonly<Record<string, unknown>>
type Place = { text: Y.XmlText; id: Y.ID }

interface Part {
  item: Y.Item
  /** What it was before it came back; itself where it did not. */
  original: Y.Item
  characters: string
  attributes: Attributes
}

/** Characters that stand together between words that left, each part with formats of its own. */
interface Words {
  parts: Part[]
  /** Where the last word that left in front of them stands again, and the first one behind them. */
  front: Place | undefined
  back: Place | undefined
}

/**
 * To be called in the transaction of undo or redo, when what the step wrote, `going`, is deleted but
 * for blocks in which others have written, and what the step deleted is back. Returns where what
 * left stands again.
 */
export function carry(
  transaction: Y.Transaction,
  step: Step,
  going: Ids,
  moves: Moves,
  looks: readonly Look[],
): MovedRange[] {
  const putBack = placesOf(transaction, step, going, moves)
  if (putBack.length === 0) return []
  moves.add(putBack)
  // A step may have taken words along more than once: a join and Enter within half a second.
  const passed = both(step.deletions, step.insertions)
  const places = movedRanges()
  for (const range of putBack) places.set(range)
  for (const range of placesOf(transaction, step, passed, moves)) places.set(range)
  const left = inOrder(going, passed)
  const cameBack = originalsOf(transaction, step.deletions)
  const book = new LookBook(looks)
  const carrying = new Carrying(transaction, { left, places, cameBack, moves, looks: book })
  const texts = new Set<Y.XmlText>()
  const blocks = new Set<Y.XmlElement>()
  const look = (struct: Y.Item | Y.GC) => {
    if (!(struct instanceof Y.Item)) return
    const { parent, content } = struct
    if (struct.deleted && parent instanceof Y.XmlText && isLiving(parent)) texts.add(parent)
    if (struct.deleted || !(content instanceof Y.ContentType)) return
    if (content.type instanceof Y.XmlElement) blocks.add(content.type)
  }
  // What others wrote last stands beside words that came back where the step had taken them first.
  visit(transaction, passed, look)
  visit(transaction, going, look)
  for (const text of texts) carrying.words(text)
  for (const block of blocks) carrying.children(block)
  return putBack
}

/** Where the characters that left stand again. */
function placesOf(transaction: Y.Transaction, step: Step, going: Ids, moves: Moves): MovedRange[] {
  const ranges: MovedRange[] = []
  visit(transaction, going, (struct) => {
    if (!(struct instanceof Y.Item) || !struct.deleted) return
    if (!(struct.content instanceof Y.ContentString)) return
    const { client } = struct.id
    for (let n = 0; n < struct.length; n++) {
      const clock = struct.id.clock + n
      const source = sourceOf(step, moves, Y.createID(client, clock))
      const now = source && trace(transaction.doc, moves, source, 1)
      if (!now?.alive) continue
      const { client: toClient, clock: toClock } = now.id
      const last = ranges.at(-1)
      const follows =
        last?.client === client &&
        last.clock + last.length === clock &&
        last.toClient === toClient &&
        last.toClock + last.length === toClock
      if (follows) last.length++
      else ranges.push({ client, clock, length: 1, toClient, toClock })
    }
  })
  return ranges
}

interface Left {
  /** What the step wrote, and is gone now or was gone when the step was over. */
  left: Ids
  /** Where its words that were taken along stand again. */
  places: RangeMap<MovedRange>
  /** What came back just now, with what it is a copy of. */
  cameBack: ReadonlyMap<string, Y.Item>
  moves: Moves
  looks: LookBook
}

/** The items that undo has just brought back, by the ids under which they stand. */
function originalsOf(transaction: Y.Transaction, deletions: Ids): Map<string, Y.Item> {
  const originals = new Map<string, Y.Item>()
  visit(transaction, deletions, (struct) => {
    if (!(struct instanceof Y.Item) || !struct.redone) return
    const { client, clock } = struct.redone
    if (clock >= (transaction.beforeState.get(client) ?? 0))
      originals.set(idKey(struct.redone), struct)
  })
  return originals
}

const idKey = ({ client, clock }: Y.ID): string => `${client}.${clock}`

class Carrying {
  readonly #transaction: Y.Transaction
  readonly #left: Ids
  readonly #places: RangeMap<MovedRange>
  readonly #cameBack: ReadonlyMap<string, Y.Item>
  readonly #moves: Moves
  readonly #looks: LookBook

  constructor(transaction: Y.Transaction, { left, places, cameBack, moves, looks }: Left) {
    this.#transaction = transaction
    this.#left = left
    this.#places = places
    this.#cameBack = cameBack
    this.#moves = moves
    this.#looks = looks
  }

  /** What others wrote in a text that words have left. */
  words(text: Y.XmlText): void {
    const isStepsOwn = text._item !== null && this.#hasLeft(text._item)
    for (const words of this.#wordsIn(text)) {
      const { front, back } = words
      const place = front ?? back
      if (!place || place.text === text) continue
      // In a text that was there before, what stands at the border to its own words stays with them.
      if (!isStepsOwn && !(front && this.#isAmong(words))) continue
      let index = indexAt(this.#transaction.doc, place.id) + (front ? 1 : 0)
      for (const { item, characters, attributes } of words.parts) {
        text.delete(indexOf(item), characters.length)
        place.text.insert(index, characters, attributes)
        if (this.#isNew(item)) this.#tellMoved(item, idAt(place.text, index))
        index += characters.length
      }
    }
  }

  /** What others put into a line beside its words: breaks, links, and the texts behind them. */
  children(block: Y.XmlElement): void {
    let behind: Y.XmlText | Y.XmlElement | undefined
    for (let item = block._start; item; item = item.right) {
      if (!(item.content instanceof Y.ContentType)) continue
      const type = item.content.type as Y.XmlText | Y.XmlElement
      if (this.#hasLeft(item)) {
        if (type instanceof Y.XmlText) behind = this.#wordsPutBack(type) ?? behind
        continue
      }
      if (item.deleted) continue
      const isInline = type instanceof Y.XmlText || INLINE_TYPES.has(type.nodeName)
      if (!behind || !isInline || !(behind.parent instanceof Y.XmlElement)) return
      const copy = type.clone() as Y.XmlText | Y.XmlElement
      behind.parent.insertAfter(behind, [copy])
      block.delete(childrenOf(block).indexOf(type), 1)
      behind = copy
    }
  }

  #hasLeft({ id }: Y.Item): boolean {
    return Y.isDeleted(this.#left, id)
  }

  /** What came back for a moment was never seen there: who undoes it goes to where it stands. */
  #tellMoved({ id: { client, clock }, length }: Y.Item, to: Y.ID | undefined): void {
    if (to) this.#moves.add([{ client, clock, length, toClient: to.client, toClock: to.clock }])
  }

  #wordsIn(text: Y.XmlText): Words[] {
    const all: Words[] = []
    let words: Words = { parts: [], front: undefined, back: undefined }
    for (let item = text._start; item; item = item.right) {
      const { content } = item
      if (!(content instanceof Y.ContentString)) continue
      const original = this.#cameBack.get(idKey(item.id))
      if (original && this.#stoodAmong(original, words)) {
        const attributes = this.#looks.of(item.id) ?? attributesIn(text).get(item) ?? {}
        words.parts.push({ item, original, characters: content.str, attributes })
        continue
      }
      if (!item.deleted && this.#isNew(item)) {
        // It has just come back: others' words stand beside it as they did.
        words = { parts: [], front: undefined, back: undefined }
        continue
      }
      // The markers that the step wrote are gone: words between them look as they did before.
      const attributes = this.#looks.of(item.id) ?? {}
      if (!item.deleted)
        words.parts.push({ item, original: item, characters: content.str, attributes })
      const back = item.deleted && this.#hasLeft(item) ? this.#firstPlaceOf(item) : undefined
      if (!back) continue
      if (words.parts.length > 0) all.push({ ...words, back })
      words = { parts: [], front: this.#lastPlaceOf(item), back: undefined }
    }
    if (words.parts.length > 0) all.push(words)
    return all
  }

  /** Written between words that left, or behind the last of them at the end of the line. */
  #isAmong({ parts, back }: Words): boolean {
    const first = parts[0]?.original.origin
    const last = parts.at(-1)?.original.rightOrigin
    if (back) return [first, last].some((id) => id && Y.isDeleted(this.#left, id))
    return first !== null && first !== undefined && Y.isDeleted(this.#left, first)
  }

  /** Others wrote it among words that the step itself took further: it came back where none is. */
  #stoodAmong({ origin }: Y.Item, { parts }: Words): boolean {
    if (!origin) return false
    const holds = ({ original: { id, length } }: Part) =>
      id.client === origin.client && id.clock <= origin.clock && origin.clock < id.clock + length
    return Y.isDeleted(this.#left, origin) || parts.some(holds)
  }

  /** What was pasted in front of words that went along is one item with them. */
  #firstPlaceOf(item: Y.Item): Place | undefined {
    let place: Place | undefined
    for (let n = 0; n < item.length && !place; n++) place = this.#placeOf(item, n)
    return place
  }

  #lastPlaceOf(item: Y.Item): Place | undefined {
    let place: Place | undefined
    for (let n = item.length - 1; n >= 0 && !place; n--) place = this.#placeOf(item, n)
    return place
  }

  #placeOf({ id }: Y.Item, offset: number): Place | undefined {
    const clock = id.clock + offset
    const range = this.#places.get(id.client, clock)
    const place = range
      ? Y.createID(range.toClient, range.toClock + clock - range.clock)
      : this.#moves.next(Y.createID(id.client, clock))
    const { doc } = this.#transaction
    // What came back among words that left has been carried on itself.
    const now = place && (isAlive(doc, place) ? place : this.#moves.follow(doc, place))
    const text = now && itemAt(doc, now)?.parent
    return text instanceof Y.XmlText ? { text, id: now! } : undefined
  }

  /** The text that the words of this one were put back in, if what it ends with has just come. */
  #wordsPutBack(text: Y.XmlText): Y.XmlText | undefined {
    let found: Y.XmlText | undefined
    for (let item = text._start; item; item = item.right) {
      if (!item.deleted || !this.#hasLeft(item)) continue
      found = this.#lastPlaceOf(item)?.text ?? found
    }
    let last: Y.Item | undefined
    for (let item = found?._start ?? null; item; item = item.right) {
      if (!item.deleted && item.countable) last = item
    }
    return last && this.#isNew(last) ? found : undefined
  }

  #isNew({ id: { client, clock } }: Y.Item): boolean {
    return clock >= (this.#transaction.beforeState.get(client) ?? 0)
  }
}
