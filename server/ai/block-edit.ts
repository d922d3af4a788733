/**
 * One block of the document and the markdown that arrives to stand in its place. The whole
 * replacement is one chunk: either the old block or the new ones make sense, not a mixture.
 */
import type { Block } from '#shared/document/blocks.ts'
import type { BlockSpec, Piece } from '#shared/document/piece.ts'
import { type AddressedBlock, spansBetween } from './addresses.ts'
import type { KnownHosts } from './markdown-line.ts'
import { MarkdownStream } from './markdown-stream.ts'

export class BlockEdit {
  readonly #target: AddressedBlock
  readonly #markdown: MarkdownStream
  #begun = false

  constructor(target: AddressedBlock, hosts: KnownHosts) {
    this.#target = target
    this.#markdown = new MarkdownStream(hosts)
  }

  push(text: string): Piece[] {
    return this.#pass(this.#markdown.push(text))
  }

  /** The rest. An answer without any text strikes the block, unless it only broke off (`cut`). */
  end(cut: boolean): Piece[] {
    const out = this.#pass(this.#markdown.end())
    if (!this.#begun && !cut) out.push(this.#strike(true))
    if (this.#begun) out.push({ kind: 'chunk' })
    return out
  }

  #pass(pieces: readonly Piece[]): Piece[] {
    const out: Piece[] = []
    for (const piece of pieces) {
      if (piece.kind === 'chunk') continue
      if (piece.kind === 'block') this.#open(piece.block, out)
      else out.push(piece)
    }
    return out
  }

  #open(spec: BlockSpec, out: Piece[]): void {
    const block = this.#indented(spec)
    if (this.#begun) {
      out.push({ kind: 'block', block })
      return
    }
    const inPlace = fits(spec, this.#target.block) && this.#target.text !== ''
    out.push(this.#strike(!inPlace))
    if (!inPlace) out.push({ kind: 'block', block })
  }

  #strike(whole: boolean): Piece {
    this.#begun = true
    const { block, text } = this.#target
    const spans = spansBetween(block, 0, text.length)
    return { kind: 'strike', spans, ...(whole ? { block: block.id } : {}) }
  }

  /** Items are shown without their depth, and come back without it. */
  #indented(spec: BlockSpec): BlockSpec {
    const { block } = this.#target
    if (spec.type !== 'listitem' || block.type !== 'listitem') return spec
    return { ...spec, depth: spec.depth + block.level }
  }
}

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
