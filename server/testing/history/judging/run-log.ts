/**
 * RunLog reads in the log what runs wrote. A page may never show it where it was written: the room
 * moves it on at once where somebody's edit comes late (seeds 34, 38 and 60 of the first hundred).
 */
import * as Y from 'yjs'
import { DOCUMENT, type Stage } from '#server/testing/history/world/stage.ts'
import { type Glyph, glyphsIn } from './glyphs.ts'

export class RunLog {
  #read = 0

  /** The characters that were written since the last call, each in its first place. */
  async next({ store }: Stage): Promise<Glyph[]> {
    const loaded = await store.load(DOCUMENT)
    const glyphs: Glyph[] = []
    for (const { seq, data } of loaded?.updates ?? []) {
      if (seq <= this.#read) continue
      this.#read = seq
      for (const { id, content } of Y.decodeUpdate(data).structs as Partial<Y.Item>[]) {
        if (!id || !(content instanceof Y.ContentString)) continue
        glyphs.push(...glyphsIn([{ ...id, text: content.str, flag: null }]))
      }
    }
    return glyphs
  }
}
