/**
 * Recognises provisional text that somebody's editing made anew. Yjs has no move: Enter, a merge,
 * a change of block type delete text and insert a copy; undo re-creates what was deleted. Such a
 * copy belongs to the chunk of its original. What is no copy is the person's, whatever its flag.
 */

import * as Y from 'yjs'
import { FLAG, parseFlag } from '#shared/document/shape.ts'
import type { ChunkBook } from './chunk-book.ts'
import { flagOf, isGone, runsOf, stringOf, typeOf } from './items.ts'
import type { Op } from './ownership.ts'
import type { StoredChunk } from './types.ts'

interface Lost {
  op: Op
  chunk: StoredChunk
  character: string
}

export class Adoption {
  readonly #book: ChunkBook
  /** Deleted provisional characters by client and clock, for as long as their chunk is undecided. */
  readonly #lost = new Map<number, Map<number, Lost>>()
  /** Deleted provisional elements: how many of each name a chunk has lost. */
  readonly #lostElements = new Map<StoredChunk, Map<string, number>>()

  constructor(book: ChunkBook) {
    this.#book = book
  }

  /**
   * Adopts what a transaction of somebody else copied. Returns the texts and elements it touched.
   * To be called in `afterTransaction`: later the deleted characters cannot be read any more.
   */
  notice(transaction: Y.Transaction): { texts: Set<Y.XmlText>; elements: Set<Y.XmlElement> } {
    const removed = this.#remember(transaction)
    const texts = new Set<Y.XmlText>()
    const elements = new Set<Y.XmlElement>()
    for (const [type, keys] of transaction.changed) {
      if (type instanceof Y.XmlText && !isGone(type)) texts.add(type)
      if (type instanceof Y.XmlElement && keys.has(FLAG) && !isGone(type)) elements.add(type)
    }
    for (const item of newItems(transaction)) {
      const type = typeOf(item)
      if (type instanceof Y.XmlText && !item.deleted) texts.add(type)
      if (type instanceof Y.XmlElement && !item.deleted) {
        elements.add(type)
        this.#adoptElement(type)
      }
      if (item.parent instanceof Y.XmlText && item.countable) {
        if (!item.deleted) texts.add(item.parent)
        this.#adoptRestored(item)
      }
    }
    this.#adoptCopies(transaction, texts, removed)
    return { texts, elements }
  }

  forget(chunk: StoredChunk): void {
    this.#lostElements.delete(chunk)
    for (const [client, characters] of this.#lost) {
      for (const [clock, lost] of characters) if (lost.chunk === chunk) characters.delete(clock)
      if (characters.size === 0) this.#lost.delete(client)
    }
  }

  /** Takes down what of the chunks this transaction deleted. */
  #remember(transaction: Y.Transaction): Removed {
    const removed = new Removed()
    const { ownership } = this.#book
    Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
      if (!(struct instanceof Y.Item)) return
      const { client, clock } = struct.id
      const name = typeOf(struct)
      if (name instanceof Y.XmlElement) {
        const owner = ownership.owner('ins', client, clock)
        if (owner) this.#countLost(owner, name.nodeName, 1)
      }
      const text = stringOf(struct)
      if (text === undefined) return
      const parentGone = struct.parent instanceof Y.XmlText && isGone(struct.parent)
      for (const op of ['ins', 'del'] as const) {
        for (let n = 0; n < text.length; n++) {
          const chunk = ownership.owner(op, client, clock + n)
          if (!chunk) continue
          this.#lose(client, clock + n, { op, chunk, character: text[n]! })
          removed.add(op, chunk, text[n]!, parentGone)
        }
      }
    })
    return removed
  }

  #lose(client: number, clock: number, lost: Lost): void {
    let characters = this.#lost.get(client)
    if (!characters) {
      characters = new Map()
      this.#lost.set(client, characters)
    }
    characters.set(clock, lost)
  }

  #countLost(chunk: StoredChunk, name: string, change: number): void {
    let names = this.#lostElements.get(chunk)
    if (!names) {
      names = new Map()
      this.#lostElements.set(chunk, names)
    }
    names.set(name, (names.get(name) ?? 0) + change)
  }

  /** Undo re-creates a block with its flag. */
  #adoptElement(element: Y.XmlElement): void {
    const flag = parseFlag(flagOf(element))
    const chunk = flag?.op === 'ins' ? this.#book.get(flag.chunk) : undefined
    if (!chunk || !(this.#lostElements.get(chunk)?.get(element.nodeName) ?? 0)) return
    this.#countLost(chunk, element.nodeName, -1)
    const { client, clock } = element._item!.id
    this.#book.own('ins', chunk, client, clock, clock + 1)
  }

  /**
   * Undo inserts each deleted item again, directly before the place of the deleted one: by that,
   * and by the same characters, it is known for certain.
   */
  #adoptRestored(item: Y.Item): void {
    const { rightOrigin, length } = item
    const characters = rightOrigin && this.#lost.get(rightOrigin.client)
    if (!characters) return
    const text = item.deleted ? undefined : stringOf(item)
    const originals: Lost[] = []
    for (let n = 0; n < length; n++) {
      const lost = characters.get(rightOrigin.clock + n)
      if (!lost || (text !== undefined && lost.character !== text[n])) return
      originals.push(lost)
    }
    const { client, clock } = item.id
    originals.forEach((lost, n) => {
      if (item.deleted) this.#lose(client, clock + n, lost)
      else this.#book.own(lost.op, lost.chunk, client, clock + n, clock + n + 1)
    })
  }

  /** Text in a new place that shows a chunk's flag, and that the same transaction took elsewhere. */
  #adoptCopies(transaction: Y.Transaction, texts: Set<Y.XmlText>, removed: Removed): void {
    const isNew = (client: number, clock: number) =>
      clock >= (transaction.beforeState.get(client) ?? 0)
    for (const text of texts) {
      const inNewText = text._item !== null && isNew(text._item.id.client, text._item.id.clock)
      const flagged = [...runsOf(text)]
        .filter((run) => run.flag !== null && isNew(run.client, run.clock))
        .sort((a, b) => a.clock - b.clock)
      for (const { client, clock, length, text: characters, flag } of flagged) {
        const { op, chunk: id } = parseFlag(flag) ?? {}
        const chunk = id === undefined ? undefined : this.#book.get(id)
        if (!op || !chunk || this.#book.ownership.owner(op, client, clock)) continue
        const isCopy =
          removed.take(op, chunk, characters, inNewText) ||
          (inNewText && this.#isLostBefore(op, chunk, characters))
        if (isCopy) this.#book.own(op, chunk, client, clock, clock + length)
      }
    }
  }

  /** Undo of a whole block's removal, or a cut pasted elsewhere. */
  #isLostBefore(op: Op, chunk: StoredChunk, text: string): boolean {
    for (const characters of this.#lost.values()) {
      let piece = ''
      let end = -1
      for (const [clock, lost] of [...characters].sort(([a], [b]) => a - b)) {
        if (lost.op !== op || lost.chunk !== chunk) continue
        if (clock !== end) {
          if (piece === text) return true
          piece = ''
        }
        piece += lost.character
        end = clock + 1
      }
      if (piece === text) return true
    }
    return false
  }
}

/** The provisional text that one transaction took away; each part can be given out once. */
class Removed {
  readonly #texts = new Map<string, string>()

  add(op: Op, chunk: StoredChunk, character: string, withItsText: boolean): void {
    for (const key of [`any ${op}:${chunk.id}`, withItsText && `gone ${op}:${chunk.id}`]) {
      if (key) this.#texts.set(key, (this.#texts.get(key) ?? '') + character)
    }
  }

  /**
   * Takes `text` out, if it is there. Into a text that was there before only a merge copies, and
   * a merge takes the whole text that it copies from.
   */
  take(op: Op, chunk: StoredChunk, text: string, intoNewText: boolean): boolean {
    const key = `${intoNewText ? 'any' : 'gone'} ${op}:${chunk.id}`
    const rest = this.#texts.get(key) ?? ''
    const at = rest.indexOf(text)
    if (at < 0) return false
    this.#texts.set(key, `${rest.slice(0, at)}\0${rest.slice(at + text.length)}`)
    return true
  }
}

function* newItems({ doc, beforeState, afterState }: Y.Transaction): Generator<Y.Item> {
  for (const [client, end] of afterState) {
    const begin = beforeState.get(client) ?? 0
    const structs = doc.store.clients.get(client)
    if (end <= begin || !structs) continue
    for (let n = Y.findIndexSS(structs, begin); n < structs.length; n++) {
      const struct = structs[n]
      if (struct instanceof Y.Item) yield struct
    }
  }
}
