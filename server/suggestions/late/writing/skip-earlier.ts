/**
 * SkipEarlier finds the place of late words behind what their writer typed there before. Where a line
 * is moved twice while somebody types, each letter comes late for another copy of it, all of them
 * behind the same character: without this the later ones stood in front (`hello`: `elhlo`).
 */
import * as Y from 'yjs'
import { isAlive } from '#shared/document/characters.ts'
import { MOST_HOPS, type Moves } from '#shared/document/moves.ts'
import { stringOf } from '../../items.ts'
import type { Piece } from '../piece.ts'
import { idKey } from '../sent.ts'
import type { TextSpot } from '../spots.ts'

/** Behind the copies of what the same writer typed earlier, but before what the words were typed before. */
export function skipEarlier(
  doc: Y.Doc,
  moves: Moves,
  { text, index }: TextSpot,
  { anchors, segments }: Piece,
): TextSpot {
  const written = segments[0] && firstOf(moves, segments[0].id)
  const ends = new Set<string>()
  for (const { side, id } of anchors) {
    const end = side === 'before' ? (isAlive(doc, id) ? id : moves.follow(doc, id)) : undefined
    if (end) ends.add(idKey(end))
  }
  const isEarlier = (id: Y.ID): boolean => {
    if (ends.has(idKey(id)) || !moves.isTarget(id)) return false
    const first = firstOf(moves, id)
    return first.client === written?.client && first.clock < written.clock
  }
  let at = index
  for (const id of charactersFrom(text, index)) {
    if (!isEarlier(id)) break
    at++
  }
  return { text, index: at }
}

/** The character that its writer typed, of which this one is a copy. */
function firstOf(moves: Moves, id: Y.ID): Y.ID {
  let first = id
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    const previous = moves.previous(first)
    if (!previous) break
    first = previous
  }
  return first
}

/** The living characters of a text behind an index. */
function* charactersFrom(text: Y.XmlText, index: number): Generator<Y.ID> {
  let rest = index
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || stringOf(item) === undefined) continue
    for (let n = Math.max(0, rest); n < item.length; n++) {
      yield Y.createID(item.id.client, item.id.clock + n)
    }
    rest -= item.length
  }
}
