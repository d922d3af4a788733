/**
 * Stretches are the characters that one transaction deleted, and those that it wrote: each stretch
 * stood, or stands, together in one text. They come in the order of the document, tombstones
 * counted, so that of equal lines the first is paired with the first.
 */
import * as Y from 'yjs'
import { INLINE_TYPES } from '../shape.ts'
import type { Piece, Stretch } from './pair-text.ts'

export type DeleteSet = Y.Transaction['deleteSet']

/** What a transaction deleted of the text before it (`gone`), and what it wrote that lives (`come`). */
export function stretchesOf(
  transaction: Y.Transaction,
  named?: DeleteSet,
): { gone: Stretch[]; come: Stretch[] } {
  const gone: Stretch[] = []
  const come: Stretch[] = []
  for (const text of inDocumentOrder(touchedTexts(transaction))) {
    const endsNow = text._item?.deleted ?? false
    const beginsNow = isNew(transaction, text._item) || holdsOnlyNew(transaction, text)
    let dead: Stretch | undefined
    let fresh: Stretch | undefined
    for (let item = text._start; item; item = item.right) {
      if (!item.countable) continue
      const words = item.content instanceof Y.ContentString ? item.content.str : undefined
      if (isNew(transaction, item)) {
        if (item.deleted || words === undefined) continue
        fresh ??= open(come, text, beginsNow)
        add(fresh, item, words)
      } else if (!item.deleted) {
        dead = fresh = undefined
      } else if (words !== undefined && Y.isDeleted(transaction.deleteSet, item.id)) {
        if (named && !Y.isDeleted(named, item.id)) continue
        dead ??= open(gone, text, endsNow)
        add(dead, item, words)
      }
    }
  }
  return { gone, come }
}

const isNew = ({ beforeState }: Y.Transaction, item: Y.Item | null): boolean =>
  item !== null && item.id.clock >= (beforeState.get(item.id.client) ?? 0)

/** Nothing of what the text held before is left: an editor may write another line over one. */
function holdsOnlyNew(transaction: Y.Transaction, text: Y.XmlText): boolean {
  for (let item = text._start; item; item = item.right) {
    if (item.countable && !item.deleted && !isNew(transaction, item)) return false
  }
  return true
}

/** The element that a text's line is: a link stands in a line. */
function blockOf({ parent }: Y.XmlText): unknown {
  return parent instanceof Y.XmlElement && INLINE_TYPES.has(parent.nodeName)
    ? parent.parent
    : parent
}

function open(all: Stretch[], text: Y.XmlText, withItsText: boolean): Stretch {
  const stretch: Stretch = { text: '', pieces: [], block: blockOf(text), withItsText }
  all.push(stretch)
  return stretch
}

function add(stretch: Stretch, { id: { client, clock }, length }: Y.Item, words: string): void {
  stretch.text += words
  const last: Piece | undefined = stretch.pieces.at(-1)
  if (last?.client === client && last.clock + last.length === clock) last.length += length
  else stretch.pieces.push({ client, clock, length })
}

/** The texts in which characters were deleted or written. */
function touchedTexts(transaction: Y.Transaction): Set<Y.XmlText> {
  const { doc, deleteSet, beforeState, afterState } = transaction
  const texts = new Set<Y.XmlText>()
  const look = (struct: unknown) => {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) return
    if (struct.parent instanceof Y.XmlText) texts.add(struct.parent)
  }
  Y.iterateDeletedStructs(transaction, deleteSet, look)
  for (const [client, end] of afterState) {
    const begin = beforeState.get(client) ?? 0
    const structs = doc.store.clients.get(client)
    if (end <= begin || !structs) continue
    for (let n = Y.findIndexSS(structs, begin); n < structs.length; n++) look(structs[n])
  }
  return texts
}

/** Each parent's children are counted once: a change of ten thousand blocks must not take a second. */
function inDocumentOrder(texts: ReadonlySet<Y.XmlText>): Y.XmlText[] {
  if (texts.size < 2) return [...texts]
  const places = new Map<Y.Item, number>()
  const placeOf = (item: Y.Item, parent: Y.XmlElement): number => {
    if (!places.has(item)) {
      let n = 0
      for (let child = parent._start; child; child = child.right) places.set(child, n++)
    }
    return places.get(item) ?? 0
  }
  const paths = new Map<Y.XmlText, number[]>()
  for (const text of texts) {
    const path: number[] = []
    let item = text._item
    while (item && item.parent instanceof Y.XmlElement) {
      path.unshift(placeOf(item, item.parent))
      item = item.parent._item
    }
    paths.set(text, path)
  }
  return [...texts].sort((a, b) => comparePaths(paths.get(a) ?? [], paths.get(b) ?? []))
}

function comparePaths(a: readonly number[], b: readonly number[]): number {
  for (let n = 0; n < Math.min(a.length, b.length); n++) {
    if (a[n] !== b[n]) return a[n]! - b[n]!
  }
  return a.length - b.length
}
