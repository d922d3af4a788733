/**
 * Stretches are the characters that one transaction deleted, and those that it wrote: each stretch
 * stood, or stands, together in one text. They come in the order of the document, tombstones
 * counted, so that of equal lines the first is paired with the first.
 */
import * as Y from 'yjs'
import { isNew, newItems } from '../new-items.ts'
import { INLINE_TYPES } from '../shape.ts'
import type { MovedRange } from './moved-range.ts'
import type { Piece, Stretch } from './parts.ts'
import type { IdRange, RangeMap } from './range-map.ts'

export type DeleteSet = Y.Transaction['deleteSet']

export interface StretchOptions {
  /** Deletions that count; all of them unless said otherwise. */
  named?: DeleteSet | undefined
  /** Deletions that do not count. */
  except?: DeleteSet | undefined
  /**
   * What stands for characters that were deleted before: of the copy, whose it is. Where the copy was
   * deleted as well, or the character was never moved and stands for itself, its text must be
   * remembered; where the copy goes now, it counts as named. Items must be cut at its ends.
   */
  standIns?: RangeMap<MovedRange> | undefined
  /**
   * What is remembered of the deleted characters of a client from…to. Yjs makes one of what was
   * deleted side by side, and markers of format, which are no characters, stand among them.
   */
  remembered?: ((client: number, from: number, to: number) => Iterable<TextRange>) | undefined
}

/** Characters with consecutive ids, and what they are. */
export interface TextRange extends IdRange {
  text: string
}

/** What a transaction deleted of the text before it (`gone`), and what it wrote that lives (`come`). */
export function stretchesOf(
  transaction: Y.Transaction,
  options: StretchOptions = {},
): { gone: Stretch[]; come: Stretch[] } {
  const gone: Stretch[] = []
  const come: Stretch[] = []
  for (const text of inDocumentOrder(touchedTexts(transaction, options))) {
    const endsNow = text._item?.deleted ?? false
    const isInOldText = !(text._item && isNew(transaction, text._item.id))
    const beginsNow = !isInOldText || holdsOnlyNew(transaction, text)
    let dead: Stretch | undefined
    let fresh: Stretch | undefined
    const block = blockOf(text)
    let gap = {}
    let front: Y.ID | undefined
    for (let item = text._start; item; item = item.right) {
      if (isNew(transaction, item.id)) {
        const words = item.deleted ? undefined : wordsOf(item)
        if (words === undefined) continue
        fresh ??= open(come, { block, gap, withItsText: beginsNow, isInOldText })
        add(fresh, item.id, words)
        continue
      }
      if (options.except && isNamed(options.except, item)) dead = undefined
      for (const part of goneParts(transaction, item, options)) {
        if (part === 'stays') {
          dead = fresh = undefined
          gap = {}
        } else {
          dead ??= open(gone, { block, gap, front, withItsText: endsNow || part.standsIn })
          // A copy of somebody else's stands where the sender of the update did not see it.
          if (part.isElsewhere) dead.gap = undefined
          add(dead, part.id, part.words)
        }
      }
      const isOfBefore = !item.deleted || Y.isDeleted(transaction.deleteSet, item.id)
      if (isOfBefore && item.content instanceof Y.ContentString) front = item.lastId
    }
  }
  return { gone, come }
}

const isNamed = (named: DeleteSet, { id, deleted }: Y.Item): boolean =>
  deleted && Y.isDeleted(named, id)

type GonePart = { id: Y.ID; words: string; standsIn: boolean; isElsewhere: boolean }

/** What an item of before tells: characters that count as deleted, or that some stay. */
function* goneParts(
  { deleteSet }: Y.Transaction,
  item: Y.Item,
  { named, except, standIns, remembered }: StretchOptions,
): Generator<GonePart | 'stays'> {
  const { id, length } = item
  const words = wordsOf(item)
  if (item.deleted && Y.isDeleted(deleteSet, id)) {
    const counts = !named || Y.isDeleted(named, id) || standIns?.get(id.client, id.clock)
    if (except && Y.isDeleted(except, id)) return
    if (counts && words !== undefined) yield { id, words, standsIn: false, isElsewhere: false }
    return
  }
  if (!item.deleted && !item.countable) return
  const textsOf = (from: number, to: number): Iterable<TextRange> => {
    if (item.deleted) return remembered?.(id.client, from, to) ?? []
    const text = (words ?? '').slice(from - id.clock, to - id.clock)
    return text ? [{ client: id.client, clock: from, length: to - from, text }] : []
  }
  let at = id.clock
  for (const range of standIns?.within(id.client, id.clock, id.clock + length) ?? []) {
    if (range.clock > at && !item.deleted) yield 'stays'
    at = range.clock + range.length
    const { toClient, toClock } = range
    const isElsewhere = toClient !== id.client || toClock !== range.clock
    for (const { clock, text } of textsOf(range.clock, at)) {
      const stoodFor = Y.createID(toClient, toClock + clock - range.clock)
      yield { id: stoodFor, words: text, standsIn: true, isElsewhere }
    }
  }
  if (at < id.clock + length && !item.deleted) yield 'stays'
}

const wordsOf = ({ content }: Y.Item): string | undefined =>
  content instanceof Y.ContentString ? content.str : undefined

/** Nothing of what the text held before is left: an editor may write another line over one. */
function holdsOnlyNew(transaction: Y.Transaction, text: Y.XmlText): boolean {
  for (let item = text._start; item; item = item.right) {
    if (item.countable && !item.deleted && !isNew(transaction, item.id)) return false
  }
  return true
}

/** The element that a text's line is: a link stands in a line. */
function blockOf({ parent }: Y.XmlText): unknown {
  return parent instanceof Y.XmlElement && INLINE_TYPES.has(parent.nodeName)
    ? parent.parent
    : parent
}

function open(all: Stretch[], place: Omit<Stretch, 'text' | 'pieces'>): Stretch {
  const stretch: Stretch = { text: '', pieces: [], ...place }
  all.push(stretch)
  return stretch
}

function add(stretch: Stretch, { client, clock }: Y.ID, words: string): void {
  const { length } = words
  stretch.text += words
  const last: Piece | undefined = stretch.pieces.at(-1)
  if (last?.client === client && last.clock + last.length === clock) last.length += length
  else stretch.pieces.push({ client, clock, length })
}

/** The texts in which characters were deleted or written. */
function touchedTexts(transaction: Y.Transaction, { standIns }: StretchOptions): Set<Y.XmlText> {
  const { doc, deleteSet } = transaction
  const texts = new Set<Y.XmlText>()
  const look = (struct: unknown) => {
    if (struct instanceof Y.Item && struct.parent instanceof Y.XmlText) texts.add(struct.parent)
  }
  Y.iterateDeletedStructs(transaction, deleteSet, look)
  for (const { client, clock } of standIns?.ranges() ?? []) {
    look(Y.getItem(doc.store, Y.createID(client, clock)))
  }
  for (const item of newItems(transaction)) look(item)
  return texts
}

/** Each parent's children are counted once: a change of ten thousand blocks must not take a second. */
export function inDocumentOrder<T extends Y.XmlText | Y.XmlElement>(types: Iterable<T>): T[] {
  const all = [...types]
  if (all.length < 2) return all
  const places = new Map<Y.Item, number>()
  const placeOf = (item: Y.Item, parent: Y.XmlElement): number => {
    if (!places.has(item)) {
      let n = 0
      for (let child = parent._start; child; child = child.right) places.set(child, n++)
    }
    return places.get(item) ?? 0
  }
  const paths = new Map<T, number[]>()
  for (const type of all) {
    const path: number[] = []
    let item = type._item
    while (item && item.parent instanceof Y.XmlElement) {
      path.unshift(placeOf(item, item.parent))
      item = item.parent._item
    }
    paths.set(type, path)
  }
  return all.sort((a, b) => comparePaths(paths.get(a) ?? [], paths.get(b) ?? []))
}

function comparePaths(a: readonly number[], b: readonly number[]): number {
  for (let n = 0; n < Math.min(a.length, b.length); n++) {
    if (a[n] !== b[n]) return a[n]! - b[n]!
  }
  return a.length - b.length
}
