/**
 * Stranded are living characters that were typed behind text which is moved now, by somebody whose
 * words its mover had not seen: after a split they stand at the end of the head, and belong behind
 * what they were typed behind.
 */
import * as Y from 'yjs'
import { itemAt } from '#shared/document/characters.ts'
import type { MovedRange } from '#shared/document/moves/moved-range.ts'
import type { RangeMap } from '#shared/document/moves/range-map.ts'
import { stringOf } from '../../items.ts'
import type { Piece } from '../piece.ts'
import type { Attributes } from '../sent.ts'
import { blockOf, note, spotAt } from '../spots.ts'

export interface StrandedQuery {
  doc: Y.Doc
  /** What went from the text just now, and where it is. */
  moved: RangeMap<MovedRange>
  /** Whether these characters were unseen by whoever moved the others. */
  mayFollow(item: Y.Item): boolean
}

export function strandedIn(text: Y.XmlText, query: StrandedQuery): Piece[] {
  const { doc, moved, mayFollow } = query
  const pieces: Piece[] = []
  const carried = new Map<Y.Item, Y.ID>()
  const attributes: Attributes = {}
  let hasHead = false
  let piece: Piece | undefined
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue
    note(attributes, item)
    const words = stringOf(item)
    if (words === undefined) continue
    const behind = mayFollow(item) ? carrierOf(doc, item, moved, carried) : undefined
    const follows = behind && belongs(doc, text, item, behind, moved, hasHead)
    if (!behind || !follows) {
      piece = undefined
      hasHead ||= carried.size === 0
      continue
    }
    carried.set(item, behind)
    if (!piece || piece.anchors[0]?.id !== behind) {
      piece = { segments: [], anchors: [{ side: 'behind', id: behind }] }
      pieces.push(piece)
    }
    const segment = { id: item.id, text: words, attributes: { ...attributes }, isCopy: false }
    piece.segments.push(segment)
  }
  return pieces
}

/** The moved character that an item was typed behind, itself or by others that were. */
function carrierOf(
  doc: Y.Doc,
  item: Y.Item,
  moved: RangeMap<MovedRange>,
  carried: ReadonlyMap<Y.Item, Y.ID>,
): Y.ID | undefined {
  for (let at = item.origin; at; ) {
    if (moved.get(at.client, at.clock)) return at
    const beside = itemAt(doc, at)
    if (!beside) return undefined
    if (!beside.deleted && stringOf(beside) !== undefined) return carried.get(beside)
    at = beside.left?.lastId ?? null
  }
  return undefined
}

/**
 * Who moves text away and has seen what stands behind it takes that along too, but for what is left
 * of a link whose first words leave it: there the text has no head that stays.
 */
function belongs(
  doc: Y.Doc,
  text: Y.XmlText,
  item: Y.Item,
  behind: Y.ID,
  moved: RangeMap<MovedRange>,
  hasHead: boolean,
): boolean {
  const target = targetOf(doc, behind, moved)
  if (!target || target === text) return false
  if (hasHead || blockOf(target) !== blockOf(text)) return true
  for (let right = item.right; right; right = right.right) {
    if (right.deleted && targetOf(doc, right.id, moved) === target) return true
  }
  return false
}

function targetOf(doc: Y.Doc, id: Y.ID, moved: RangeMap<MovedRange>): Y.XmlText | undefined {
  const range = moved.get(id.client, id.clock)
  const to = range && Y.createID(range.toClient, range.toClock + id.clock - range.clock)
  return to && spotAt(doc, to, 'before')?.text
}
