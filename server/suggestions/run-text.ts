/**
 * RunText makes Yjs items out of a run's pieces, under the run's own client id. It knows the document
 * and the chunks; when to write, commit and tell is the room's business.
 */

import * as Y from 'yjs'
import type { BlockSpec, Piece } from '#shared/document/piece.ts'
import { unreachable } from '#shared/errors.ts'
import { isUndecided } from './chunk-book.ts'
import { InlineElements } from './inline-elements.ts'
import { NewBlocks, removeEmptyBlocks } from './new-blocks.ts'
import { isEmptyParagraph, Pen, type Spot } from './pen.ts'
import { elementOf, type Place, parseBlockId } from './place.ts'
import { RunChunks, textAttributes } from './run-chunks.ts'
import type { Heir } from './settle.ts'
import { isStruckWhole, spotBeside, strike, strikeBlock } from './strike.ts'
import type { Suggestions } from './suggestions.ts'
import type { StoredChunk, Written } from './types.ts'

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
  readonly #suggestion: string
  readonly #doc: Y.Doc
  readonly #client: number
  readonly #chunks: RunChunks
  readonly #pen: Pen
  readonly #blocks: NewBlocks
  readonly #inline: InlineElements
  readonly #isEdit: boolean
  readonly #heir: Heir = (block) => this.#inherit(block)
  /** The next block piece is the line that the pen stands in. */
  #startsInLine: boolean
  /** Bits of FORMAT that the character on the left has; unknown where people may have been. */
  #format: number | undefined
  /** What was to be edited is gone: nothing to write until the next boundary. */
  #skipping = false
  #gone = false
  #ended = false
  /** What came while the place was gone. */
  #kept: Piece[] = []
  #text = ''

  constructor(
    suggestions: Suggestions,
    { suggestion, client, place, firstChunk = 1 }: RunTextOptions,
  ) {
    this.#suggestions = suggestions
    this.#suggestion = suggestion
    this.#doc = suggestions.doc
    this.#client = client
    this.#chunks = new RunChunks(suggestions, { suggestion, client, first: firstChunk })
    this.#isEdit = place.kind === 'edit'
    this.#startsInLine = place.kind === 'inline' || place.kind === 'end'
    this.#pen = new Pen(suggestions.book, suggestion, place)
    this.#blocks = new NewBlocks(suggestions.book)
    this.#inline = new InlineElements(this.#pen, client)
    suggestions.pens.add(this.#heir)
  }

  /** Writes a batch in one transaction, inside no other one; keeps it while the place is gone. */
  write(batch: readonly Piece[], origin: unknown): Written {
    if (this.#ended || this.gone) return this.#written()
    const pieces = [...this.#kept.splice(0), ...batch]
    if (this.waits) {
      this.#kept = pieces
      this.#format = undefined
      return this.#written()
    }
    return this.#asClient(origin, () => {
      if (this.#chunk) this.#original.judge(this.#chunk)
      this.#suggestions.repair(origin)
      this.#pen.start()
      for (const piece of pieces) if (!this.#gone) this.#writePiece(piece)
      if (this.#chunk) this.#original.keep(this.#chunk)
      this.#suggestions.repair(origin)
    })
  }

  /** Completes the chunk under way, or takes back that of an edit, and lays the pen down. Idempotent. */
  end(origin: unknown): Written {
    if (this.#ended) return this.#written()
    this.#ended = true
    this.#suggestions.pens.delete(this.#heir)
    return this.#asClient(origin, () => {
      if (this.#isEdit) this.#drop()
      if (this.#chunk) removeEmptyBlocks(this.#suggestions.book, this.#chunk)
      this.#boundary()
    })
  }

  /** Where the pen stands, for awareness: it follows the text by itself while only the run writes. */
  caret(): Y.RelativePosition | undefined {
    return this.#ended ? undefined : this.#pen.caret()
  }

  /** The place is gone for good, or all that was written was rejected: nothing more will be written. */
  get gone(): boolean {
    this.#gone ||= this.#pen.isLost && !this.#mayComeBack
    return this.#gone
  }

  /** The place is gone, and what was written there may come back by undo. */
  get waits(): boolean {
    return !this.#ended && !this.#gone && this.#pen.isLost && this.#mayComeBack
  }

  /** Something is not written yet, as its place is gone. */
  get isKeeping(): boolean {
    return this.#kept.length > 0
  }

  /** It has been waited for long enough. */
  giveUp(): void {
    this.#gone = true
  }

  /** Nobody has rejected all of it. */
  get #mayComeBack(): boolean {
    return this.#suggestions.book.of(this.#suggestion).some(isUndecided)
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
    const complete = this.#chunks.takeComplete()
    const written = { text: this.#text, complete, gone: this.gone }
    this.#text = ''
    return written
  }

  #writePiece(piece: Piece): void {
    if (this.#chunks.isDropped && goesOn(piece)) return
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
      case 'original':
        this.#boundary()
        return this.#original.begin(piece)
      case 'strike':
        if (!piece.same) this.#boundary()
        return this.#strike(piece)
      case 'after':
      case 'before':
        if (!piece.same) this.#boundary()
        return this.#goBeside(piece)
      case 'drop':
        return this.#drop()
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
    this.#chunks.end()
  }

  get #chunk(): StoredChunk | undefined {
    return this.#chunks.underWay
  }
  get #original() {
    return this.#chunks.original
  }

  #startChunk(kind: StoredChunk['kind']): StoredChunk {
    this.#format = undefined
    return this.#chunks.start(kind)
  }

  #strike({ spans, block, same }: Extract<Piece, { kind: 'strike' }>): void {
    const { book } = this.#suggestions
    // A block whose words were struck a moment ago goes with them, unless they were gone by then.
    if (same && this.#skipping && spans.length === 0) return
    const chunk = this.#chunk ?? this.#startChunk('edit')
    const isStale = chunk.state === 'stale'
    const spot =
      strike(book, chunk, spans) ?? (isStale ? this.#original.spotInstead(chunk, spans) : undefined)
    this.#original.composition?.strike(spans)
    this.#suggestions.struck()
    this.#goTo(spot)
    const mayStrike = spot !== undefined || spans.length === 0
    if (block !== undefined) this.#strikeBlock(chunk, block, mayStrike)
    if (this.#skipping) this.#chunks.miss()
  }

  #strikeBlock(chunk: StoredChunk, block: string, mayStrike: boolean): void {
    const id = parseBlockId(block)
    const element = id && elementOf(this.#doc, id)
    this.#original.composition?.strikeBlock()
    if (element && mayStrike) strikeBlock(this.#suggestions.book, chunk, element)
    const behind = element && mayStrike ? element : this.#original.blockInstead(chunk)
    if (!behind) return
    this.#skipping = false
    this.#startsInLine = false
    this.#pen.standBehind(behind)
  }

  #goBeside(piece: Extract<Piece, { kind: 'after' | 'before' }>): void {
    const spot = spotBeside(this.#doc, piece, piece.kind)
    const isLost = !spot || spot.isLost
    const chunk = isLost ? (this.#chunk ?? this.#startChunk('edit')) : undefined
    const isStale = chunk?.state === 'stale'
    if (isLost && !isStale) this.#chunks.miss()
    if (piece.kind === 'after') this.#original.composition?.goBehind(piece)
    else this.#original.composition?.goBefore(piece)
    this.#goTo(spot ?? (isStale ? this.#original.spotInstead(chunk, []) : undefined))
  }

  /** Half a replacement is none: the old text stands again. */
  #drop(): void {
    this.#skipping = false
    this.#format = undefined
    this.#inline.endChunk()
    this.#chunks.drop()
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
      this.#original.composition?.strikeBlock()
    }
    this.#original.composition?.breakLine()
    this.#format = undefined
    const item = this.#isEdit ? this.#pen.listItem : undefined
    this.#chunks.own(chunk, () => {
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
    this.#chunks.own(chunk, () => {
      if (this.#inline.follow(url, chunk)) this.#format = undefined
      const spot = this.#pen.spot()
      if (!spot) return
      const explicit = this.#format !== format
      if (explicit) spot.text.insert(spot.index, text, textAttributes(chunk, format))
      else spot.text.insert(spot.index, text)
      this.#pen.standIn(spot.text, spot.index + text.length)
    })
    this.#format = format
    this.#text += text
    this.#original.composition?.write(text)
  }

  #writeBreak(): void {
    if (this.#skipping || !this.#pen.isInLine) return
    const chunk = this.#chunk ?? this.#startChunk('sentence')
    let broken = false
    this.#chunks.own(chunk, () => {
      broken = this.#inline.breakLine(chunk)
    })
    if (!broken) return this.#writeText(' ', this.#format ?? 0, undefined)
    this.#format = undefined
    this.#text += '\n'
    this.#original.composition?.write('\n')
  }

  /** A block in which the pen stands is not to go because an earlier chunk in it was rejected. */
  #inherit(block: Y.XmlElement): StoredChunk | undefined {
    const standsIn = block === this.#pen.holder || block === this.#pen.holder?.parent
    if (!standsIn || !this.#pen.hasLivingText) return undefined
    if (this.#isEdit) return this.#chunk
    return this.#chunk ?? this.#startChunk('sentence')
  }
}

/** Whether a piece belongs to the chunk under way. */
const goesOn = (piece: Piece): boolean =>
  ['text', 'break', 'block'].includes(piece.kind) || ('same' in piece && piece.same === true)
