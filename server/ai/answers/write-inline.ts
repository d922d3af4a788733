/**
 * WriteInline shows text to a model as inline markdown that reads back as the same: with as few
 * escapes as that allows, since a model answers in the way it was asked.
 */
import type { Inline } from '#shared/document/blocks.ts'
import { markdownLines } from '#shared/document/markdown-line.ts'
import { type Dressed, dressedIn, isPlain, joined, SPOKEN, stretches } from '../edits/looks.ts'
import { hostOf } from '../markdown-line.ts'
import { MARKUP, readInline, readsAlike } from './read-inline.ts'

/**
 * The lines of a block or sentence, joined by `\n` where a line breaks. They read back in the place
 * of `old`, which is the text itself where a model is shown it.
 */
export function writeInline(text: Dressed, old = text): string {
  const lines: Dressed[] = [dressedIn('')]
  for (const stretch of stretches(text)) {
    const look = { ...stretch.look, format: stretch.look.format & SPOKEN }
    for (const [n, words] of stretch.text.split('\n').entries()) {
      if (n > 0) lines.push(dressedIn(''))
      lines.push(joined([lines.pop()!, dressedIn(words, look)]))
    }
  }
  return lines.map((line) => writeLine(line, old)).join('\n')
}

function writeLine(line: Dressed, old: Dressed): string {
  // At the edges a space would be taken away, or written as an entity.
  const [, before = '', core = '', behind = ''] = /^(\s*)(.*?)(\s*)$/su.exec(line.text) ?? []
  const looks = line.looks.slice(before.length, before.length + core.length)
  const inner = { text: core, looks }
  if (isPlain(inner) && !MARKUP.test(core) && !BEGINS_A_BLOCK.test(core)) return line.text
  const inlines = [...stretches(inner)].map(
    ({ text, look: { format, url } }): Inline => ({
      kind: 'text',
      text,
      format,
      ...(url === undefined ? {} : { url }),
      spans: [],
    }),
  )
  const escaped = markdownLines(inlines, true).join(' ')
  const bare = escaped.replace(/\\([^\p{L}\p{N}\s])/gu, '$1')
  return `${before}${readsBack(bare, inner, old) ? bare : escaped}${behind}`
}

/** What would be a heading, an item, a quote or the like in front of a line. */
const BEGINS_A_BLOCK = /^(?:[#+=:>|-]|\d{1,9}[.)])/

/** Spaces may lose their format: nobody sees a bold space, and markdown cannot say it. */
function readsBack(markdown: string, text: Dressed, old: Dressed): boolean {
  const hosts = new Set(text.looks.flatMap(({ url }) => (url && hostOf(url)) ?? []))
  const read = readInline(markdown, { old, hosts })
  return (
    read.text === text.text &&
    read.looks.every((look, at) => text.text[at] === ' ' || readsAlike(look, text.looks[at]!))
  )
}
