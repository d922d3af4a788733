/**
 * EditPieces turns changes of a block's text into pieces, all in one chunk: what goes is struck
 * before what comes is written, and each new word is written where its look belongs. A link is a
 * place of its own: its words are written into it, and those beside it before or behind it.
 */
import type { Block } from '#shared/document/blocks.ts'
import type { Piece } from '#shared/document/piece.ts'
import { itemAt, spansBetween } from '../addresses.ts'
import type { EditOp } from './dress.ts'
import { type Dressed, dressedBlock, joined, stretches } from './looks.ts'

/** A place in the old text: behind the character before this offset, or in front of the one at it. */
interface Place {
  offset: number
  side: 'after' | 'before'
}

/** What goes between two words that stay: the old text `from..to`, which may be nothing. */
interface Gap {
  from: number
  to: number
}

export class EditPieces {
  readonly #block: Block
  readonly #old: Dressed
  #begun = false
  /** Where the pen stands, once it has been moved. */
  #pen: Place | undefined
  /** The last place of this gap that was written at: words come in order. */
  #reached: Place | undefined

  constructor(block: Block) {
    this.#block = block
    this.#old = dressedBlock(block)
  }

  /** Something has been struck or written. */
  get begun(): boolean {
    return this.#begun
  }

  /** The pieces of a whole change; `offset` is where the old text begins in the block. */
  all(ops: readonly EditOp[], offset: number): Piece[] {
    const out: Piece[] = []
    let gap: Gap = { from: offset, to: offset }
    let text: Dressed[] = []
    const flush = () => {
      out.push(...this.strike(gap.from, gap.to), ...this.write(joined(text), gap))
      text = []
    }
    for (const op of ops) {
      if (op.kind === 'insert') text.push(op.text)
      else if (op.kind === 'delete') gap.to = offset + op.to
      else {
        flush()
        gap = { from: offset + op.to, to: offset + op.to }
      }
    }
    flush()
    return out
  }

  /** Strikes old characters; `whole` the block with them. */
  strike(from: number, to: number, whole = false): Piece[] {
    const spans = spansBetween(this.#block, from, to)
    if (spans.length === 0 && !whole) return []
    const block = whole ? { block: this.#block.id } : {}
    const piece: Piece = { kind: 'strike', spans, ...block, ...this.#same() }
    if (spans.length > 0) {
      this.#pen = { offset: to, side: 'after' }
      this.#reached = undefined
    }
    return [piece]
  }

  /** Writes new text where the old text of a gap stood. */
  write(text: Dressed, gap: Gap): Piece[] {
    const out: Piece[] = []
    const parts = [...stretches(text)]
    for (const [n, { text: words, look }] of parts.entries()) {
      const rest = parts.slice(n).map((part) => part.look.url)
      const at = Math.max(this.#reached?.offset ?? 0, gap.from)
      const place = this.#placeOf(rest, gap, at)
      const isLater = order(place) > order(this.#reached)
      if (isLater && !isSame(place, this.#pen)) {
        const item = itemAt(this.#block, place.side === 'after' ? place.offset - 1 : place.offset)
        if (item) out.push({ kind: place.side, ...item, ...this.#same() })
        this.#pen = place
      }
      if (isLater) this.#reached = place
      const { format, url } = look
      out.push({ kind: 'text', text: words, format, ...(url === undefined ? {} : { url }) })
    }
    return out
  }

  /** The boundary, where there is something to decide. */
  end(): Piece[] {
    return this.#begun ? [{ kind: 'chunk' }] : []
  }

  /** Takes it back, where it broke off. */
  drop(): Piece[] {
    return this.#begun ? [{ kind: 'drop' }] : []
  }

  #same(): { same?: true } {
    if (this.#begun) return { same: true }
    this.#begun = true
    return {}
  }

  /** For words with the first address of `urls`; the others follow them. */
  #placeOf([url, ...later]: readonly (string | undefined)[], gap: Gap, at: number): Place {
    if (url !== undefined) {
      const link = this.#linkIn(url, gap, at)
      if (link) return link
      // A link of its own needs a place outside of others, as plain words do.
    }
    const next = later.find((one) => one !== undefined && this.#linkIn(one, gap, at))
    const limit = next === undefined ? gap.to : this.#beginOf(next, gap, at)
    return this.#plainIn(gap, at, limit)
  }

  /** In a link with this address: behind its struck words, or beside those that stay. */
  #linkIn(url: string, { from, to }: Gap, at: number): Place | undefined {
    const begin = this.#beginOf(url, { from, to }, at)
    if (begin < to) {
      let end = begin
      while (end < to && this.#urlAt(end) === url) end++
      return { offset: end, side: 'after' }
    }
    if (at === from && this.#urlAt(from - 1) === url) return { offset: from, side: 'after' }
    return this.#urlAt(to) === url ? { offset: to, side: 'before' } : undefined
  }

  #beginOf(url: string, { to }: Gap, at: number): number {
    let begin = at
    while (begin < to && this.#urlAt(begin) !== url) begin++
    return begin
  }

  /** Outside of links: behind the last struck word that is in none, else beside what is there. */
  #plainIn({ from, to }: Gap, at: number, limit: number): Place {
    for (let end = limit; end > at; end--)
      if (this.#isPlain(end - 1)) return { offset: end, side: 'after' }
    if (at > from) return { offset: at, side: 'after' }
    if (this.#isPlain(from - 1)) return { offset: from, side: 'after' }
    if (from === to && this.#isPlain(from)) return { offset: from, side: 'before' }
    const isAfter = from > 0 && itemAt(this.#block, from - 1) !== undefined
    return { offset: from, side: isAfter ? 'after' : 'before' }
  }

  #urlAt(at: number): string | undefined {
    return this.#old.looks[at]?.url
  }

  #isPlain(at: number): boolean {
    return itemAt(this.#block, at) !== undefined && this.#urlAt(at) === undefined
  }
}

/** Behind a character comes before in front of the next: others may have written between them. */
const order = (place: Place | undefined): number =>
  place ? place.offset * 2 + (place.side === 'before' ? 1 : 0) : -1

const isSame = (a: Place, b: Place | undefined): boolean =>
  a.offset === b?.offset && a.side === b.side
