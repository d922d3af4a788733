/**
 * Recall finds again what decisions have taken away, in a document's past: it reads the log once more
 * into a copy that forgets nothing, and remembers from where the decisions were settled on.
 */

import { randomInt } from 'node:crypto'
import * as Y from 'yjs'
import { docAsWritten } from '#shared/document/as-written.ts'
import { itemsIn } from '#shared/document/item-order.ts'
import { stringOf } from './items.ts'
import { type AreKin, Links } from './links.ts'
import { Reopening } from './reopening.ts'
import type { Carrier, Restored, Restorer } from './restorer.ts'
import type { ItemRange } from './types.ts'

const SETTLING = 'settling'

/** What is to be brought back: the items that a decision on this chunk can have deleted. */
export interface Forgotten {
  chunk: string
  ranges: readonly ItemRange[]
}

export interface Past {
  snapshot: { data: Uint8Array } | undefined
  /** In order; `isSettling` where it may have settled decisions. */
  updates: readonly { data: Uint8Array; isSettling: boolean }[]
}

export class Recall {
  readonly #doc: Y.Doc
  readonly #areKin: AreKin
  /** Whose writes what comes back is; a Yjs client of its own. */
  readonly client = randomInt(1, 2 ** 32)
  #copy = new Y.Doc()
  readonly #found = new Map<string, Reopening>()

  /** `doc` is where things come back; `areKin` says which items are of one chunk. */
  constructor(doc: Y.Doc, areKin: AreKin) {
    this.#doc = doc
    this.#areKin = areKin
  }

  has(chunk: string): boolean {
    return this.#found.has(chunk)
  }

  /** What comes back of a chunk of which nothing was found is nothing. */
  restorerOf(chunk: string): Restorer {
    return { restore: (ranges, carrier) => this.#restore(chunk, ranges, carrier) }
  }

  /** Reads a part of the past that reaches up to now, instead of what was read before. */
  read({ snapshot, updates }: Past, forgotten: readonly Forgotten[]): void {
    this.close()
    const copy = docAsWritten({ gc: false })
    copy.clientID = this.client
    this.#copy = copy
    const links = new Links(copy, this.#areKin)
    if (snapshot) Y.applyUpdate(copy, snapshot.data)
    for (const { data, isSettling } of updates) {
      const apply = () => Y.applyUpdate(copy, data)
      if (!isSettling) {
        apply()
        continue
      }
      const settled = this.#settledBy(data, forgotten)
      if (settled.length === 0) {
        links.follow(apply)
        continue
      }
      const reopening = new Reopening(copy, SETTLING, () => links.follow(apply))
      for (const { chunk } of settled) this.#found.set(chunk, reopening)
    }
  }

  /** Lets go of the copy. */
  close(): void {
    for (const reopening of this.#found.values()) reopening.close()
    this.#found.clear()
    this.#copy.destroy()
  }

  /** Those of which an update deletes something that is alive until then. */
  #settledBy(data: Uint8Array, forgotten: readonly Forgotten[]): Forgotten[] {
    const { clients } = Y.decodeUpdate(data).ds
    return forgotten.filter(({ chunk, ranges }) => {
      const deleted = ranges.flatMap(({ client, from, to }) =>
        (clients.get(client) ?? [])
          .map(({ clock, len }) => ({
            client,
            from: Math.max(from, clock),
            to: Math.min(to, clock + len),
          }))
          .filter((part) => part.from < part.to),
      )
      // The block and its attributes may go much later, with another chunk: its words count first.
      const items = [...itemsIn(this.#copy, deleted)].filter(({ parentSub }) => parentSub === null)
      if (items.some((item) => stringOf(item) !== undefined)) return true
      return items.some((item) => item.countable) && !this.#found.has(chunk)
    })
  }

  #restore(chunk: string, ranges: readonly ItemRange[], carrier?: Carrier): Restored {
    const reopening = this.#found.get(chunk)
    if (!reopening) return { created: { client: this.client, from: 0, to: 0 }, copies: [] }
    const before = Y.encodeStateVector(this.#copy)
    const restored = reopening.restore(ranges, carrier)
    this.#doc.transact((transaction) => {
      Y.applyUpdate(this.#doc, Y.encodeStateAsUpdate(this.#copy, before))
      // Else Yjs takes it for another's that writes under the client of what is carried beside it.
      transaction.local = true
    })
    return restored
  }
}
