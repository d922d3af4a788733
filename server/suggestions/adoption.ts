/**
 * Recognises provisional text that somebody's editing made anew. Yjs has no move: Enter, a merge,
 * a change of block type delete text and insert a copy; undo re-creates what was deleted. Such a
 * copy belongs to the chunk of its original. What is no copy is the person's, whatever its flag.
 */

import * as Y from 'yjs'
import { compareTypes } from '#shared/document/item-order.ts'
import { pairText } from '#shared/document/moves/pair-text.ts'
import type { Stretch } from '#shared/document/moves/parts.ts'
import { isNew, newItems } from '#shared/document/new-items.ts'
import { FLAG, parseFlag } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'
import { BroughtBack } from './erased/brought-back.ts'
import type { ErasedItem } from './erased/erased.ts'
import { Lost, type LostCharacter, shows, strikersOf } from './erased/lost.ts'
import { MissedErasures } from './erased/missed-erasures.ts'
import { Outlines, outlineOf } from './erased/outlines.ts'
import { shownBy } from './erased/written-anew.ts'
import { flagOf, isGone, runsOf, stringOf, typeOf } from './items.ts'
import type { Op } from './ownership.ts'
import type { ItemRange, StoredChunk } from './types.ts'

/** Fewer letters, beside text of their chunk, may as well be typed. */
const SURE = 4

export class Adoption {
  readonly #book: ChunkBook
  readonly #lost = new Lost()
  readonly #outlines: Outlines
  /** Set until it is known what was erased before. */
  #broughtBack: BroughtBack | undefined
  readonly #missed: MissedErasures

  constructor(book: ChunkBook) {
    this.#book = book
    this.#outlines = new Outlines(book, this.#lost)
    this.#missed = new MissedErasures(book.doc, this.#lost)
  }

  /**
   * Adopts what a transaction of somebody else copied. Returns the texts and elements it touched.
   * To be called in `afterTransaction`: later the deleted characters cannot be read any more.
   */
  notice(transaction: Y.Transaction): {
    texts: Set<Y.XmlText>
    elements: Set<Y.XmlElement>
    /** Chunks that strike something of what was deleted. */
    strikers: ReadonlySet<StoredChunk>
  } {
    const removed = this.#remember(transaction)
    const texts = new Set<Y.XmlText>()
    const elements = new Set<Y.XmlElement>()
    for (const [type, keys] of transaction.changed) {
      if (type instanceof Y.XmlText && !isGone(type)) texts.add(type)
      if (type instanceof Y.XmlElement && keys.has(FLAG) && !isGone(type)) elements.add(type)
    }
    for (const item of newItems(transaction)) {
      const type = typeOf(item)
      if (type instanceof Y.XmlText && !item.deleted) texts.add(type)
      if (type instanceof Y.XmlElement && !item.deleted) {
        elements.add(type)
        this.#adoptElement(type)
      }
      if (item.parent instanceof Y.XmlText && item.countable) {
        if (!item.deleted) texts.add(item.parent)
        this.#adoptRestored(item)
        this.#broughtBack?.note(item)
      }
    }
    this.#adoptCopies(transaction, texts, removed)
    for (const text of texts) this.#adoptFitting(text)
    return { texts, elements, strikers: removed.strikers }
  }

  /** See MissedErasures. */
  unknownOf(chunks: Iterable<StoredChunk>): ItemRange[] {
    return this.#missed.of(chunks)
  }

  /** What was erased before is not known yet: `recall` will tell. */
  wait(): void {
    this.#broughtBack ??= new BroughtBack(
      this.#book,
      { lost: this.#lost, outlines: this.#outlines },
      {
        restored: (item) => this.#adoptRestored(item),
        element: (element) => this.#adoptElement(element),
        character: (lost, client, clock) => this.#adopt(lost, client, clock),
        fitting: (text) => this.#adoptFitting(text),
      },
    )
  }

  /** Learns what was erased before, and adopts what came back of it. Returns texts that it touched. */
  recall(erased: readonly ErasedItem[]): Set<Y.XmlText> {
    const texts = this.#broughtBack?.recall(erased)
    this.#broughtBack = undefined
    return texts ?? new Set()
  }

  forget(chunk: StoredChunk): void {
    this.#lost.forget(chunk)
    this.#outlines.prune()
  }

  /** Takes down what of the chunks this transaction deleted. */
  #remember(transaction: Y.Transaction): Removed {
    const removed = new Removed()
    const gone = new Set<Y.XmlText>()
    const { ownership } = this.#book
    const stale = this.#book.stale()
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item)) return
      const { client, clock } = struct.id
      const type = typeOf(struct)
      if (type instanceof Y.XmlElement) {
        const owner = ownership.owner('ins', client, clock)
        if (owner) this.#lost.addElement(owner, type.nodeName)
      }
      const text = stringOf(struct) ?? ''
      const parent = struct.parent instanceof Y.XmlText ? struct.parent : undefined
      const parentGone = parent !== undefined && isGone(parent)
      for (let n = 0; n < text.length; n++) {
        const ins = ownership.owner('ins', client, clock + n)
        const dels = strikersOf(this.#book, client, clock + n, stale)
        if (!ins && dels.length === 0) continue
        const lost = { character: text[n]!, ins, dels }
        this.#lost.add(client, clock + n, lost)
        removed.add(lost, struct.parent, parentGone)
        if (parentGone) gone.add(parent)
      }
    })
    for (const text of gone) this.#outlines.add(text._item!.id, outlineOf(text))
    return removed
  }

  /** Undo re-creates a block with its flag. */
  #adoptElement(element: Y.XmlElement): void {
    const flag = parseFlag(flagOf(element))
    const chunk = flag?.op === 'ins' ? this.#book.get(flag.chunk) : undefined
    if (!chunk || !this.#lost.takeElement(chunk, element.nodeName)) return
    const { client, clock } = element._item!.id
    this.#book.own('ins', chunk, client, clock, clock + 1)
  }

  /**
   * Undo inserts each deleted item again, directly before the place of the deleted one: by that,
   * and by the same characters, it is known for certain.
   */
  #adoptRestored(item: Y.Item): void {
    const { rightOrigin, length } = item
    const characters = rightOrigin && this.#lost.of(rightOrigin.client)
    if (!characters) return
    const text = item.deleted ? undefined : stringOf(item)
    const originals: LostCharacter[] = []
    for (let n = 0; n < length; n++) {
      const lost = characters.get(rightOrigin.clock + n)
      if (!lost || (text !== undefined && lost.character !== text[n])) return
      originals.push(lost)
    }
    const { client, clock } = item.id
    originals.forEach((lost, n) => {
      if (item.deleted) this.#lost.add(client, clock + n, lost)
      else this.#adopt(lost, client, clock + n)
    })
  }

  /** Text in a new place that shows a chunk's flag, and that the same transaction took elsewhere. */
  #adoptCopies(transaction: Y.Transaction, texts: Set<Y.XmlText>, removed: Removed): void {
    const copies = [...texts].flatMap((text) => this.#copiesIn(text, transaction))
    if (copies.length > 1)
      copies.sort((a, b) => (a.into === b.into ? 0 : compareTypes(a.into, b.into)))
    const byFlag = Map.groupBy(copies, ({ op, chunk }) => `${op} ${chunk.id}`)
    for (const alike of byFlag.values()) {
      const taken = removed.take(alike)
      for (const copy of alike) this.#adoptCopy(copy, taken.get(copy) ?? [])
    }
  }

  /** The flagged runs that a transaction wrote into a text and that are nobody's yet. */
  #copiesIn(text: Y.XmlText, transaction: Y.Transaction): Copy[] {
    const isNewText = text._item !== null && isNew(transaction, text._item.id)
    return [...runsOf(text)].flatMap((run) => {
      if (run.flag === null || !isNew(transaction, run)) return []
      const shown = shownBy(this.#book, run)
      const { client, clock, text: characters } = run
      return shown ? [{ ...shown, client, clock, text: characters, into: text, isNewText }] : []
    })
  }

  #adoptCopy(copy: Copy, taken: readonly [number, LostCharacter][]): void {
    const { op, chunk, client, clock, text, isNewText } = copy
    const isWhole = taken.length === text.length || !isNewText
    // Pasted in a later step than it was cut in: `Start here. The`, cut while the answer is written.
    const isPasted = taken.length === 0 && (text.length >= SURE || !this.#standsIn(copy))
    const whole = isWhole ? undefined : this.#lost.stretch(op, chunk, text)
    const stretch = whole ?? (isPasted ? this.#lost.part(op, chunk, text) : undefined)
    for (const [n, lost] of stretch?.entries() ?? taken) this.#adopt(lost, client, clock + n)
  }

  /** Whoever types beside text of the chunk writes its flag, too. */
  #standsIn({ op, chunk, into }: Copy): boolean {
    return [...runsOf(into)].some(
      ({ client, clock }) => this.#book.ownership.owner(op, client, clock) === chunk,
    )
  }

  /** Undo may have made the block anew before, and bring its text back part by part. */
  #adoptFitting(text: Y.XmlText): void {
    for (const { lost, client, clock } of this.#outlines.fitting(text)) {
      this.#adopt(lost, client, clock)
    }
  }

  #adopt({ ins, dels }: LostCharacter, client: number, clock: number): void {
    if (ins) this.#book.own('ins', ins, client, clock, clock + 1)
    for (const del of dels) this.#book.own('del', del, client, clock, clock + 1)
  }
}

/** What a transaction took away, and from which text; without a character once a copy was found. */
interface Taken {
  lost: LostCharacter | undefined
  from: unknown
  withItsText: boolean
}

/** The provisional text that one transaction took away; each part can be given out once. */
class Removed {
  readonly strikers = new Set<StoredChunk>()
  readonly #all: Taken[] = []

  add(lost: LostCharacter, from: unknown, withItsText: boolean): void {
    for (const striker of lost.dels) this.strikers.add(striker)
    this.#all.push({ lost, from, withItsText })
  }

  /**
   * Gives out the originals of characters of copies, which show one flag and come in the order of the
   * document, each with its index in its copy. What somebody pastes, or types in the same step, stands
   * beside a copy and carries its flag: ` def` in `la la def`. So all copies are compared as one with all
   * that went: of `la la` and `la laone two`, pasted in front of `one two`, the first has no space of the
   * proposal (seed 395).
   */
  take(copies: readonly Copy[]): Map<Copy, [number, LostCharacter][]> {
    const given = new Map<Copy, [number, LostCharacter][]>(copies.map((copy) => [copy, []]))
    const found = this.#all.filter((taken) => copies.some((copy) => mayGoInto(copy, taken)))
    const sources = new Map(stretchesOf(found).map((part) => [stretchOf(textOf(part)), part]))
    const into = new Map(copies.map((copy) => [stretchOf(copy.text), copy]))
    for (const { source, at, copy: stretch, to, length } of pairText(
      [...sources.keys()],
      [...into.keys()],
    )) {
      const copy = into.get(stretch)!
      const parts = sources.get(source)!.slice(at, at + length)
      for (const [n, taken] of parts.entries()) {
        if (mayGoInto(copy, taken)) given.get(copy)!.push([to + n, giveOut(taken)])
      }
    }
    return given
  }
}

/**
 * Into a text that was there before only a merge copies from another one, and a merge takes the whole
 * text that it copies from.
 */
const mayGoInto = ({ op, chunk, into, isNewText }: Copy, { lost, from, withItsText }: Taken) =>
  lost !== undefined && shows(lost, op, chunk) && (isNewText || withItsText || from === into)

/** Text by text. */
function stretchesOf(all: readonly Taken[]): Taken[][] {
  const stretches: Taken[][] = []
  for (const taken of all) {
    const last = stretches.at(-1)
    if (last && last[0]?.from === taken.from) last.push(taken)
    else stretches.push([taken])
  }
  return stretches
}

const textOf = (all: readonly Taken[]): string => all.map(({ lost }) => lost!.character).join('')

function giveOut(taken: Taken): LostCharacter {
  const { lost } = taken
  taken.lost = undefined
  return lost!
}

/** A flagged run that one transaction wrote. */
interface Copy {
  op: Op
  chunk: StoredChunk
  client: number
  clock: number
  text: string
  into: Y.XmlText
  /** The text came with it. */
  isNewText: boolean
}

const stretchOf = (text: string): Stretch => ({
  text,
  pieces: [],
  block: undefined,
  withItsText: true,
})

/** Whether a transaction put a flag anywhere, on characters or on a block. */
export function bringsFlags(transaction: Y.Transaction): boolean {
  for (const { content, parentSub } of newItems(transaction)) {
    if (parentSub === FLAG) return true
    if (content instanceof Y.ContentFormat && content.key === FLAG && content.value !== null) {
      return true
    }
  }
  return false
}
