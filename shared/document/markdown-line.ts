/**
 * The characters of a block as markdown: which marks open and close where, and what has to be
 * escaped so that text stays text. Knows nothing of blocks.
 */
import { type Inline, type InlineText, STALE_COMMENT } from './blocks.ts'
import { safeUrl } from './links.ts'
import { type Flag, FORMAT } from './shape.ts'

/** One string a line; a hard break is the backslash at a line's end. */
export function markdownLines(inlines: readonly Inline[], oneLine = false): string[] {
  const lines: InlineText[][] = [[]]
  for (const inline of inlines) {
    if (inline.kind === 'break') lines.push([])
    else if (inline.text) lines.at(-1)?.push(inline)
  }
  // A break with nothing behind it cannot be said; it shows nothing either.
  while (lines.length > 1 && lines.at(-1)?.length === 0) lines.pop()
  return lines.map((line, n) => {
    const text = writeLine(line)
    return n < lines.length - 1 && !oneLine ? `${text}\\` : text
  })
}

/** Text without any marks, on one line. */
export function plainLine(text: string): string {
  return writeLine([{ kind: 'text', text: text.replace(/\s+/g, ' '), format: 0, spans: [] }])
}

/** A mark that is open: how it began tells whether it goes on, `close` how it ends. */
interface Mark {
  key: string
  open: string
  close: string
}

/** Outermost first. `_` for italics, since `***` would be read in more ways than one. */
const MARKS: readonly [number, string, string][] = [
  [FORMAT.underline, '<u>', '</u>'],
  [FORMAT.subscript, '<sub>', '</sub>'],
  [FORMAT.superscript, '<sup>', '</sup>'],
  [FORMAT.highlight, '<mark>', '</mark>'],
  [FORMAT.bold, '**', '**'],
  [FORMAT.italic, '_', '_'],
  [FORMAT.strikethrough, '~~', '~~'],
]

const SHOWN = MARKS.reduce((bits, [bit]) => bits | bit, FORMAT.code as number)

interface Piece {
  text: string
  format: number
  url: string | undefined
  flag: Flag | undefined
}

function writeLine(inlines: readonly InlineText[]): string {
  const line = new Line()
  for (const piece of piecesOf(inlines)) line.write(piece)
  return line.end()
}

/**
 * Marks cannot begin or end at a space, so spaces at the edge of a run keep only those marks that
 * go on from the run before them to the one behind.
 */
function piecesOf(inlines: readonly InlineText[]): Piece[] {
  const pieces = joined(inlines).flatMap((piece): Piece[] => {
    if (piece.format & FORMAT.code) return [piece]
    const [, lead = '', core = '', trail = ''] = /^(\s*)(.*?)(\s*)$/su.exec(piece.text) ?? []
    return [lead, core, trail].filter(Boolean).map((text) => ({ ...piece, text }))
  })
  return pieces.map((piece, at) => {
    if (!isBlank(piece)) return piece
    const before = pieces.slice(0, at).findLast((other) => !isBlank(other))
    const behind = pieces.slice(at).find((other) => !isBlank(other))
    const shared = before && behind && alike(before, piece) && alike(behind, piece)
    return { ...piece, format: shared ? carried(before.format, piece.format, behind.format) : 0 }
  })
}

function carried(before: number, between: number, behind: number): number {
  let format = 0
  for (const [bit] of MARKS) {
    const goesOn = before & behind & between & bit
    if (!goesOn && (before | behind) & bit) break
    format |= goesOn
  }
  return format
}

/** Runs that markdown cannot tell apart are one: a link that nothing follows is mere text. */
function joined(inlines: readonly InlineText[]): Piece[] {
  const pieces: Piece[] = []
  for (const inline of inlines) {
    const piece: Piece = {
      text: inline.text.replace(/\r\n?|\n/g, ' '),
      format: inline.format & SHOWN,
      url: inline.url === undefined ? undefined : safeUrl(inline.url),
      flag: inline.flag,
    }
    const last = pieces.at(-1)
    if (last && last.format === piece.format && alike(last, piece)) last.text += piece.text
    else pieces.push(piece)
  }
  return pieces
}

const isBlank = (piece: Piece): boolean =>
  (piece.format & FORMAT.code) === 0 && !/\S/u.test(piece.text)

const alike = (a: Piece, b: Piece): boolean =>
  a.url === b.url && a.flag?.op === b.flag?.op && a.flag?.chunk === b.flag?.chunk

class Line {
  #out = ''
  #open: Mark[] = []
  /** The character before a mark that was just closed: what comes next decides if it counts. */
  #closedBehind: string | undefined

  write(piece: Piece): void {
    const wanted = marksOf(piece)
    const text = piece.format & FORMAT.code ? codeSpan(piece.text) : piece.text
    let same = 0
    while (same < wanted.length && this.#open[same]?.key === wanted[same]?.key) same++
    this.#closeTo(same)
    for (let n = same; n < wanted.length; n++) {
      this.#openMark(wanted[n] as Mark, wanted[n + 1]?.open ?? text)
    }
    this.#append(piece.format & FORMAT.code ? text : escapeText(text, this.#out === ''))
  }

  end(): string {
    this.#closeTo(0)
    // Markdown trims its lines; what is coded stays.
    return this.#out.replace(/^\s|\s$/gu, (space) => code(space))
  }

  #closeTo(length: number): void {
    while (this.#open.length > length) {
      const mark = this.#open.pop() as Mark
      if (isDelimiter(mark)) this.#closedBehind = lastCharacter(this.#out)
      this.#out += mark.close
    }
  }

  #openMark(mark: Mark, inside: string): void {
    if (isDelimiter(mark)) {
      // A word before the mark would keep it from opening where punctuation follows.
      const before = lastCharacter(this.#out)
      if (mayBeWord(before) && (mark.open === '_' || mayBeMark(firstCharacter(inside)))) {
        this.#out = this.#out.slice(0, -before.length) + code(before)
      }
    } else if (mark.open === '[' && /(^|[^\\])!$/.test(this.#out)) {
      this.#out = `${this.#out.slice(0, -1)}\\!`
    }
    this.#append(mark.open)
    this.#open.push(mark)
  }

  #append(text: string): void {
    const next = firstCharacter(text)
    const behind = this.#closedBehind
    this.#closedBehind = undefined
    // A word behind a mark would keep it from closing where punctuation stands before it.
    const encode =
      behind !== undefined && mayBeWord(next) && (this.#out.endsWith('_') || mayBeMark(behind))
    this.#out += encode ? code(next) + text.slice(next.length) : text
  }
}

const isDelimiter = (mark: Mark): boolean => /^[*_~]/.test(mark.open)

function marksOf({ format, url, flag }: Piece): Mark[] {
  const marks: Mark[] = []
  if (flag) {
    const sign = flag.op === 'ins' ? '++' : '--'
    const close = `${sign}}${flag.stale ? STALE_COMMENT : ''}`
    marks.push({ key: `${flag.op}:${flag.chunk}`, open: `{${sign}`, close })
  }
  if (url !== undefined)
    marks.push({ key: `url:${url}`, open: '[', close: `](${destination(url)})` })
  for (const [bit, open, close] of MARKS) if (format & bit) marks.push({ key: open, open, close })
  return marks
}

/** No character in it that could end it, or be read as an entity. */
function destination(url: string): string {
  return url
    .replace(/[\s()<>\\]/gu, (character) => encodeURIComponent(character).replace(/[()]/g, hex))
    .replace(/&/g, '&amp;')
}

const hex = (character: string): string => `%${character.charCodeAt(0).toString(16)}`

/** A fence longer than any run inside, and padding where its edge would be taken for the fence. */
function codeSpan(text: string): string {
  // Behind a bracket this would define a link, whatever the backticks say; and readers disagree
  // about how much of mere spaces they keep.
  if (text.includes(']:') || /^\s{3,}$/u.test(text))
    return `<code>${escapeText(text, false)}</code>`
  const runs = new Set([...text.matchAll(/`+/g)].map(([run]) => run.length))
  let length = 1
  while (runs.has(length)) length++
  const fence = '`'.repeat(length)
  const pad = /^`|`$|^ .*\S.* $/su.test(text) ? ' ' : ''
  return `${fence}${pad}${text}${pad}${fence}`
}

function escapeText(text: string, startsLine: boolean): string {
  const escaped = text
    .replace(/[\\`*_[\]<>~|]/g, '\\$&')
    .replace(/&(?=[#\w])/g, '\\&')
    .replace(/\{(?=\+\+|--)/g, '\\{')
    .replace(/(\+|-)(?=\1\})/g, '\\$1')
  if (!startsLine) return escaped
  return escaped.replace(/^[#+=:-]/, '\\$&').replace(/^(\d{1,9})([.)])/, '$1\\$2')
}

const code = (character: string): string => `&#${character.codePointAt(0)};`
const firstCharacter = (text: string): string => [...text.slice(0, 2)][0] ?? ''
const lastCharacter = (text: string): string => [...text.slice(-2)].at(-1) ?? ''
/**
 * CommonMark asks whether a mark's neighbours are punctuation. Readers disagree about characters
 * beyond the first plane, so those count as whatever needs more care.
 */
const mayBeMark = (character: string): boolean =>
  character.length > 1 || /[\p{P}\p{S}]/u.test(character)
const mayBeWord = (character: string): boolean =>
  character.length > 1 || /[^\s\p{P}\p{S}]/u.test(character)
