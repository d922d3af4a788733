/**
 * Staleness notices which chunks the text has left behind. A complete edit is stale once what it
 * strikes is changed; it is open again once the text is as it was. When that is written down and told
 * is the room's business.
 */

import * as Y from 'yjs'
import { lineBlock } from '#shared/document/item-order.ts'
import type { ChunkBook } from '../chunk-book.ts'
import type { ChunkStaleness, StoredChunk } from '../types.ts'
import { type Change, compareWithSent, compareWithStruck } from './original.ts'
import { walkLine } from './walk-line.ts'

export interface StaleNews {
  chunk: string
  /** Null where it is open again. */
  staleness: ChunkStaleness | null
}

export class Staleness {
  readonly #book: ChunkBook
  readonly #ownerOf: (client: number) => string | undefined
  /** Chunks that the text may have left, and who changed it last. */
  readonly #suspects = new Map<StoredChunk, string | null>()
  readonly #news = new Map<string, ChunkStaleness | null>()
  /** Who changed a text last, as far as that is known. */
  readonly #lastBy = new WeakMap<object, string>()

  /** `ownerOf` says which person a Yjs client belongs to. */
  constructor(book: ChunkBook, ownerOf: (client: number) => string | undefined) {
    this.#book = book
    this.#ownerOf = ownerOf
  }

  suspect(chunks: Iterable<StoredChunk>, actor: string | null = null): void {
    for (const chunk of chunks) if (chunk.original) this.#suspects.set(chunk, actor)
  }

  /** Somebody changed these types: whoever changes a text with it is named by that. */
  remember(types: Iterable<object>, actor: string): void {
    for (const type of types) this.#lastBy.set(type, actor)
  }

  /**
   * Whoever has a part in the lines of these texts is looked at again, and every stale chunk. A word
   * typed into one proposal changes the whole line that another edit strikes (outcomes, seed 155).
   */
  notice(texts: Iterable<Y.XmlText>, actor: string | null): void {
    const { ownership } = this.#book
    const lines = new Set<Y.XmlElement>()
    for (const text of texts) {
      const line = lineBlock(text)
      if (line) lines.add(line)
    }
    for (const line of lines) {
      const { client, clock } = line._item!.id
      this.suspect(ownership.owners('del', client, clock), actor)
      for (const { ins, dels } of walkLine(this.#book, line)) {
        if (ins) this.suspect([ins], actor)
        this.suspect(dels, actor)
      }
    }
    if (lines.size > 0) this.suspect(this.#book.stale(), actor)
  }

  /** Chunks whose state is not what the text says, with what it says; null: they are open again. */
  outdated(): Map<StoredChunk, ChunkStaleness | null> {
    const outdated = new Map<StoredChunk, ChunkStaleness | null>()
    for (const [chunk, actor] of this.#suspects) {
      const verdict = this.#judge(chunk)
      if (verdict === undefined) this.#suspects.delete(chunk)
      else if (verdict === null) outdated.set(chunk, null)
      else
        outdated.set(chunk, {
          ...verdict,
          by: this.authorOf(chunk, verdict) ?? actor,
          early: false,
        })
    }
    return outdated
  }

  /** Whose change it was: of who wrote in the original's stead, else of who changed its text last. */
  authorOf({ original }: StoredChunk, { by, instead }: Change): string | null {
    if (by !== null) return by
    for (const { client } of instead) {
      const owner = this.#ownerOf(client)
      if (owner !== undefined) return owner
    }
    const first = original?.spans.find(({ from, to }) => from < to)
    const { store } = this.#book.doc
    if (!first || Y.getState(store, first.client) <= first.from) return null
    const item = Y.getItem(store, Y.createID(first.client, first.from)) as Y.Item | Y.GC
    const text = item instanceof Y.Item ? item.parent : null
    return (text instanceof Y.XmlText && this.#lastBy.get(text)) || null
  }

  /** It happened; whoever is told of news is to hear it. */
  tell(chunk: StoredChunk, staleness: ChunkStaleness | null): void {
    this.#suspects.delete(chunk)
    this.#news.set(chunk.id, staleness)
  }

  takeNews(isReady: (news: StaleNews) => boolean): StaleNews[] {
    const news = [...this.#news].map(([chunk, staleness]) => ({ chunk, staleness })).filter(isReady)
    for (const { chunk } of news) this.#news.delete(chunk)
    return news
  }

  /** Undefined where the state is right. */
  #judge(chunk: StoredChunk): Change | null | undefined {
    if (chunk.state === 'open') {
      const verdict = compareWithStruck(this.#book, chunk)
      return typeof verdict === 'string' ? undefined : verdict
    }
    if (chunk.state !== 'stale' || !chunk.original?.struck) return undefined
    const isAsStruck = compareWithStruck(this.#book, chunk) === 'same'
    if (!isAsStruck) return undefined
    const isEarly = chunk.stale?.early === true
    return isEarly && compareWithSent(this.#book, chunk.original) !== 'same' ? undefined : null
  }
}
