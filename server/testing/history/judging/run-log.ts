/**
 * RunLog reads in the log what runs wrote, and which chunk proposed it there. A page may never show
 * that: the room moves it on at once where somebody's edit comes late (seeds 34, 38 and 60 of the first
 * hundred), or settles a decision that waited for its last word (seed 671).
 */
import * as Y from 'yjs'
import { DOCUMENT, type Stage } from '#server/testing/history/world/stage.ts'
import { FLAG } from '#shared/document/shape.ts'
import { type Glyph, glyphsIn, glyphsOf } from './glyphs.ts'

export interface LoggedUpdate {
  /** The characters that it wrote, each in its first place. */
  wrote: Glyph[]
  /** All that the document shows then with a flag, where this update set any. */
  flagged: Glyph[]
}

export class RunLog {
  readonly #doc = new Y.Doc()
  #read = 0

  /** What was committed since the last call, update by update. */
  async next({ store }: Stage): Promise<LoggedUpdate[]> {
    const loaded = await store.load(DOCUMENT)
    if (loaded?.snapshot) Y.applyUpdate(this.#doc, loaded.snapshot.data)
    const fresh = (loaded?.updates ?? []).filter(({ seq }) => seq > this.#read)
    this.#read = fresh.at(-1)?.seq ?? this.#read
    return fresh.map(({ data }) => this.#follow(data))
  }

  #follow(data: Uint8Array): LoggedUpdate {
    Y.applyUpdate(this.#doc, data)
    const wrote: Glyph[] = []
    let setsFlags = false
    for (const { id, content } of Y.decodeUpdate(data).structs as Partial<Y.Item>[]) {
      if (content instanceof Y.ContentFormat) setsFlags ||= content.key === FLAG
      if (!id || !(content instanceof Y.ContentString)) continue
      wrote.push(...glyphsIn([{ ...id, text: content.str, flag: null }]))
    }
    const flagged = setsFlags ? glyphsOf(this.#doc).filter(({ flag }) => flag !== null) : []
    return { wrote, flagged }
  }
}
