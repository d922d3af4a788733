/**
 * CodeStream makes pieces of an answer that goes into a block of code: its lines as they are. A line
 * cannot be parted, so that more than one go below the line in whose middle the caret stands.
 */
import type { Piece } from '#shared/document/piece.ts'
import { type AddressedBlock, itemAt } from '../addresses.ts'
import { CodeLines } from '../edits/code-lines.ts'
import type { Translator } from '../generate.ts'

export class CodeStream implements Translator {
  readonly #lines = new CodeLines()
  /** What stands before the caret in its line. */
  readonly #before: string
  /** Where the line ends, if something stands behind the caret in it. */
  readonly #endOfLine: { client: number; clock: number } | undefined
  /** The spaces and breaks that the answer begins with. */
  #lead = ''
  #leads = true
  /** The first line, while it is not known whether it is the only one. */
  #first: string | undefined
  #begun = false

  constructor({ block, offset }: { block: AddressedBlock; offset: number }) {
    const { text } = block
    const end = text.indexOf('\n', offset)
    const line = end < 0 ? text.length : end
    this.#before = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset)
    const isMiddle = text.slice(offset, line).trim() !== ''
    this.#endOfLine = isMiddle ? itemAt(block.block, line - 1) : undefined
  }

  push(text: string): Piece[] {
    if (this.#leads) {
      const lead = /^\s*/.exec(text)![0]
      this.#lead += lead
      this.#leads = lead === text
    }
    return this.#lines.push(text).flatMap((line) => this.#take(line))
  }

  end(cut = false): Piece[] {
    const out = this.#lines.end().flatMap((line) => this.#take(line))
    if (this.#first !== undefined) out.push(...textOf(this.#first))
    if (!cut && (this.#first !== undefined || this.#begun)) out.push({ kind: 'chunk' })
    return out
  }

  #take(line: string): Piece[] {
    if (this.#begun) return [{ kind: 'break' }, ...textOf(line)]
    const first = this.#first
    if (first === undefined && this.#endOfLine) {
      this.#first = line
      return []
    }
    this.#begun = true
    this.#first = undefined
    if (first === undefined) return this.#beginWith(line)
    const place: Piece = { kind: 'after', ...this.#endOfLine! }
    return [place, { kind: 'break' }, ...textOf(first), { kind: 'break' }, ...textOf(line)]
  }

  /** On the line of the caret, unless the answer is for the next one. */
  #beginWith(line: string): Piece[] {
    const isBlank = this.#before.trim() === ''
    if (isBlank) {
      const indented = line.startsWith(this.#before)
      return textOf(indented ? line.slice(this.#before.length) : line.trimStart())
    }
    const isNext = this.#lead.includes('\n') || /^(?: {2}|\t)/.test(line)
    return [...(isNext ? [{ kind: 'break' } as const] : []), ...textOf(line)]
  }
}

const textOf = (line: string): Piece[] =>
  line === '' ? [] : [{ kind: 'text', text: line, format: 0 }]
