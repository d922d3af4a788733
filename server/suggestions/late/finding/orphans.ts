/**
 * Orphans are characters that an update deletes, and that Yjs has collected together with all that
 * stood around them. Each is put back beside the moved character that it is known to have stood at,
 * so that a copy of both can be told as one text.
 */
import * as Y from 'yjs'
import type { Stretch } from '#shared/document/moves/parts.ts'
import type { IdRange } from '#shared/document/moves/range-map.ts'
import type { TextRange } from '#shared/document/moves/stretches.ts'
import type { Places, Spot } from '../places.ts'
import type { RememberedText } from '../remembered-text.ts'

/** Adds those of which the text is remembered to what is gone. */
export function addOrphans(
  gone: Stretch[],
  orphans: readonly IdRange[],
  places: Places,
  remembered: RememberedText,
): void {
  const found = orphans
    .flatMap(({ client, clock, length }) => [...remembered.within(client, clock, clock + length)])
    .sort((a, b) => a.client - b.client || a.clock - b.clock)
  const ofPlace = Map.groupBy(found, ({ client, clock }) => {
    const place = places.get(Y.createID(client, clock))
    return place ? `${place.side} ${place.id.client}.${place.id.clock}` : ''
  })
  for (const group of ofPlace.values()) {
    const { client, clock } = group[0]!
    const place = places.get(Y.createID(client, clock))
    if (place && insert(gone, group, place)) continue
    const text = group.map((range) => range.text).join('')
    gone.push({ text, pieces: group.map(pieceOf), block: undefined, withItsText: true })
  }
}

/** False where what they stood at is not among what is gone. */
function insert(
  gone: readonly Stretch[],
  group: readonly TextRange[],
  { side, id }: Spot,
): boolean {
  if (side === 'grave') return false
  const { client, clock } = id
  const text = group.map((range) => range.text).join('')
  for (const stretch of gone) {
    let at = 0
    for (const [n, piece] of stretch.pieces.entries()) {
      if (piece.client === client && clock >= piece.clock && clock < piece.clock + piece.length) {
        const offset = clock - piece.clock + (side === 'behind' ? 1 : 0)
        const rest = { client, clock: piece.clock + offset, length: piece.length - offset }
        const front = { ...piece, length: offset }
        const parts = [front, ...group.map(pieceOf), rest].filter(({ length }) => length > 0)
        stretch.pieces.splice(n, 1, ...parts)
        stretch.text = stretch.text.slice(0, at + offset) + text + stretch.text.slice(at + offset)
        return true
      }
      at += piece.length
    }
  }
  return false
}

const pieceOf = ({ client, clock, length }: IdRange): IdRange => ({ client, clock, length })
