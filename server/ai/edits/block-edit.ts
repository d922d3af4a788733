/**
 * BlockEdit puts the markdown that arrives in place of one block. The whole replacement is one
 * chunk: either the old block or the new ones make sense, not a mixture.
 */
import type { Block } from '#shared/document/blocks.ts'
import type { BlockSpec, Piece } from '#shared/document/piece.ts'
import type { AddressedBlock } from '../addresses.ts'
import { blockMarkdown } from '../answers/block-markdown.ts'
import { MARKUP, readInline } from '../answers/read-inline.ts'
import type { KnownHosts } from '../markdown-line.ts'
import { MarkdownStream } from '../markdown-stream.ts'
import { dress } from './dress.ts'
import { EditPieces } from './edit-pieces.ts'
import { type Dressed, dressedBlock, isPlain } from './looks.ts'

export interface BlockEditOptions {
  block: AddressedBlock
  hosts: KnownHosts
  /** Nothing in place of the block means that it goes, not that the model had nothing to say. */
  mayRemove: boolean
  /** The command may be about formats: the same words without them take them away. */
  asShown: boolean
}

export class BlockEdit {
  readonly #options: BlockEditOptions
  readonly #old: Dressed
  /** The block as the model was shown it: an answer that only repeats it changes nothing. */
  readonly #shown: string
  readonly #markdown: MarkdownStream
  readonly #pieces: EditPieces
  /** The answer so far, and what of it the markdown stream has. */
  #source = ''
  #read = 0
  /** With formats, links or marks in the block, words find their looks when all are there. */
  readonly #waits: boolean
  /** The replacement has its first block. */
  #open = false

  constructor(options: BlockEditOptions) {
    const { block } = options.block
    this.#options = options
    this.#old = dressedBlock(block)
    this.#shown = blockMarkdown(block).trim()
    this.#markdown = new MarkdownStream(options.hosts)
    this.#pieces = new EditPieces(block)
    this.#waits = !isPlain(this.#old) || MARKUP.test(this.#old.text)
  }

  push(text: string): Piece[] {
    this.#source = this.#source === '' ? text.trimStart() : this.#source + text
    if (this.#source === '' || this.#repeats()) return []
    return [
      ...this.#strike(),
      ...(this.#waits ? [] : this.#write(this.#markdown.push(this.#rest()))),
    ]
  }

  /** The rest. `cut`: the answer broke off, and half a replacement is none. */
  end(cut: boolean): Piece[] {
    const source = this.#source.trim()
    if (cut || source === this.#shown) return this.#pieces.drop()
    if (source === '') {
      const { length } = this.#old.text
      if (!this.#options.mayRemove) return []
      return [...this.#pieces.strike(0, length, true), ...this.#pieces.end()]
    }
    const pieces = [...this.#markdown.push(this.#rest()), ...this.#markdown.end()]
    const inPlace = this.#waits ? this.#inPlace(pieces) : undefined
    return [...(inPlace ?? [...this.#strike(), ...this.#write(pieces)]), ...this.#pieces.end()]
  }

  #rest(): string {
    const rest = this.#source.slice(this.#read)
    this.#read = this.#source.length
    return rest
  }

  #repeats(): boolean {
    return this.#shown.startsWith(this.#source.trimEnd())
  }

  /** Once the answer differs, all see what it is going to replace. */
  #strike(): Piece[] {
    return this.#pieces.begun ? [] : this.#pieces.strike(0, this.#old.text.length)
  }

  /** The new words in the old block, where they are one line of its kind; formats and links stay. */
  #inPlace(pieces: readonly Piece[]): Piece[] | undefined {
    const [first, ...more] = pieces.filter(({ kind }) => kind !== 'chunk')
    const isLine = first?.kind === 'block' && more.every(({ kind }) => kind === 'text')
    if (!isLine || !this.#fits(first.block)) return undefined
    const line = this.#source
      .trim()
      .replace(first.block.type === 'paragraph' ? '' : MARKER, '')
      .replace(/\s*\n\s*(?:>\s*)?/g, ' ')
    const read = readInline(line, { old: this.#old, hosts: this.#options.hosts })
    const { asShown } = this.#options
    const { text, ops } = dress(this.#old, read, { asShown })
    if (ops.every(({ kind }) => kind === 'keep')) return this.#pieces.drop()
    const whole = { from: 0, to: this.#old.text.length }
    return [...this.#strike(), ...this.#pieces.write(text, whole)]
  }

  #write(pieces: readonly Piece[]): Piece[] {
    const out: Piece[] = []
    for (const piece of pieces) {
      if (piece.kind === 'chunk') continue
      if (piece.kind !== 'block') out.push(piece)
      else if (this.#open) out.push({ kind: 'block', block: this.#indented(piece.block) })
      else out.push(...this.#first(this.#indented(piece.block)))
    }
    return out
  }

  #first(block: BlockSpec): Piece[] {
    this.#open = true
    if (this.#fits(block)) return []
    return [...this.#pieces.strike(0, 0, true), { kind: 'block', block }]
  }

  #fits(block: BlockSpec): boolean {
    return this.#old.text !== '' && fits(this.#indented(block), this.#options.block.block)
  }

  /** Items are shown without their depth, and come back without it. */
  #indented(spec: BlockSpec): BlockSpec {
    const { block } = this.#options.block
    if (spec.type !== 'listitem' || block.type !== 'listitem') return spec
    return { ...spec, depth: spec.depth + block.level }
  }
}

/** What markdown puts in front of a line, once more off. */
const MARKER = /^\s*(?:#{1,6}\s+|>\s*|(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?)/

/** Whether new text can take the place of the old one inside the same block. */
function fits(spec: BlockSpec, block: Block): boolean {
  const lineBreaks = block.inlines.some((inline) => inline.kind === 'break')
  if (lineBreaks || block.type === 'code' || block.type === 'divider') return false
  // Plain text for a heading, an item or a quote means its words, not that it be a paragraph.
  if (spec.type === 'paragraph') return block.type !== 'unknown'
  if (spec.type === 'heading') return block.type === 'heading' && spec.level === block.level
  if (spec.type === 'listitem') return block.type === 'listitem' && spec.list === block.list
  return spec.type === block.type
}
