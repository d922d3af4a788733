/**
 * EditStream turns a model's answer to an edit command, as it arrives, into pieces. Two forms, both
 * addressed, so that nothing has to be quoted and nothing can be missed:
 *
 *     b12.3: the new text of the third sentence of the twelfth block (nothing: it goes)
 *
 *     @@ b12
 *     markdown that stands in place of the twelfth block     (`@@ none`: nothing to change)
 *
 * What is not addressed, or addressed wrongly, never reaches the document.
 */
import type { OriginalText, Piece } from '#shared/document/piece.ts'
import type { AddressedBlock } from '../addresses.ts'
import { BlockEdit } from '../edits/block-edit.ts'
import { CodeEdit } from '../edits/code-edit.ts'
import { type Granularity, SentenceEdit, type Span } from '../edits/sentence-edit.ts'
import type { Translator } from '../generate.ts'
import type { KnownHosts } from '../markdown-line.ts'
import { blockOriginal, sentenceOriginal } from '../original-text.ts'
import { type AnswerAddress, addressOf, HEAD_LIMIT, saysNone } from './answer-address.ts'

export interface EditStreamOptions {
  /** What may be changed: an address that is not among these is refused. */
  blocks: readonly AddressedBlock[]
  granularity: Granularity
  hosts: KnownHosts
  /** An address with nothing behind it removes what it names. */
  mayRemove?: boolean
  /** The command may be about formats. */
  asShown?: boolean
  /** Told of each part of the answer that was left out, without its text. */
  onWarning?: (warning: EditWarning) => void
}
export type EditWarning = 'unknown-address' | 'addressed-twice' | 'no-address'

/** What an answer's text goes to: a sentence in one line, or a block in lines of its own. */
type Edit = { block: string; addresses: readonly string[] } & (
  | { kind: 'line'; edit: SentenceEdit }
  | { kind: 'lines'; edit: BlockEdit | CodeEdit }
)

export class EditStream implements Translator {
  readonly #options: EditStreamOptions
  readonly #blocks: ReadonlyMap<string, AddressedBlock>
  readonly #used = new Set<string>()
  readonly #answered = new Set<string>()
  /** What has come of a line of which it is not known yet what it is. */
  #head: string | undefined = ''
  /** Spaces that count only if something follows. */
  #spaces = ''
  #lineWasEmpty = true
  #edit: Edit | undefined
  /** What the edit under way is made for, until its first piece. */
  #original: OriginalText | undefined
  /** Under `@@`, so lines are markdown, even where the address was refused. */
  #inBlock = false
  #fenced: 'no' | 'open' | 'closed' = 'no'
  #innerFence = false

  constructor(options: EditStreamOptions) {
    this.#options = options
    this.#blocks = new Map(options.blocks.map((block) => [block.address, block]))
  }

  /** Addresses of the blocks and sentences that the answer has come to and left again. */
  get answered(): ReadonlySet<string> {
    return this.#answered
  }

  push(text: string): Piece[] {
    const out: Piece[] = []
    for (const part of text.replaceAll('\r', '').split(/(\n)/)) {
      if (part === '\n') this.#newLine(out)
      else if (part !== '') this.#characters(part, out)
    }
    return out
  }

  /** The rest. With `cut` the answer broke off: what was under way is taken back. */
  end(cut = false): Piece[] {
    const out: Piece[] = []
    if (this.#head) this.#decide(out)
    this.#close(out, cut)
    return out
  }

  #characters(text: string, out: Piece[]): void {
    if (this.#head === undefined) {
      this.#write(text, out)
      return
    }
    this.#head += text
    // An address ends with its colon; one behind `@@` may need its whole line to be told.
    const bare = this.#head.trimStart()
    if (bare === '' || /^#*\s*@/.test(bare)) return
    const mayBeAddress = /^(?:[-*+#]+\s+)?[[(`*_]*b?\d{0,6}[\d.b-]*[\])`*_]*\s?$/.test(bare)
    if (!mayBeAddress || this.#head.length > HEAD_LIMIT) this.#decide(out)
  }

  #newLine(out: Piece[]): void {
    if (this.#head !== undefined) this.#decide(out)
    if (this.#edit?.kind === 'lines') this.#pass(this.#edit.edit.push('\n'), out)
    else if (this.#lineWasEmpty) this.#closeSentence(out)
    this.#spaces = ' '
    this.#head = ''
    this.#lineWasEmpty = true
  }

  /** The head of a line is known well enough to say what the line is. */
  #decide(out: Piece[]): void {
    const head = this.#head ?? ''
    this.#head = undefined
    if (saysNone(head)) return this.#openNothing(out)
    const address = addressOf(head)
    // Within a block `b12:` may be text.
    if (address && !head.includes('@@') && this.#isOwn(address) && !this.#isText(address)) {
      this.#write(`${/^\s*(?:[-*+]\s+|#+\s+)?/.exec(head)?.[0]}${address.rest}`, out)
      return
    }
    const isOther = address && this.#edit?.block !== address.block
    const isPlace = isOther && (this.knows(address) || !this.#isText(address))
    if (address && (!this.#inBlock || head.includes('@@') || isPlace)) {
      this.#open(address, out)
      this.#write(address.rest, out)
      return
    }
    if (this.#isOuterFence(head)) {
      this.#close(out, false)
      // What follows the fence around the whole is talk.
      this.#inBlock = this.#fenced === 'closed'
      return
    }
    if (head.trim() !== '' && !this.#inBlock && !this.#edit) this.#warn('no-address')
    this.#write(head, out)
  }

  /** A fence around the whole answer is the model's manners; one within a block is its code. */
  #isOuterFence(head: string): boolean {
    const fence = /^\s*(?:`{3,}|~{3,})\s*(\S*)/.exec(head)
    if (!fence) return false
    if (this.#inBlock && this.#edit) {
      const closes = fence[1] === '' && this.#fenced === 'open' && !this.#innerFence
      if (!closes) this.#innerFence = !this.#innerFence
      else this.#fenced = 'closed'
      return closes
    }
    this.#fenced = this.#fenced === 'open' ? 'closed' : 'open'
    return true
  }

  /** Whether the address names something that may be changed. */
  knows({ block, sentences }: AnswerAddress): boolean {
    const known = this.#blocks.get(block)
    if (!known) return false
    return sentences ? this.#spanOf(known, sentences) !== undefined : known.whole
  }

  /**
   * Within a block its own address is the model's manners, and any other means another place; but
   * what looks like one may be the text.
   */
  #isOwn(address: AnswerAddress): boolean {
    return this.#inBlock && this.#edit?.block === address.block
  }

  #isText({ block, sentences }: AnswerAddress): boolean {
    if (!this.#inBlock || !this.#edit) return false
    const { block: own, text = '' } = this.#blocks.get(this.#edit.block) ?? {}
    const isElsewhere = this.#edit.block !== block
    return (isElsewhere && !sentences) || own?.type === 'code' || text.includes(block)
  }

  #write(text: string, out: Piece[]): void {
    if (text.trim() !== '') this.#lineWasEmpty = false
    if (this.#edit?.kind === 'lines') {
      this.#pass(this.#edit.edit.push(text), out)
      return
    }
    if (!this.#edit) return
    const kept = text.trimEnd()
    if (kept === '') {
      this.#spaces += text
      return
    }
    this.#pass(this.#edit.edit.push(this.#spaces + kept), out)
    this.#spaces = text.slice(kept.length)
  }

  #openNothing(out: Piece[]): void {
    this.#close(out, false)
    this.#inBlock = true
    this.#lineWasEmpty = false
  }

  #open({ block: address, sentences }: AnswerAddress, out: Piece[]): void {
    this.#close(out, false)
    this.#lineWasEmpty = false
    this.#innerFence = false
    this.#spaces = ''
    const block = this.#blocks.get(address)
    this.#inBlock = sentences === undefined
    const { hosts, granularity, mayRemove = true, asShown = false } = this.#options
    if (sentences) {
      const span = block && this.#spanOf(block, sentences)
      if (!span) return this.#warn('unknown-address')
      const addresses: string[] = []
      for (let n = sentences.first; n <= sentences.last; n++) addresses.push(`${address}.${n}`)
      if (!addresses.every((one) => this.#once(one))) return
      const edit = new SentenceEdit({ block, span, granularity, hosts, mayRemove })
      this.#edit = { kind: 'line', edit, block: address, addresses }
      this.#original = sentenceOriginal(block, span)
      return
    }
    if (!block?.whole) return this.#warn('unknown-address')
    if (!this.#once(address)) return
    const isCode = block.block.type === 'code'
    const edit = isCode
      ? new CodeEdit({ block, mayRemove })
      : new BlockEdit({ block, hosts, mayRemove, asShown })
    this.#edit = { kind: 'lines', edit, block: address, addresses: [address] }
    this.#original = blockOriginal(block)
  }

  /** Undefined where one of the sentences is not there, or may not be changed. */
  #spanOf(block: AddressedBlock, { first, last }: { first: number; last: number }) {
    const isIn = (n: number) => n >= first && n <= last
    const chosen = block.sentences.filter(({ address }) => isIn(Number(address.split('.')[1])))
    const [begin] = chosen
    const end = chosen.at(-1)
    if (!begin || !end || chosen.length !== last - first + 1) return undefined
    return { from: begin.from, to: end.to, next: end.next } satisfies Span
  }

  /** A place is changed once; a second change would be about text that is struck already. */
  #once(address: string): boolean {
    const [block] = address.split('.')
    const clashes = [...this.#used].some(
      (used) => used === address || used === block || used.startsWith(`${address}.`),
    )
    if (clashes) this.#warn('addressed-twice')
    else this.#used.add(address)
    return !clashes
  }

  #close(out: Piece[], cut: boolean): void {
    if (this.#edit) {
      this.#pass(this.#edit.edit.end(cut), out)
      if (!cut) for (const address of this.#edit.addresses) this.#answered.add(address)
    }
    this.#edit = undefined
    this.#inBlock = false
  }

  /** An edit's first pieces come behind what the edit was made for. */
  #pass(pieces: readonly Piece[], out: Piece[]): void {
    if (pieces.length > 0 && this.#original) {
      out.push({ kind: 'original', ...this.#original })
      this.#original = undefined
    }
    out.push(...pieces)
  }

  #closeSentence(out: Piece[]): void {
    if (this.#edit?.kind === 'line') this.#close(out, false)
  }

  #warn(warning: EditWarning): void {
    this.#options.onWarning?.(warning)
  }
}
