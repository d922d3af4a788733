/**
 * ReadInline reads one line of an answer as inline markdown: formats, code and links. A word that
 * stands in the old text as it is, such as `snake_case`, `2*3*4` or `[1]`, is that word and no markup.
 */
import MarkdownIt, { type Token } from 'markdown-it'
import { safeUrl } from '#shared/document/links.ts'
import { FORMAT } from '#shared/document/shape.ts'
import { type Dressed, dressedIn, joined, type Look, PLAIN, urlKey } from '../edits/looks.ts'
import { type KnownHosts, mayLead } from '../markdown-line.ts'

export interface InlineContext {
  /** The text that the answer is about. */
  old: Dressed
  /** Hosts that the document leads to: only to these may a new link lead. */
  hosts: KnownHosts
}

/** Characters that can be markup. */
export const MARKUP = /[\\*_`~[\]<&]/

const reader = new MarkdownIt({ html: false, linkify: false })
// Which links may be written is decided below, where a refused one still leaves its label.
reader.validateLink = () => true

/** The line without markup, with the looks that the markup asks for. */
export function readInline(line: string, { old, hosts }: InlineContext): Dressed {
  const known = new Map(
    old.looks.flatMap(({ url }) => (url === undefined ? [] : [[urlKey(url), url] as const])),
  )
  const tokens = reader.parseInline(masked(line, old.text), {})[0]?.children ?? []
  const parts: Dressed[] = []
  // Emphasis within emphasis opens twice.
  const depths = new Map<number, number>()
  let look = PLAIN
  let link: { href: string; label: string } | undefined
  const write = (text: string, format = 0) => {
    const shown = unmasked(text)
    if (link) link.label += shown
    parts.push(dressedIn(shown, { ...look, format: look.format | format }))
  }
  for (const token of tokens) {
    const bit = BITS[token.type]
    if (bit !== undefined) {
      depths.set(bit, (depths.get(bit) ?? 0) + token.nesting)
      look = { ...look, format: depths.get(bit) ? look.format | bit : look.format & ~bit }
    } else if (token.type === 'link_open') {
      const href = unmasked(String(token.attrGet('href') ?? ''))
      link = { href, label: '' }
      look = { ...look, url: known.get(urlKey(href)) ?? mayLead(href, hosts) }
    } else if (token.type === 'link_close') {
      const refused = link && look.url === undefined ? safeUrl(link.href) : undefined
      const label = link?.label
      link = undefined
      look = { ...look, url: undefined }
      // A host that is new here could carry text away with a click: it is shown, not linked.
      if (refused !== undefined && refused !== label) write(` (${refused})`)
    } else if (token.type === 'code_inline') write(token.content, FORMAT.code)
    else write(textOf(token))
  }
  return joined(parts)
}

const BITS: Readonly<Record<string, number>> = {
  strong_open: FORMAT.bold,
  strong_close: FORMAT.bold,
  em_open: FORMAT.italic,
  em_close: FORMAT.italic,
  s_open: FORMAT.strikethrough,
  s_close: FORMAT.strikethrough,
}

const textOf = ({ type, content }: Token): string =>
  type === 'softbreak' || type === 'hardbreak' ? ' ' : content

/** Whether two looks are one to markdown: it cannot underline, and compares links by address. */
export const readsAlike = (a: Look, b: Look): boolean =>
  a.format === b.format &&
  (a.url === b.url || (!!a.url && !!b.url && urlKey(a.url) === urlKey(b.url)))

/** Noncharacters stand for markup characters that are text: no document can hold them. */
const MASKED = '\\*_`~[]<>&!()'
const FIRST_MASK = 0xfdd0
const maskOf = (text: string): string =>
  text.replace(/[\\*_`~[\]<>&!()]/g, (char) =>
    String.fromCharCode(FIRST_MASK + MASKED.indexOf(char)),
  )
const unmasked = (text: string): string =>
  text.replace(/[\ufdd0-\ufddc]/g, (mask) => MASKED[mask.charCodeAt(0) - FIRST_MASK] ?? '')

/** The line with each word of the old text in it that looks like markup hidden from the reader. */
function masked(line: string, old: string): string {
  let hidden = line.replace(/[\ufdd0-\ufdef]/g, '')
  for (const word of literalWords(old)) {
    const escaped = word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    const pattern = /[\p{L}\p{N}]/u.test(word)
      ? `${notBehind(word[0]!)}${escaped}${notBefore(word.at(-1)!)}`
      : `(?<=^|\\s)${escaped}(?=\\s|$)`
    hidden = hidden.replace(new RegExp(pattern, 'gu'), maskOf)
  }
  return hidden
}

/** A word is not a part of a longer one, nor its first mark one of several, nor escaped already. */
const notBehind = (first: string): string => `(?<![\\p{L}\\p{N}\\\\${markIn(first)}])`
/** A bracket before a parenthesis is the label of a link. */
const notBefore = (last: string): string =>
  `(?![\\p{L}\\p{N}${markIn(last)}${last === ']' ? '(' : ''}])`
const markIn = (char: string): string =>
  MARKUP.test(char) ? char.replace(/[\\[\]^-]/, '\\$&') : ''

/** Words of a text that hold markup characters, the longest first. */
export function literalWords(text: string): string[] {
  const words = new Set<string>()
  for (const token of text.split(/\s+/)) {
    if (!MARKUP.test(token)) continue
    const word = token.replace(/^["'“‘(]+|["'”’.,;:!?)]+$/g, '')
    words.add(MARKUP.test(word) ? word : token)
  }
  return [...words].sort((a, b) => b.length - a.length)
}
