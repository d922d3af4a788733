/**
 * The text of one run: makes Yjs items out of pieces, under the run's own client id, and chunks out
 * of what lies between their boundaries. It knows the document and the book of chunks; when to
 * write, commit and tell is the room's business.
 */

import * as Y from 'yjs'
import type { BlockSpec, Piece } from '#shared/document/piece.ts'
import { chunkId, FLAG, formatFlag, INDEX, PROPERTIES } from '#shared/document/shape.ts'
import { unreachable } from '#shared/errors.ts'
import { InlineElements } from './inline-elements.ts'
import { NewBlocks, removeEmptyBlocks } from './new-blocks.ts'
import { isEmptyParagraph, Pen, type Spot } from './pen.ts'
import { elementOf, type Place, parseBlockId } from './place.ts'
import type { Heir } from './settle.ts'
import { isStruckWhole, spotBehind, strike, strikeBlock, unwrite } from './strike.ts'
import type { Suggestions } from './suggestions.ts'
import type { CompleteChunk, StoredChunk, Written } from './types.ts'

export interface RunTextOptions {
  suggestion: string
  /** The Yjs client id that this run, and nobody else, writes with. */
  client: number
  place: Place
  /** Number of the first chunk, for a run that goes on. 1 unless said otherwise. */
  firstChunk?: number
}

export class RunText {
  readonly #suggestions: Suggestions
  readonly #doc: Y.Doc
  readonly #suggestion: string
  readonly #client: number
  readonly #pen: Pen
  readonly #blocks: NewBlocks
  readonly #inline: InlineElements
  readonly #isEdit: boolean
  readonly #heir: Heir = (block) => this.#inherit(block)
  #nextChunk: number
  #chunk: StoredChunk | undefined
  /** The next block piece is the line that the pen stands in. */
  #startsInLine: boolean
  /** Bits of FORMAT that the character on the left has; unknown where people may have been. */
  #format: number | undefined
  /** What was to be edited is gone: nothing to write until the next boundary. */
  #skipping = false
  /** Something that the chunk under way was to change is gone. */
  #missed = false
  #gone = false
  #ended = false
  #text = ''
  #complete: CompleteChunk[] = []

  constructor(
    suggestions: Suggestions,
    { suggestion, client, place, firstChunk = 1 }: RunTextOptions,
  ) {
    this.#suggestions = suggestions
    this.#doc = suggestions.doc
    this.#suggestion = suggestion
    this.#client = client
    this.#nextChunk = firstChunk
    this.#isEdit = place.kind === 'edit'
    this.#startsInLine = place.kind === 'inline' || place.kind === 'end'
    this.#pen = new Pen(suggestions.book, suggestion, place)
    this.#blocks = new NewBlocks(suggestions.book)
    this.#inline = new InlineElements(this.#pen, client)
    suggestions.pens.add(this.#heir)
  }

  /** Writes a batch in one transaction. Must not be called inside another transaction. */
  write(pieces: readonly Piece[], origin: unknown): Written {
    if (this.#ended || this.gone) return this.#written()
    return this.#asClient(origin, () => {
      this.#suggestions.repair(origin)
      this.#pen.start()
      for (const piece of pieces) if (!this.#gone) this.#writePiece(piece)
    })
  }

  /** Completes the chunk under way and lays the pen down. Idempotent. */
  end(origin: unknown): Written {
    if (this.#ended) return this.#written()
    this.#ended = true
    this.#suggestions.pens.delete(this.#heir)
    return this.#asClient(origin, () => {
      if (this.#chunk) removeEmptyBlocks(this.#suggestions.book, this.#chunk)
      this.#boundary()
    })
  }

  /** Where the pen stands, for awareness: it follows the text by itself while only the run writes. */
  caret(): Y.RelativePosition | undefined {
    return this.#ended ? undefined : this.#pen.caret()
  }

  /** The place is gone, or none of the run's characters is left: nothing more will be written. */
  get gone(): boolean {
    this.#gone ||= this.#pen.isLost
    return this.#gone
  }

  #asClient(origin: unknown, write: () => void): Written {
    const { clientID } = this.#doc
    this.#doc.clientID = this.#client
    try {
      this.#doc.transact(write, origin)
    } finally {
      this.#doc.clientID = clientID
    }
    return this.#written()
  }

  #written(): Written {
    const written = { text: this.#text, complete: this.#complete, gone: this.gone }
    this.#text = ''
    this.#complete = []
    return written
  }

  #writePiece(piece: Piece): void {
    switch (piece.kind) {
      case 'block':
        return this.#openBlock(piece.block)
      case 'text':
        return this.#writeText(piece.text, piece.format, piece.url)
      case 'break':
        return this.#writeBreak()
      case 'chunk':
        if (this.#isWorthDeciding) this.#boundary()
        return
      case 'strike':
        if (!piece.same) this.#boundary()
        return this.#strike(piece)
      case 'after':
        if (!piece.same) this.#boundary()
        return this.#goBehind(piece)
      default:
        return unreachable(piece)
    }
  }

  /** A sentence without characters goes on; whatever else was opened stands for itself. */
  get #isWorthDeciding(): boolean {
    const chunk = this.#chunk
    return chunk?.kind !== 'sentence' || this.#suggestions.book.hasText(chunk)
  }

  /** Ends the chunk under way. */
  #boundary(): void {
    this.#skipping = false
    this.#inline.endChunk()
    const chunk = this.#chunk
    const missedAll = this.#missed && chunk?.del.length === 0
    this.#missed = false
    if (!chunk) return
    this.#chunk = undefined
    if (missedAll) unwrite(this.#suggestions.book, chunk)
    this.#complete.push(this.#suggestions.book.complete(chunk))
  }

  #startChunk(kind: StoredChunk['kind']): StoredChunk {
    const id = chunkId(this.#suggestion, this.#nextChunk++)
    this.#chunk = this.#suggestions.book.open(id, kind)
    this.#format = undefined
    return this.#chunk
  }

  #strike({ spans, block }: Extract<Piece, { kind: 'strike' }>): void {
    const { book } = this.#suggestions
    const chunk = this.#chunk ?? this.#startChunk('edit')
    const spot = strike(book, chunk, spans)
    const id = block === undefined ? undefined : parseBlockId(block)
    const element = id && elementOf(this.#doc, id)
    const mayStrike = spot !== undefined || spans.length === 0
    this.#goTo(spot)
    if (element && mayStrike && strikeBlock(book, chunk, element)) {
      this.#skipping = false
      this.#startsInLine = false
      this.#pen.standBehind(element)
    }
    if (this.#skipping) this.#missed = true
    // What came to nothing takes no place among the chunks that people see.
    if (chunk.ins.length > 0 || chunk.del.length > 0) return
    book.complete(chunk)
    this.#chunk = undefined
  }

  #goBehind(piece: Extract<Piece, { kind: 'after' }>): void {
    const spot = spotBehind(this.#doc, piece)
    if (spot?.isLost) this.#missed = true
    this.#goTo(spot)
  }

  /** What follows is written there, or not at all. */
  #goTo(spot: Spot | undefined): void {
    this.#inline.endChunk()
    this.#format = undefined
    this.#skipping = !spot
    if (!spot) return
    this.#pen.standIn(spot.text, spot.index)
    this.#startsInLine = true
  }

  #openBlock(spec: BlockSpec): void {
    if (this.#skipping) return
    const line = this.#startsInLine ? this.#pen.holder : undefined
    this.#startsInLine = false
    if (line && (spec.type === 'paragraph' || spec.type === line.nodeName)) return
    const behind = this.#pen.topBlock()
    if (behind === null) return this.#losePlace()
    const { book } = this.#suggestions
    const chunk = this.#chunkOfBlock(spec)
    if (line && (isEmptyParagraph(line) || isStruckWhole(book, chunk, line))) {
      strikeBlock(book, chunk, line)
    }
    this.#format = undefined
    const item = this.#isEdit ? this.#pen.listItem : undefined
    this.#own(chunk, () => {
      const block = this.#blocks.open(spec, item ? { item } : { behind }, chunk)
      const text = block.nodeName === 'horizontalrule' ? undefined : block.get(0)
      if (text instanceof Y.XmlText) this.#pen.standIn(text, 0)
      else this.#pen.standBehind(block)
    })
    if (spec.type === 'divider' && !this.#isEdit) this.#boundary()
  }

  /** All blocks that replace something are decided as one, together with what they replace. */
  #chunkOfBlock(spec: BlockSpec): StoredChunk {
    if (this.#isEdit) return this.#chunk ?? this.#startChunk('edit')
    this.#boundary()
    const isText = spec.type === 'paragraph' || spec.type === 'quote'
    return this.#startChunk(isText ? 'sentence' : 'block')
  }

  /** An edit has other places to come; any other run ends. */
  #losePlace(): void {
    if (this.#isEdit) this.#skipping = true
    else this.#gone = true
  }

  #writeText(text: string, format: number, url: string | undefined): void {
    if (this.#skipping || text === '') return
    if (!this.#pen.isInLine) {
      if (this.#pen.isNowhere) return
      this.#openBlock({ type: 'paragraph' })
    }
    this.#startsInLine = false
    if (!this.#pen.spot()) return this.#losePlace()
    const chunk = this.#chunk ?? this.#startChunk(this.#isEdit ? 'edit' : 'sentence')
    this.#own(chunk, () => {
      if (this.#inline.follow(url, chunk)) this.#format = undefined
      const spot = this.#pen.spot()
      if (!spot) return
      const explicit = this.#format !== format
      if (explicit) spot.text.insert(spot.index, text, attributes(chunk, format))
      else spot.text.insert(spot.index, text)
      this.#pen.standIn(spot.text, spot.index + text.length)
    })
    this.#format = format
    this.#text += text
  }

  #writeBreak(): void {
    if (this.#skipping || !this.#pen.isInLine) return
    const chunk = this.#chunk ?? this.#startChunk('sentence')
    let broken = false
    this.#own(chunk, () => {
      broken = this.#inline.breakLine(chunk)
    })
    if (!broken) return this.#writeText(' ', this.#format ?? 0, undefined)
    this.#format = undefined
    this.#text += '\n'
  }

  /** Whatever `write` makes belongs to the chunk. */
  #own(chunk: StoredChunk, write: () => void): void {
    const from = Y.getState(this.#doc.store, this.#client)
    write()
    const to = Y.getState(this.#doc.store, this.#client)
    this.#suggestions.book.own('ins', chunk, this.#client, from, to)
  }

  /** A block in which the pen stands is not to go because an earlier chunk in it was rejected. */
  #inherit(block: Y.XmlElement): StoredChunk | undefined {
    const standsIn = block === this.#pen.holder || block === this.#pen.holder?.parent
    if (!standsIn || !this.#pen.hasLivingText) return undefined
    if (this.#isEdit) return this.#chunk
    return this.#chunk ?? this.#startChunk('sentence')
  }
}

const attributes = (chunk: StoredChunk, format: number) => ({
  [FLAG]: formatFlag({ op: 'ins', chunk: chunk.id }),
  [PROPERTIES]: format === 0 ? null : { __format: format },
  [INDEX]: null,
})
