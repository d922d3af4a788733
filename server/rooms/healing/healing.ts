/**
 * Healing removes links and lists that others' changes have emptied, in a quiet moment, alone. No
 * page may do that: each would write it, and what each tidies beside it (case 30.1). Nobody sees an
 * empty one, so that it can wait until nobody types in it, or takes back what emptied it.
 */
import * as Y from 'yjs'
import type { Log } from '#server/log.ts'
import type { ChunkBook } from '#server/suggestions/chunk-book.ts'
import { elementsUnder, isGone } from '#server/suggestions/items.ts'
import { isEmptied } from '#server/suggestions/late/spots.ts'
import { removeEmptied } from '#server/suggestions/late/writing/remove-emptied.ts'
import { REOPEN_MS } from '#server/suggestions/suggestions.ts'
import { body, FLAG } from '#shared/document/shape.ts'
import { ORIGIN, type OwnWrites, ROOM } from '../own-writes.ts'

export interface HealingDeps {
  document: string
  book: ChunkBook
  writes: Pick<OwnWrites, 'write'>
  /** Runs while no other instance does, with all that others have committed. */
  alone<T>(act: () => Promise<T>): Promise<T>
  /** So long nothing may have been edited. */
  quietMs: number
  log: Log
}

export class Healing {
  readonly #deps: HealingDeps
  /** Links and lists of which something went. */
  readonly #suspects = new Set<Y.XmlElement>()
  #hasLooked = false
  #changes = 0
  #timer: NodeJS.Timeout | undefined
  #closed = false

  /** Before Yjs collects what was deleted: then nothing tells any more what it was in. */
  readonly #notice = (transaction: Y.Transaction) => {
    if (!this.#hasLooked || transaction.deleteSet.clients.size === 0) return
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item)) return
      const { parent } = struct
      const holder = parent instanceof Y.XmlText ? parent.parent : parent
      if (holder instanceof Y.XmlElement && MAY_BE_EMPTIED.has(holder.nodeName)) {
        this.#suspects.add(holder)
      }
    })
  }

  constructor(deps: HealingDeps) {
    this.#deps = deps
    deps.book.doc.on('afterTransaction', this.#notice)
  }

  /** To be called after each change that was committed. Until the first one nothing is written. */
  changed(): void {
    if (this.#closed) return
    this.#changes++
    if (!this.#hasLooked) {
      this.#hasLooked = true
      for (const element of elementsUnder(body(this.#deps.book.doc))) {
        if (MAY_BE_EMPTIED.has(element.nodeName)) this.#suspects.add(element)
      }
    }
    clearTimeout(this.#timer)
    for (const one of this.#suspects) if (!this.#isToGo(one)) this.#suspects.delete(one)
    this.#timer =
      this.#suspects.size > 0 ? setTimeout(() => this.#heal(), this.#deps.quietMs) : undefined
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#deps.book.doc.off('afterTransaction', this.#notice)
  }

  #heal(): void {
    const { alone, writes, document, log } = this.#deps
    const changes = this.#changes
    const isQuiet = () => !this.#closed && this.#changes === changes
    // Where somebody has edited meanwhile, another moment comes.
    alone(async () => {
      if (isQuiet())
        await writes.write(() => (isQuiet() && this.#remove() ? { actor: ROOM } : undefined))
    }).catch((error: unknown) => {
      if (!this.#closed) log.warn({ document, error }, 'emptied links and lists stay for now')
    })
  }

  /** False where there is nothing to write. */
  #remove(): boolean {
    const { book, quietMs } = this.#deps
    const { doc } = book
    // Taking a decision back writes in the very places that it has emptied.
    if (book.decidedSince(Date.now() - REOPEN_MS).length > 0) {
      this.#timer = setTimeout(() => this.#heal(), quietMs)
      return false
    }
    const suspects = [...this.#suspects].filter((one) => this.#isToGo(one))
    this.#suspects.clear()
    if (suspects.length === 0) return false
    doc.transact(() => {
      for (const element of suspects) removeEmptied(doc, element)
    }, ORIGIN)
    return suspects.some(isGone)
  }

  /** What is proposed, or struck, goes with its decision. The last block of a document stays. */
  #isToGo(element: Y.XmlElement): boolean {
    const { book } = this.#deps
    const { _item: item, parent } = element
    if (!item || item.deleted || !isEmptied(element)) return false
    if (parent === body(book.doc) && body(book.doc).length === 1) return false
    const { client, clock } = item.id
    return !element.getAttribute(FLAG) && book.ownership.owner('ins', client, clock) === undefined
  }
}

const MAY_BE_EMPTIED: ReadonlySet<string> = new Set(['link', 'list'])
