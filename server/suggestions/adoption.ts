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

/** A character that was deleted, with whose it was: proposed by one chunk, struck by others. */
interface Lost {
  character: string
  ins: StoredChunk | undefined
  dels: readonly StoredChunk[]
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
  notice(transaction: Y.Transaction): {
    texts: Set<Y.XmlText>
    elements: Set<Y.XmlElement>
    /** Chunks that strike something of what was deleted. */
    strikers: ReadonlySet<StoredChunk>
  } {
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
    return { texts, elements, strikers: removed.strikers }
  }

  forget(chunk: StoredChunk): void {
    this.#lostElements.delete(chunk)
    for (const [client, characters] of this.#lost) {
      for (const [clock, lost] of characters) {
        if (lost.ins === chunk) lost.ins = undefined
        if (lost.dels.includes(chunk)) lost.dels = lost.dels.filter((one) => one !== chunk)
        if (!lost.ins && lost.dels.length === 0) characters.delete(clock)
      }
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
      const type = typeOf(struct)
      if (type instanceof Y.XmlElement) {
        const owner = ownership.owner('ins', client, clock)
        if (owner) this.#countLost(owner, type.nodeName, 1)
      }
      const text = stringOf(struct) ?? ''
      const parentGone = struct.parent instanceof Y.XmlText && isGone(struct.parent)
      for (let n = 0; n < text.length; n++) {
        const ins = ownership.owner('ins', client, clock + n)
        const dels = ownership.owners('del', client, clock + n)
        if (!ins && dels.length === 0) continue
        const lost = { character: text[n]!, ins, dels }
        this.#lose(client, clock + n, lost)
        removed.add(lost, parentGone)
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
      else this.#adopt(lost, client, clock + n)
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
      for (const { client, clock, text: characters, flag } of flagged) {
        const { op, chunk: id } = parseFlag(flag) ?? {}
        const chunk = id === undefined ? undefined : this.#book.get(id)
        if (!op || !chunk || this.#book.ownership.owner(op, client, clock)) continue
        const originals =
          removed.take(op, chunk, characters, inNewText) ??
          (inNewText ? this.#lostBefore(op, chunk, characters) : undefined)
        for (const [n, lost] of originals?.entries() ?? []) this.#adopt(lost, client, clock + n)
      }
    }
  }

  #adopt({ ins, dels }: Lost, client: number, clock: number): void {
    if (ins) this.#book.own('ins', ins, client, clock, clock + 1)
    for (const del of dels) this.#book.own('del', del, client, clock, clock + 1)
  }

  /** Undo of a whole block's removal, or a cut pasted elsewhere. */
  #lostBefore(op: Op, chunk: StoredChunk, text: string): Lost[] | undefined {
    for (const characters of this.#lost.values()) {
      let piece: Lost[] = []
      let end = -1
      for (const [clock, lost] of [...characters].sort(([a], [b]) => a - b)) {
        if (!shows(lost, op, chunk)) continue
        if (clock !== end) {
          if (textOf(piece) === text) return piece
          piece = []
        }
        piece.push(lost)
        end = clock + 1
      }
      if (textOf(piece) === text) return piece
    }
    return undefined
  }
}

/** The provisional text that one transaction took away; each part can be given out once. */
class Removed {
  readonly strikers = new Set<StoredChunk>()
  /** Null where a copy was found. */
  readonly #all: (Lost | null)[] = []
  readonly #withTheirText: (Lost | null)[] = []

  add(lost: Lost, withItsText: boolean): void {
    for (const striker of lost.dels) this.strikers.add(striker)
    this.#all.push(lost)
    if (withItsText) this.#withTheirText.push(lost)
  }

  /**
   * Gives out the originals of `text`, if they are there. Into a text that was there before only a
   * merge copies, and a merge takes the whole text that it copies from.
   */
  take(op: Op, chunk: StoredChunk, text: string, intoNewText: boolean): Lost[] | undefined {
    const pool = intoNewText ? this.#all : this.#withTheirText
    const places = pool.flatMap((lost, n) => (lost && shows(lost, op, chunk) ? [n] : []))
    const at = textOf(places.map((n) => pool[n]!)).indexOf(text)
    if (at < 0 || text === '') return undefined
    const taken = places.slice(at, at + text.length)
    const originals = taken.map((n) => pool[n]!)
    for (const n of taken) pool[n] = null
    return originals
  }
}

/** Whether this is the owner that the character's flag named. */
const shows = (lost: Lost, op: Op, chunk: StoredChunk): boolean =>
  op === 'del' ? lost.dels.includes(chunk) : lost.ins === chunk && lost.dels.length === 0

const textOf = (characters: readonly Lost[]): string =>
  characters.map(({ character }) => character).join('')

/** Whether a transaction put a flag anywhere, on characters or on a block. */
export function bringsFlags(transaction: Y.Transaction): boolean {
  for (const { content, parentSub } of newItems(transaction)) {
    if (parentSub === FLAG) return true
    if (content instanceof Y.ContentFormat && content.key === FLAG && content.value !== null) {
      return true
    }
  }
  return false
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
