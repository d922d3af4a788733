/**
 * One line of text: markdown-it's inline tokens to pieces with their formats and links, and from
 * where on the line may still change because a delimiter in it waits for its partner.
 */
import type { Token } from 'markdown-it'
import { safeUrl } from '#shared/document/links.ts'
import type { Piece } from '#shared/document/piece.ts'
import { FORMAT } from '#shared/document/shape.ts'

/** Hosts that were in the document before: only to these may a new link lead. */
export type KnownHosts = ReadonlySet<string>

/** Reads one line's inline tokens; remembers from where on it may still change. */
export class InlineReader {
  readonly #hosts: KnownHosts
  readonly #pieces: Piece[] = []
  #skip: number
  #format = 0
  #depth = 0
  #link: { href: string; bare: boolean; url: string | undefined; label: string } | undefined
  #length = 0
  /** Where the outermost open span began: a delimiter inside can undo all of it. */
  #spanStart = 0
  #sure: number | undefined
  #brackets: number[] = []
  #before = ' '

  constructor(hosts: KnownHosts, skip: number) {
    this.#hosts = hosts
    this.#skip = skip
  }

  finish(): { pieces: Piece[]; sure: number; length: number } {
    const opened = this.#brackets[0]
    const sure = Math.min(this.#sure ?? this.#length, opened ?? this.#length)
    return { pieces: this.#pieces, sure, length: this.#length }
  }

  read(token: Token): void {
    switch (token.type) {
      case 'strong_open':
        return this.#enter(FORMAT.bold)
      case 'em_open':
        return this.#enter(FORMAT.italic)
      case 's_open':
        return this.#enter(FORMAT.strikethrough)
      case 'strong_close':
        return this.#leave(FORMAT.bold)
      case 'em_close':
        return this.#leave(FORMAT.italic)
      case 's_close':
        return this.#leave(FORMAT.strikethrough)
      case 'link_open': {
        const href = String(token.attrGet('href') ?? '')
        this.#enter(0)
        const bare = token.info === 'auto'
        this.#link = { href, bare, url: mayLead(href, this.#hosts), label: '' }
        return
      }
      case 'link_close':
        return this.#closeLink()
      case 'code_inline':
        return this.#write(token.content, FORMAT.code)
      case 'image':
        // Nothing remote is ever loaded: a picture is the words that describe it.
        return this.#write(token.content, 0)
      case 'softbreak':
        return this.#write(' ', 0)
      case 'hardbreak':
        this.#pieces.push({ kind: 'break' })
        this.#length++
        this.#before = ' '
        return
      case 'text_special':
        return this.#write(token.content, 0)
      default:
        return this.#literal(token.content)
    }
  }

  #enter(format: number): void {
    if (this.#depth++ === 0) this.#spanStart = this.#length
    this.#format |= format
  }

  #leave(format: number): void {
    this.#depth--
    this.#format &= ~format
  }

  #closeLink(): void {
    const link = this.#link
    this.#link = undefined
    this.#leave(0)
    if (link === undefined || link.url !== undefined) return
    const safe = safeUrl(link.href)
    // A host that is new here could carry text away with a click: it is shown, not linked.
    if (safe !== undefined && !link.bare && safe !== link.label) this.#write(` (${safe})`, 0)
  }

  /** Text as it stood in the source, where a delimiter may still be one. */
  #literal(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const char = text[at]!
      const before = at > 0 ? text[at - 1]! : this.#before
      const next = text[at + 1]
      if (char === '[') this.#brackets.push(this.#outermost(before === '!' ? at - 1 : at))
      else if (char === ']' && next !== '(') this.#brackets.pop()
      else if (mayOpen(char, before, next)) this.#sure ??= this.#outermost(at)
    }
    this.#write(text, 0)
  }

  #outermost(at: number): number {
    return this.#depth > 0 ? this.#spanStart : Math.max(0, this.#length + at - this.#skip)
  }

  #write(text: string, format: number): void {
    this.#before = text.at(-1) ?? this.#before
    const written = text.slice(Math.min(this.#skip, text.length))
    this.#skip -= text.length - written.length
    if (written === '') return
    if (this.#link) this.#link.label += written
    const url = this.#link?.url
    append(this.#pieces, {
      kind: 'text',
      text: written,
      format: this.#format | format,
      ...(url === undefined ? {} : { url }),
    })
    this.#length += written.length
  }
}

/** Whether a character that stands as itself so far could still open something. */
function mayOpen(char: string, before: string, next: string | undefined): boolean {
  if (char === '`') return true
  if (char === '\\') return next === undefined
  if (char !== '*' && char !== '_' && char !== '~') return false
  if (next === undefined) return true
  if (/\s/u.test(next)) return false
  if (char === '~') return next === '~'
  return char !== '_' || !/[\p{L}\p{N}]/u.test(before)
}

/** The address as a new link may carry it, or nothing. */
export function mayLead(href: string, hosts: KnownHosts): string | undefined {
  const host = hostOf(href)
  return host !== undefined && hosts.has(host) ? safeUrl(href) : undefined
}

/** Where an address leads, lower case, with port; undefined where it may lead nowhere. */
export function hostOf(href: string): string | undefined {
  const safe = safeUrl(href)
  if (safe === undefined) return undefined
  const url = new URL(safe)
  const host = url.protocol === 'mailto:' ? url.pathname.split('@').at(-1) : url.host
  return host?.toLowerCase()
}

/** Adds a piece; text joins the text before it when nothing else differs. */
export function append<P extends Piece>(pieces: P[], piece: P): void {
  const last = pieces.at(-1)
  if (
    piece.kind === 'text' &&
    last?.kind === 'text' &&
    last.format === piece.format &&
    last.url === piece.url
  ) {
    pieces[pieces.length - 1] = { ...last, text: last.text + piece.text }
  } else {
    pieces.push(piece)
  }
}
