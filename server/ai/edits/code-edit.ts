/**
 * CodeEdit puts the lines that arrive in place of a block of code: another block of code, line by
 * line, in one chunk. Nothing of it is read as markdown.
 */

import { blockText } from '#shared/document/blocks.ts'
import type { Piece } from '#shared/document/piece.ts'
import type { AddressedBlock } from '../addresses.ts'
import { CodeLines } from './code-lines.ts'
import { EditPieces } from './edit-pieces.ts'

export interface CodeEditOptions {
  block: AddressedBlock
  mayRemove: boolean
}

export class CodeEdit {
  readonly #options: CodeEditOptions
  readonly #old: string
  readonly #lines = new CodeLines()
  readonly #pieces: EditPieces
  /** Lines that the old code begins with too: what only repeats it changes nothing. */
  #same: string[] = []
  #open = false

  constructor(options: CodeEditOptions) {
    this.#options = options
    this.#old = blockText(options.block.block)
    this.#pieces = new EditPieces(options.block.block)
  }

  push(text: string): Piece[] {
    return this.#write(this.#lines.push(text))
  }

  /** The rest. `cut`: the answer broke off, and half a replacement is none. */
  end(cut: boolean): Piece[] {
    if (cut) return this.#pieces.drop()
    const out = this.#write(this.#lines.end())
    const isEmpty = !this.#open && this.#same.length === 0
    if (!this.#open && this.#same.join('\n') !== this.#old) {
      if (!isEmpty) out.push(...this.#begin())
      else if (this.#options.mayRemove) out.push(...this.#pieces.strike(0, this.#old.length, true))
    }
    return [...out, ...this.#pieces.end()]
  }

  #write(lines: readonly string[]): Piece[] {
    const out: Piece[] = []
    for (const line of lines) {
      if (this.#open) out.push(...textOf(line, true))
      else {
        this.#same.push(line)
        if (!`${this.#old}\n`.startsWith(`${this.#same.join('\n')}\n`)) out.push(...this.#begin())
      }
    }
    return out
  }

  #begin(): Piece[] {
    this.#open = true
    const { block } = this.#options.block
    const language = this.#lines.language ?? block.language ?? null
    return [
      ...this.#pieces.strike(0, this.#old.length, true),
      { kind: 'block', block: { type: 'code', language } },
      ...this.#same.flatMap((line, n) => textOf(line, n > 0)),
    ]
  }
}

/** One line of code; a break before all but the first. */
function textOf(line: string, breaks: boolean): Piece[] {
  return [
    ...(breaks ? [{ kind: 'break' } as const] : []),
    ...(line === '' ? [] : [{ kind: 'text', text: line, format: 0 } as const]),
  ]
}
