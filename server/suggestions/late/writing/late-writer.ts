/**
 * LateWriter writes words where they belong now, and erases them where they came. What somebody
 * wrote is written under a Yjs client of that person's: the room has one for each writer, so that
 * everybody's authorship stays, and no id of anybody's page can meet it.
 */
import * as Y from 'yjs'
import { idAt, indexOf, isAlive, itemAt } from '#shared/document/characters.ts'
import type { IdRange } from '#shared/document/moves/range-map.ts'
import type { MovedRange } from '#shared/document/moves.ts'
import { FLAG, newLateClient } from '#shared/document/shape.ts'
import type { Piece, Segment } from '../piece.ts'
import { attributesBefore, type TextSpot } from '../spots.ts'
import { insertBehind } from './insert-behind.ts'

export interface LateWriterDeps {
  doc: Y.Doc
  /** User or run that a Yjs client belongs to. */
  ownerOf(client: number): string | undefined
  /** A Yjs client that nobody has. By chance, but low, unless said otherwise. */
  newClient?: (() => number) | undefined
  /** Where a piece belongs; undefined where nothing tells. */
  spotOf(piece: Piece): TextSpot | undefined
  /** These were written again there. */
  onMoved(ranges: MovedRange[]): void
  /** What proposes the words of this user or run at a spot; undefined where they are just text. */
  proposalAt(spot: TextSpot, owner: string | undefined): Proposal | undefined
}

/** A suggestion that late words become a part of. */
export interface Proposal {
  flag: string
  own(range: IdRange): void
}

export class LateWriter {
  readonly #deps: LateWriterDeps
  /** By user or run. */
  readonly #clients = new Map<string, number>()
  #newClients: { client: number; owner: string }[] = []

  constructor(deps: LateWriterDeps) {
    this.#deps = deps
  }

  /** Clients that nobody has registered yet; to be committed with what they wrote. */
  takeClients(): { client: number; owner: string }[] {
    return this.#newClients.splice(0)
  }

  /** To be called in a transaction. Returns the index behind what was written. */
  write({ text, index }: TextSpot, segments: readonly Segment[]): number {
    const base = attributesBefore(text, index)
    let at = index
    for (const segment of segments) {
      const { client, clock } = segment.id
      const { length } = segment.text
      const owner = this.#deps.ownerOf(client)
      const proposal = segment.attributes
        ? undefined
        : this.#deps.proposalAt({ text, index: at }, owner)
      const inherited = { ...base, [FLAG]: proposal?.flag ?? null, ...segment.more }
      const attributes = segment.attributes ?? inherited
      this.as(owner, () => insertBehind(text, at, segment.text, attributes))
      const to = idAt(text, at)!
      proposal?.own({ ...to, length })
      this.#deps.onMoved([{ client, clock, length, toClient: to.client, toClock: to.clock }])
      at += length
    }
    return at
  }

  /** Whether it writes somebody's words under this client. */
  writesAs(client: number): boolean {
    return [...this.#clients.values()].includes(client)
  }

  ownerOf(client: number): string | undefined {
    return this.#deps.ownerOf(client)
  }

  /** An element was written again as another one. */
  tellMoved({ _item: from }: Y.XmlElement, { _item: to }: Y.XmlElement): void {
    if (!from || !to) return
    const { client, clock } = from.id
    this.#deps.onMoved([{ client, clock, length: 1, toClient: to.id.client, toClock: to.id.clock }])
  }

  /** Writes under the client of this user or run; under the document's own where nobody is known. */
  as(owner: string | undefined, write: () => void): void {
    const { doc } = this.#deps
    const { clientID } = doc
    if (owner !== undefined) doc.clientID = this.#clientOf(owner)
    try {
      write()
    } finally {
      doc.clientID = clientID
    }
  }

  /** Erases what of these characters lives. To be called in a transaction. */
  erase({ client, clock, length }: IdRange): void {
    for (let at = clock; at < clock + length; ) {
      const item = itemAt(this.#deps.doc, Y.createID(client, at))
      const end = item ? item.id.clock + item.length : at + 1
      const part = Math.min(end, clock + length) - at
      if (item && !item.deleted && item.parent instanceof Y.XmlText) {
        item.parent.delete(indexOf(item) + at - item.id.clock, part)
      }
      at += part
    }
  }

  /** Writes a piece where it belongs, and erases it where it lives. False where it belongs nowhere. */
  carry(piece: Piece): boolean {
    const { segments } = piece
    const { doc, spotOf } = this.#deps
    if (!spotOf(piece)) return false
    for (const { id, text } of segments) {
      if (isAlive(doc, id)) this.erase({ ...id, length: text.length })
    }
    const spot = spotOf(piece)
    if (spot) this.write(spot, segments)
    return true
  }

  #clientOf(owner: string): number {
    let client = this.#clients.get(owner)
    if (client === undefined) {
      client = this.#newClient(owner)
      this.#clients.set(owner, client)
      this.#newClients.push({ client, owner })
    }
    return client
  }

  #newClient(owner: string): number {
    const { doc, ownerOf, newClient } = this.#deps
    if (newClient) return newClient()
    for (;;) {
      const client = newLateClient(owner)
      const isTaken = client === 0 || doc.store.clients.has(client)
      if (!isTaken && ownerOf(client) === undefined) return client
    }
  }
}

/** Whether a transaction has written or deleted anything until now. */
export function hasWritten({ doc, deleteSet, beforeState }: Y.Transaction): boolean {
  if (deleteSet.clients.size > 0) return true
  for (const client of doc.store.clients.keys()) {
    if (Y.getState(doc.store, client) > (beforeState.get(client) ?? 0)) return true
  }
  return false
}
