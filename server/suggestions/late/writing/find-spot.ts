/** FindSpot tells where something belongs now that stood beside certain items when it was written. */
import * as Y from 'yjs'
import { indexOf, isAlive, itemAt } from '#shared/document/characters.ts'
import { MOST_HOPS, type Moves } from '#shared/document/moves.ts'
import { isGone } from '../../items.ts'
import type { Anchor } from '../arrivals.ts'
import type { Places } from '../places.ts'
import { spotAt, spotInLine, type TextSpot } from '../spots.ts'

/**
 * Beside the first of the anchors that lives, itself or as a copy; else where the last copy of one
 * was deleted, in a text that is still there. Undefined where nothing tells. To be called in a
 * transaction: an empty line gets a text to write in.
 */
export function findSpot(
  doc: Y.Doc,
  moves: Moves,
  places: Places,
  anchors: readonly Anchor[],
): TextSpot | undefined {
  for (const anchor of anchors) {
    const spot = livingSpot(doc, moves, places, anchor)
    if (spot) return spot
  }
  for (const anchor of anchors) {
    const spot = deadSpot(doc, moves, places, anchor)
    if (spot) return spot
  }
  return undefined
}

function livingSpot(doc: Y.Doc, moves: Moves, places: Places, anchor: Anchor) {
  for (const { side, id } of chainOf(places, anchor)) {
    const living = isAlive(doc, id) ? id : moves.follow(doc, id)
    const spot = living && (side === 'in' ? spotInLine(doc, living) : spotAt(doc, living, side))
    if (spot) return spot
  }
  return undefined
}

function deadSpot(doc: Y.Doc, moves: Moves, places: Places, anchor: Anchor) {
  for (const { side, id } of chainOf(places, anchor)) {
    let at: Y.ID | undefined = id
    let copy = moves.next(at)
    for (let hop = 0; copy && hop < MOST_HOPS; hop++) {
      at = copy
      copy = moves.next(copy)
    }
    const item = itemAt(doc, at)
    if (!item || !(item.parent instanceof Y.XmlText) || isGone(item.parent)) continue
    const offset = item.deleted ? 0 : at.clock - item.id.clock + (side === 'behind' ? 1 : 0)
    return { text: item.parent, index: indexOf(item) + offset }
  }
  return undefined
}

/** An anchor, and what it stood beside in an element that went, from near to far. */
function* chainOf(places: Places, anchor: Anchor): Generator<Anchor> {
  let at = anchor
  for (let hop = 0; hop < MOST_HOPS; hop++) {
    yield at
    const place = places.get(at.id)
    if (!place || place.side === 'grave') return
    at = { side: place.side, id: place.id }
  }
}
