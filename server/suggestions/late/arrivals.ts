/**
 * Arrivals are words whose place was gone when they came: Yjs collects them as they are applied.
 * Each arrival is what stood together in one text, in its order, with what stood beside it.
 */
import * as Y from 'yjs'
import { isAlive } from '#shared/document/characters.ts'
import { type IdRange, RangeMap } from '#shared/document/moves/range-map.ts'
import { type Attributes, idKey, type NewWords, type Sent } from './sent.ts'

export interface ArrivalPart {
  id: Y.ID
  text: string
  attributes: Attributes
}

/** What something stood beside, behind or before an item; or the line that it is in. */
export interface Anchor {
  side: 'behind' | 'before' | 'in'
  id: Y.ID
}

export interface Arrival {
  parts: ArrivalPart[]
  /** To be tried in this order. */
  anchors: Anchor[]
  /** They were written into a text that was there. */
  isInOldText: boolean
}

/** The arrival that a range of characters has become part of. */
interface Arrived extends IdRange {
  arrival: Arrival
}

/** To be called when the update is applied. */
export function arrivalsOf(doc: Y.Doc, sent: Sent): Arrival[] {
  const arrivals: Arrival[] = []
  const arrived = new RangeMap<Arrived>({
    cut: (range, offset, length) => ({ ...range, clock: range.clock + offset, length }),
    continues: (last, next) => last.arrival === next.arrival,
  })
  /** The arrival in each text that comes with the update. */
  const inText = new Map<string, Arrival>()
  for (const words of sent.words) {
    if (isAlive(doc, words.id)) continue
    const { id, text, attributes } = words
    const part = { id, text, attributes }
    const at = (beside: Y.ID | null) =>
      beside ? arrived.get(beside.client, beside.clock)?.arrival : undefined
    let arrival = at(words.origin)
    if (arrival) {
      insertBehind(arrival, words.origin!, part)
    } else {
      arrival = at(words.right)
      if (arrival && idKey(arrival.parts[0]!.id) === idKey(words.right!)) {
        arrival.parts.unshift(part)
      } else {
        const isInOldText = !(words.parent && sent.types.has(idKey(words.parent)))
        arrival = { parts: [part], anchors: anchorsOf(words, sent, inText), isInOldText }
        arrivals.push(arrival)
        if (words.parent) inText.set(idKey(words.parent), arrival)
      }
    }
    arrived.set({ client: id.client, clock: id.clock, length: text.length, arrival })
  }
  return arrivals
}

function insertBehind({ parts }: Arrival, { client, clock }: Y.ID, added: ArrivalPart): void {
  // From the end: what was typed last is mostly what the next is typed behind.
  const at = parts.findLastIndex(
    ({ id, text }) => id.client === client && clock >= id.clock && clock < id.clock + text.length,
  )
  const part = parts[at]!
  const length = clock - part.id.clock + 1
  const rest = part.text.slice(length)
  part.text = part.text.slice(0, length)
  const behind = rest && { ...part, id: Y.createID(client, clock + 1), text: rest }
  parts.splice(at + 1, 0, added, ...(behind ? [behind] : []))
}

/** The neighbours, else those of the text or element that the words came in. */
function anchorsOf(
  words: NewWords,
  { types }: Sent,
  inText: ReadonlyMap<string, Arrival>,
): Anchor[] {
  const anchors: Anchor[] = []
  const beside = (id: Y.ID | null, side: Anchor['side']) => {
    if (!id) return
    const last = inText.get(idKey(id))?.parts.at(-1)
    if (side !== 'behind') anchors.push({ side, id })
    else if (!last) anchors.push({ side, id })
    else
      anchors.push({ side, id: Y.createID(last.id.client, last.id.clock + last.text.length - 1) })
  }
  beside(words.origin, 'behind')
  beside(words.right, 'before')
  let parent = words.parent
  for (
    let type = parent && types.get(idKey(parent));
    type;
    type = parent && types.get(idKey(parent))
  ) {
    beside(type.origin, 'behind')
    beside(type.right, 'before')
    parent = type.parent
  }
  if (parent) anchors.push({ side: 'behind', id: parent })
  return anchors
}
