/**
 * Markdown that goes on in a line: models leave out the space that belongs between what stands
 * before the caret and their first word.
 */
import type { Piece } from '#shared/document/piece.ts'
import type { Translator } from './generate.ts'

export class Continuation implements Translator {
  readonly #inner: Translator
  /** True until the first piece of text has come. */
  #first: boolean

  /** `before`: the line up to the caret. */
  constructor(inner: Translator, before: string) {
    this.#inner = inner
    this.#first = /\S$/u.test(before)
  }

  push(text: string): Piece[] {
    return this.#pass(this.#inner.push(text))
  }
  end(cut?: boolean): Piece[] {
    return this.#pass(this.#inner.end(cut))
  }

  #pass(pieces: Piece[]): Piece[] {
    return pieces.map((piece) => {
      if (!this.#first || piece.kind === 'chunk') return piece
      // Only what continues the line is joined to it; a list or a heading stands by itself.
      if (piece.kind === 'block' && piece.block.type === 'paragraph') return piece
      this.#first = false
      const joins = piece.kind === 'text' && !/^[\s.,;:!?…)\]}’”»]/u.test(piece.text)
      return joins ? { ...piece, text: ` ${piece.text}` } : piece
    })
  }
}
