/**
 * Recollection: what a decision has taken away, found again in the log. The instance that settled
 * it remembers; any other, or the same one after a restart, reads the log once more into a copy
 * that forgets nothing, up to where the decision was settled and on from there.
 */
import { randomInt } from 'node:crypto'
import * as Y from 'yjs'
import type { DocumentPast, DocumentStore, ItemRange } from '#server/store/document-store.ts'
import { itemsIn } from '#server/suggestions/items.ts'
import { Reopening } from '#server/suggestions/reopening.ts'
import type { Restorer } from '#server/suggestions/restorer.ts'
import { ROOM } from './own-writes.ts'

const SETTLING = 'settling'

/** What is to be brought back: the items that a decision on this chunk can have deleted. */
export interface Lost {
  chunk: string
  ranges: readonly ItemRange[]
}

export interface RecollectionDeps {
  store: Pick<DocumentStore, 'loadPast'>
  document: string
  epoch: number
  /** The copy that everybody works with, where things come back. */
  doc: Y.Doc
}

export class Recollection {
  readonly #doc: Y.Doc
  /** Whose writes what comes back is; a Yjs client of this recollection's own. */
  readonly client = randomInt(1, 2 ** 32)
  #copy = new Y.Doc()
  #found = new Map<string, Reopening>()

  /** Reads as far back as it takes; a chunk of which nothing is found comes back as it is. */
  static async of(lost: readonly Lost[], deps: RecollectionDeps): Promise<Recollection> {
    const recollection = new Recollection(deps.doc)
    let before = Number.MAX_SAFE_INTEGER
    while (before > 0 && lost.some(({ chunk }) => !recollection.#found.has(chunk))) {
      const past = await deps.store.loadPast(deps.document, deps.epoch, before)
      if (!past) break
      recollection.#read(past, lost)
      before = past.snapshot?.seq ?? 0
    }
    return recollection
  }

  private constructor(doc: Y.Doc) {
    this.#doc = doc
  }

  restorerOf(chunk: string): Restorer {
    return { restore: (ranges) => this.#restore(chunk, ranges) }
  }

  /** Lets go of the copy. */
  close(): void {
    for (const reopening of this.#found.values()) reopening.close()
    this.#found.clear()
    this.#copy.destroy()
  }

  #read({ snapshot, updates }: DocumentPast, lost: readonly Lost[]): void {
    this.close()
    const copy = new Y.Doc({ gc: false })
    copy.clientID = this.client
    this.#copy = copy
    if (snapshot) Y.applyUpdate(copy, snapshot.data)
    for (const { actor, data } of updates) {
      const apply = () => Y.applyUpdate(copy, data)
      const settled = actor === ROOM ? this.#settledBy(data, lost) : []
      if (settled.length === 0) {
        apply()
        continue
      }
      const reopening = new Reopening(copy, SETTLING, apply)
      for (const { chunk } of settled) this.#found.set(chunk, reopening)
    }
  }

  /** Those of which an update deletes something that is alive until then. */
  #settledBy(data: Uint8Array, lost: readonly Lost[]): Lost[] {
    const { clients } = Y.decodeUpdate(data).ds
    return lost.filter(({ ranges }) => {
      const deleted = ranges.flatMap(({ client, from, to }) =>
        (clients.get(client) ?? [])
          .map(({ clock, len }) => ({
            client,
            from: Math.max(from, clock),
            to: Math.min(to, clock + len),
          }))
          .filter((part) => part.from < part.to),
      )
      for (const item of itemsIn(this.#copy, deleted)) if (item.countable) return true
      return false
    })
  }

  #restore(chunk: string, ranges: readonly ItemRange[]): ItemRange {
    const reopening = this.#found.get(chunk)
    if (!reopening) return { client: this.client, from: 0, to: 0 }
    const before = Y.encodeStateVector(this.#copy)
    const range = reopening.restore(ranges)
    Y.applyUpdate(this.#doc, Y.encodeStateAsUpdate(this.#copy, before))
    return range
  }
}
