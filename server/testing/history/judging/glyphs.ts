/** Glyphs are a document's characters in order, each with its Yjs item id and its flag. */
import type * as Y from 'yjs'
import { runsOf, textsUnder } from '#server/suggestions/items.ts'
import { body } from '#shared/document/shape.ts'

export interface Glyph {
  /** One code point. */
  character: string
  /** `<client>-<clock>` of its first half. */
  id: string
  client: number
  flag: string | null
}

export function glyphsOf(doc: Y.Doc): Glyph[] {
  const glyphs: Glyph[] = []
  for (const text of textsUnder(body(doc))) {
    let half: Glyph | undefined
    for (const { client, clock, text: units, flag } of runsOf(text)) {
      for (let n = 0; n < units.length; n++) {
        const unit = units[n]!
        if (half && /[\uDC00-\uDFFF]/.test(unit)) {
          half.character += unit
          half = undefined
          continue
        }
        const glyph = { character: unit, id: `${client}-${clock + n}`, client, flag }
        half = /[\uD800-\uDBFF]/.test(unit) ? glyph : undefined
        glyphs.push(glyph)
      }
    }
  }
  return glyphs
}

export const textOf = (glyphs: readonly Glyph[]): string =>
  glyphs.map(({ character }) => character).join('')

/** Characters of a text, but for those that are no glyphs: line breaks between blocks. */
export const charactersIn = (text: string): string[] => [...text].filter((one) => one !== '\n')

export const show = (text: string): string =>
  text.replace(/[^\x20-\x7e\n]/gu, (one) => `‹${one.codePointAt(0)!.toString(16)}›`)
