/**
 * Puts boundaries between pieces: behind each sentence of a paragraph or quote, and behind each
 * block of any other kind. What stands between two boundaries is decided as one.
 */
import type { Piece } from '#shared/document/piece.ts'
import { certainEnds, doubtfulEnd, finalEnds } from '#shared/document/sentences.ts'
import { append } from './markdown-line.ts'

/** Characters that wait at most to learn whether a sentence ended before them. */
const DOUBT_LIMIT = 80

/** Of text without any end, only the last part is looked at again. */
const LONG = 800
const KEPT = 200

type Inline = Piece & { kind: 'text' | 'break' }

export class ChunkMarks {
  /** Whether the open block is prose, cut at its sentences. */
  #prose = true
  /** Text of the open block behind the last boundary. */
  #text = ''
  /** How much of `#text` has been passed on; the rest is in `#held`. */
  #passed = 0
  #held: Inline[] = []
  /** Something stands behind the last boundary. */
  #open = false

  /** The same pieces, with boundaries between them; text in doubt waits for the next call. */
  pass(pieces: readonly Piece[]): Piece[] {
    const out: Piece[] = []
    for (const piece of pieces) {
      if (piece.kind === 'text' || piece.kind === 'break') this.#write(piece, out)
      else if (piece.kind === 'block') this.#begin(piece, out)
      else out.push(piece)
    }
    return out
  }

  /** What waited, and the boundary behind everything. */
  end(): Piece[] {
    const out: Piece[] = []
    this.#close(out)
    return out
  }

  #begin(piece: Piece & { kind: 'block' }, out: Piece[]): void {
    this.#close(out)
    this.#prose = piece.block.type === 'paragraph' || piece.block.type === 'quote'
    this.#open = true
    out.push(piece)
  }

  #close(out: Piece[]): void {
    this.#release(finalEnds(this.#text), this.#text.length, out)
    if (this.#open) out.push({ kind: 'chunk' })
    this.#open = false
    this.#text = ''
    this.#passed = 0
  }

  #write(piece: Inline, out: Piece[]): void {
    if (!this.#prose) {
      out.push(piece)
      return
    }
    this.#text += textOf(piece)
    append(this.#held, piece)
    const doubt = doubtfulEnd(this.#text)
    const end = this.#text.length
    if (doubt === undefined) this.#release(certainEnds(this.#text), end, out)
    else if (end - doubt > DOUBT_LIMIT) this.#release(finalEnds(this.#text), end, out)
    else this.#release(certainEnds(this.#text), doubt, out)
    if (this.#passed > LONG) {
      this.#text = this.#text.slice(this.#passed - KEPT)
      this.#passed = KEPT
    }
  }

  /** Passes on the text up to `to`, with a boundary at each of `ends` before it. */
  #release(ends: readonly number[], to: number, out: Piece[]): void {
    let boundary = 0
    for (const end of ends) {
      if (end > to || end < this.#passed) continue
      this.#take(end, out)
      out.push({ kind: 'chunk' })
      this.#open = false
      boundary = end
    }
    this.#take(to, out)
    this.#text = this.#text.slice(boundary)
    this.#passed -= boundary
  }

  #take(to: number, out: Piece[]): void {
    while (this.#passed < to) {
      const piece = this.#held.shift()
      if (piece === undefined) return
      const room = to - this.#passed
      const size = textOf(piece).length
      this.#open = true
      if (piece.kind === 'text' && size > room) {
        out.push({ ...piece, text: piece.text.slice(0, room) })
        this.#held.unshift({ ...piece, text: piece.text.slice(room) })
        this.#passed = to
      } else {
        out.push(piece)
        this.#passed += size
      }
    }
  }
}

const textOf = (piece: Inline): string => (piece.kind === 'text' ? piece.text : '\n')
