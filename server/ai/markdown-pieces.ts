/**
 * Markdown to pieces: the dialect that the co-pilot may write (no html, tables as code, links as
 * they are allowed), and the way from markdown-it's tokens to pieces. Knows nothing of streams.
 */
import MarkdownIt, { type StateBlock, type Token } from 'markdown-it'
import type { BlockSpec, Piece } from '#shared/document/piece.ts'
import { InlineReader, type KnownHosts } from './markdown-line.ts'

/** Stands before the rest of a block that was cut; never part of what is written. */
export const CONTINUES = '\uE000'

/**
 * CommonMark with strikethrough and bare URLs, less the parts in which a later line changes what
 * an earlier one was: underlined headings, reference definitions, indented code.
 */
export const markdown = new MarkdownIt({ html: false, linkify: true })
  .disable(['lheading', 'reference', 'code', 'table'])
  .disable(['text_join'])
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false })
// Which links may be written is decided below, where a refused one still leaves its label.
markdown.validateLink = () => true
markdown.block.ruler.before('paragraph', 'pipes', pipes)

/** A table's lines keep their columns as code: the document has no tables. */
function pipes(state: StateBlock, first: number, end: number, silent: boolean): boolean {
  const begins = (line: number) =>
    state.src.charAt(state.bMarks[line]! + state.tShift[line]!) === '|' &&
    state.sCount[line]! >= state.blkIndent
  if (!begins(first)) return false
  if (silent) return true
  let line = first + 1
  while (line < end && begins(line)) line++
  state.line = line
  const token = state.push('fence', 'code', 0)
  token.content = state.getLines(first, line, state.blkIndent, true)
  token.map = [first, line]
  return true
}

/** Pieces as they come out of tokens, and what of them may still change. */
export interface View {
  pieces: Piece[]
  /** In the last line's text: how many characters of `pieces`, from the end, may still change. */
  unsure: number
}

/**
 * The pieces of a list of block tokens. `stillOpen`: the last block's text may go on, so the
 * characters behind a delimiter that may yet find its partner are counted as unsure.
 */
export function viewOf(tokens: readonly Token[], hosts: KnownHosts, stillOpen: boolean): View {
  const view = new ViewBuilder(hosts)
  const last = tokens.findLastIndex((token) => token.nesting !== -1)
  for (const [at, token] of tokens.entries())
    view.block(token, tokens[at + 1], stillOpen && at === last)
  return view.finish()
}

class ViewBuilder {
  readonly #hosts: KnownHosts
  readonly #pieces: Piece[] = []
  readonly #lists: ('bullet' | 'number')[] = []
  #current: BlockSpec | undefined
  #quotes = 0
  /** In a list item that is not closed; and whether something of it has been opened. */
  #itemOpen = false
  #itemBegun = false
  #heading = false
  #unsure = 0

  constructor(hosts: KnownHosts) {
    this.#hosts = hosts
  }

  finish(): View {
    return { pieces: this.#pieces, unsure: this.#unsure }
  }

  block(token: Token, next: Token | undefined, last: boolean): void {
    switch (token.type) {
      case 'bullet_list_open':
        this.#lists.push('bullet')
        return
      case 'ordered_list_open':
        this.#lists.push('number')
        return
      case 'bullet_list_close':
      case 'ordered_list_close':
        this.#lists.pop()
        this.#itemOpen = this.#itemBegun = false
        return
      case 'list_item_open':
        this.#itemOpen = true
        this.#itemBegun = false
        // Without a line of its own directly behind it the item is empty, or holds only blocks.
        if (next?.type !== 'paragraph_open') this.#openItem()
        return
      case 'list_item_close':
        this.#itemOpen = false
        return
      case 'blockquote_open':
        this.#quotes++
        return
      case 'blockquote_close':
        this.#quotes--
        return
      case 'heading_open':
        this.#heading = true
        this.#open({ type: 'heading', level: headingLevel(token.tag) })
        return
      case 'hr':
        this.#open({ type: 'divider' })
        return
      case 'fence':
        this.#code(token)
        return
      case 'inline':
        this.#line(token, last)
        return
      default:
        return
    }
  }

  #open(block: BlockSpec): void {
    this.#current = block
    this.#pieces.push({ kind: 'block', block })
  }

  #openItem(box?: string): void {
    const depth = this.#lists.length - 1
    this.#itemBegun = true
    this.#open(
      box === undefined
        ? { type: 'listitem', list: this.#lists.at(-1) ?? 'bullet', depth }
        : { type: 'listitem', list: 'check', checked: box !== ' ', depth },
    )
  }

  #code(token: Token): void {
    const language = token.info.trim().split(/\s+/)[0] ?? ''
    this.#open({ type: 'code', language: language === '' ? null : language.slice(0, 32) })
    const lines = token.content.replace(/\n$/, '').split('\n')
    lines.forEach((line, at) => {
      if (at > 0) this.#pieces.push({ kind: 'break' })
      if (line !== '') this.#pieces.push({ kind: 'text', text: line, format: 0 })
    })
  }

  /** The text of a paragraph, heading, quote or list item. */
  #line(token: Token, last: boolean): void {
    const children = token.children ?? []
    let skip = 0
    if (this.#heading) {
      this.#heading = false
    } else if (this.#itemOpen && !this.#itemBegun) {
      const box = /^\[([ xX])\](?:\s|$)/.exec(token.content)
      skip = box ? box[0].length : 0
      this.#openItem(box?.[1])
    } else if (this.#itemOpen && this.#current?.type === 'listitem') {
      // A further paragraph of a list item: the document keeps it as a line of the same item.
      this.#pieces.push({ kind: 'break' })
    } else if (token.content.startsWith(CONTINUES)) {
      skip = CONTINUES.length
    } else {
      this.#open(this.#quotes > 0 ? { type: 'quote' } : { type: 'paragraph' })
    }
    this.#inlines(children, last, skip)
  }

  #inlines(children: readonly Token[], last: boolean, skip: number): void {
    const line = new InlineReader(this.#hosts, skip)
    for (const child of children) line.read(child)
    const { pieces, sure, length } = line.finish()
    this.#pieces.push(...pieces)
    if (last) this.#unsure = length - sure
  }
}

function headingLevel(tag: string): 1 | 2 | 3 | 4 | 5 | 6 {
  return Number(tag.slice(1)) as 1 | 2 | 3 | 4 | 5 | 6
}
