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

export const glyphsOf = (doc: Y.Doc): Glyph[] =>
  [...textsUnder(body(doc))].flatMap((text) => glyphsIn(runsOf(text)))

/** Of runs that follow each other in one text: a character may lie in two of them. */
export function glyphsIn(
  runs: Iterable<{ client: number; clock: number; text: string; flag: string | null }>,
): Glyph[] {
  const glyphs: Glyph[] = []
  let half: Glyph | undefined
  for (const { client, clock, text: units, flag } of runs) {
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
  return glyphs
}

export const textOf = (glyphs: readonly Glyph[]): string =>
  glyphs.map(({ character }) => character).join('')

/** Characters of a text, but for those that are no glyphs: line breaks between blocks. */
export const charactersIn = (text: string): string[] => [...text].filter((one) => one !== '\n')

export const show = (text: string): string =>
  text.replace(/[^\x20-\x7e\n]/gu, (one) => `‹${one.codePointAt(0)!.toString(16)}›`)
