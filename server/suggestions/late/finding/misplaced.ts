/**
 * Misplaced are words that live where they came, although what they were typed beside is elsewhere:
 * their writer had it in this text, and somebody has moved it since.
 */
import * as Y from 'yjs'
import { isAlive, itemAt } from '#shared/document/characters.ts'
import type { Moves } from '#shared/document/moves.ts'
import { stringOf } from '../../items.ts'
import type { Anchor } from '../arrivals.ts'
import type { Copies } from '../copies.ts'
import type { Piece } from '../piece.ts'
import { idKey, type NewWords, type Sent } from '../sent.ts'
import { attributesBefore, spotAt } from '../spots.ts'
import type { Sender } from './unseen.ts'

export function misplacedIn(
  doc: Y.Doc,
  sent: Sent,
  sender: Sender,
  moves: Moves,
  { copies, settled }: Copies,
): Piece[] {
  const pieces: Piece[] = []
  /** The pieces by the ids that they end with: what was typed behind them goes with them. */
  const going = new Set<string>()
  const isCopy = ({ client, clock }: Y.ID) => copies.get(client, clock) !== undefined
  for (const words of sent.words) {
    const { client, clock } = words.id
    if (!isAlive(doc, words.id) || settled.get(client, clock)) continue
    const anchors =
      words.origin && going.has(idKey(words.origin))
        ? [{ side: 'behind' as const, id: words.origin }]
        : anchorsFor(doc, words, { sender, moves, isCopy })
    if (anchors.length === 0) continue
    const own = livingPart(doc, words)
    for (let n = 0; n < own.length; n++) going.add(idKey(Y.createID(client, clock + n)))
    const attributes = attributesOf(doc, words.id)
    const segment = { id: words.id, text: own, attributes, isCopy: isCopy(words.id) }
    pieces.push({ segments: [segment], anchors })
  }
  return pieces
}

/** Where the words belong; none where they stand right. */
function anchorsFor(
  doc: Y.Doc,
  { id, origin, right }: NewWords,
  { sender, moves, isCopy }: { sender: Sender; moves: Moves; isCopy(id: Y.ID): boolean },
): Anchor[] {
  const here = itemAt(doc, id)?.parent
  const unseen = (copied: Y.ID) => {
    const copy = moves.next(copied)
    // Whoever moves the neighbour with these very words has put both where they belong: an undo.
    const now = copy && moves.follow(doc, copied)
    if (!copy || (now && isCopy(now))) return false
    // What undo restores stands before a dead neighbour, and goes where its neighbours went.
    const restored = right !== null && !isAlive(doc, right)
    return restored || !sender.knows(copy)
  }
  const isLate = (other: Y.ID) => !sender.knows(other) && !moves.isTarget(other)
  const goesTo = (copied: Y.ID, side: Anchor['side']) => {
    const to = unseen(copied) ? moves.follow(doc, copied) : undefined
    const text = to && spotAt(doc, to, 'before')?.text
    if (!to || !text) return false
    if (text !== here) return true
    // Whoever has seen the copy in this very text had the words beside it as they stand: an undo.
    return !sender.knows(to) && !standsBeside(doc, id, { side, id: to }, isLate)
  }
  const before =
    right && !isAlive(doc, right) && goesTo(right, 'before') ? [anchor('before', right)] : []
  for (let at = origin; at; ) {
    if (isAlive(doc, at)) return []
    if (moves.next(at)) return goesTo(at, 'behind') ? [anchor('behind', at), ...before] : []
    const beside: Y.Item | undefined = itemAt(doc, at)
    let left = beside?.left ?? null
    while (left && !isWords(left)) left = left.left
    at = left?.lastId ?? null
  }
  return before
}

/**
 * Whether nothing stands between a word and the character of its text that it belongs beside, but
 * what others have typed there: a move there and back, as Enter and its undo, leaves the word behind
 * the tail that it was typed in.
 */
function standsBeside(
  doc: Y.Doc,
  id: Y.ID,
  { side, id: beside }: Anchor,
  isLate: (id: Y.ID) => boolean,
): boolean {
  for (const next of livingFrom(doc, id, side === 'behind' ? 'left' : 'right')) {
    if (idKey(next) === idKey(beside)) return true
    if (!isLate(next)) return false
  }
  return false
}

/** The living characters of a text from one of them on, without it. */
function* livingFrom(doc: Y.Doc, id: Y.ID, way: 'left' | 'right'): Generator<Y.ID> {
  const step = way === 'left' ? -1 : 1
  const own = itemAt(doc, id)
  for (let item: Y.Item | null | undefined = own; item; item = item[way]) {
    if (item.deleted || stringOf(item) === undefined) continue
    const { client, clock } = item.id
    const edge = way === 'left' ? item.length - 1 : 0
    for (let n = item === own ? id.clock - clock + step : edge; n >= 0 && n < item.length; ) {
      yield Y.createID(client, clock + n)
      n += step
    }
  }
}

const anchor = (side: Anchor['side'], id: Y.ID): Anchor => ({ side, id })

const isWords = (item: Y.Item): boolean =>
  stringOf(item) !== undefined || item.content instanceof Y.ContentDeleted

/** The words up to the first that is gone. */
function livingPart(doc: Y.Doc, { id, text }: NewWords): string {
  let n = 0
  while (n < text.length && isAlive(doc, Y.createID(id.client, id.clock + n))) n++
  return text.slice(0, n)
}

function attributesOf(doc: Y.Doc, id: Y.ID) {
  const spot = spotAt(doc, id, 'behind')
  return spot ? attributesBefore(spot.text, spot.index) : {}
}
