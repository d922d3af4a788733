/**
 * A model's answer to an edit command, as it arrives, to pieces. Two forms, both addressed, so
 * that nothing has to be quoted and nothing can be missed:
 *
 *     b12.3: the new text of the third sentence of the twelfth block (nothing: it goes)
 *
 *     @@ b12
 *     markdown that stands in place of the twelfth block     (`@@ none`: nothing to change)
 *
 * What is not addressed, or addressed wrongly, never reaches the document.
 */
import type { OriginalText, Piece } from '#shared/document/piece.ts'
import type { AddressedBlock } from './addresses.ts'
import { BlockEdit } from './block-edit.ts'
import type { KnownHosts } from './markdown-line.ts'
import { blockOriginal, sentenceOriginal } from './original-text.ts'
import { type Granularity, SentenceEdit } from './sentence-edit.ts'

export interface EditStreamOptions {
  /** What may be changed: an address that is not among these is refused. */
  blocks: readonly AddressedBlock[]
  granularity: Granularity
  hosts: KnownHosts
  /** Told of each part of the answer that was left out, without its text. */
  onWarning?: (warning: EditWarning) => void
}
export type EditWarning = 'unknown-address' | 'addressed-twice' | 'no-address'

/** `b12.3:`, also as a list item, in brackets or in backticks, as models like to write it. */
const SENTENCE = /^\s*(?:[-*]\s+)?[[`*]*(b\d{1,6}\.\d{1,6})[\]`*]*:[`*]*[ \t]?/
const BLOCK = /^\s*@@\s*(b\d{1,6}|none)\b/
/** Longer heads than this are no address. */
const HEAD_LIMIT = 32

export class EditStream {
  readonly #options: EditStreamOptions
  readonly #blocks: ReadonlyMap<string, AddressedBlock>
  readonly #used = new Set<string>()
  /** What has come of a line of which it is not known yet what it is. */
  #head: string | undefined = ''
  /** Spaces that count only if something follows. */
  #spaces = ''
  #sentence: SentenceEdit | undefined
  /** Of the edit under way, until its first piece. */
  #original: OriginalText | undefined
  #block: BlockEdit | undefined
  /** Under `@@`, so lines are markdown, even where the address was refused. */
  #inBlock = false

  constructor(options: EditStreamOptions) {
    this.#options = options
    this.#blocks = new Map(options.blocks.map((block) => [block.address, block]))
  }

  /** The pieces that these characters make final. */
  push(text: string): Piece[] {
    const out: Piece[] = []
    for (const part of text.replaceAll('\r', '').split(/(\n)/)) {
      if (part === '\n') this.#newLine(out)
      else if (part !== '') this.#characters(part, out)
    }
    return out
  }

  /** The rest. With `cut` the answer broke off: the sentence under way keeps its old remainder. */
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
    // The forms are told apart by their first characters: `@` needs its whole line, an address
    // its colon, and in a block everything but `@` is text.
    const bare = this.#head.trimStart()
    if (bare === '' || bare.startsWith('@')) return
    const colon = /[:]/.test(this.#head)
    if (this.#inBlock || colon || this.#head.length > HEAD_LIMIT) this.#decide(out)
  }

  #newLine(out: Piece[]): void {
    if (this.#head !== undefined) this.#decide(out)
    if (this.#inBlock && this.#block) this.#pass(this.#block.push('\n'), out)
    this.#spaces = ' '
    if (this.#lineWasEmpty) this.#closeSentence(out)
    this.#head = ''
    this.#lineWasEmpty = true
  }
  #lineWasEmpty = true

  /** The head of a line is known well enough to say what the line is. */
  #decide(out: Piece[]): void {
    const head = this.#head ?? ''
    this.#head = undefined
    const block = BLOCK.exec(head)
    if (block) {
      this.#openBlock(block[1]!, out)
      return
    }
    const sentence = this.#inBlock ? null : SENTENCE.exec(head)
    if (sentence) {
      this.#openSentence(sentence[1]!, out)
      this.#spaces = ''
      this.#lineWasEmpty = false
      this.#write(head.slice(sentence[0].length), out)
      return
    }
    if (!this.#inBlock && /^\s*```/.test(head)) {
      this.#closeSentence(out)
      return
    }
    if (head.trim() !== '' && !this.#inBlock && !this.#sentence) this.#warn('no-address')
    this.#write(head, out)
  }

  #write(text: string, out: Piece[]): void {
    if (text.trim() !== '') this.#lineWasEmpty = false
    if (this.#inBlock) {
      if (this.#block) this.#pass(this.#block.push(text), out)
      return
    }
    if (!this.#sentence) return
    const kept = text.trimEnd()
    if (kept === '') {
      this.#spaces += text
      return
    }
    this.#pass(this.#sentence.push(this.#spaces + kept), out)
    this.#spaces = text.slice(kept.length)
  }

  #openSentence(address: string, out: Piece[]): void {
    this.#close(out, false)
    const block = this.#blocks.get(address.split('.')[0]!)
    const sentence = block?.sentences.find((one) => one.address === address)
    if (block && sentence && this.#once(address)) {
      this.#original = sentenceOriginal(block, sentence)
      this.#sentence = new SentenceEdit(block, sentence, this.#options.granularity)
    } else if (!sentence) this.#warn('unknown-address')
  }

  #openBlock(address: string, out: Piece[]): void {
    this.#close(out, false)
    this.#inBlock = true
    this.#lineWasEmpty = false
    if (address === 'none') return
    const block = this.#blocks.get(address)
    if (block && this.#once(address)) {
      this.#original = blockOriginal(block)
      this.#block = new BlockEdit(block, this.#options.hosts)
    } else if (!block) this.#warn('unknown-address')
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
    if (this.#sentence) this.#pass(this.#sentence.end(cut), out)
    if (this.#block) this.#pass(this.#block.end(cut), out)
    this.#sentence = undefined
    this.#block = undefined
    this.#inBlock = false
  }

  #closeSentence(out: Piece[]): void {
    if (!this.#sentence) return
    this.#pass(this.#sentence.end(false), out)
    this.#sentence = undefined
  }

  /** An edit's first pieces come behind what the edit was made for. */
  #pass(pieces: readonly Piece[], out: Piece[]): void {
    if (pieces.length > 0 && this.#original) {
      out.push({ kind: 'original', ...this.#original })
      this.#original = undefined
    }
    out.push(...pieces)
  }

  #warn(warning: EditWarning): void {
    this.#options.onWarning?.(warning)
  }
}
