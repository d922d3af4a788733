/**
 * EditAnswer reads a model's answer to an edit command: by its addresses where it has any, and else,
 * when all of it is there, by what alone it can be about (plain-answer.ts, meant-address.ts).
 */
import type { Piece } from '#shared/document/piece.ts'
import type { AddressedBlock } from '../addresses.ts'
import type { Translator } from '../generate.ts'
import { AddressLines } from './address-lines.ts'
import { addressOf, saysNone } from './answer-address.ts'
import { EditStream, type EditStreamOptions } from './edit-stream.ts'
import { meantAnswer } from './meant-address.ts'

export interface EditAnswerOptions extends EditStreamOptions {
  form: 'sentences' | 'blocks'
  /** The document's other blocks, which an answer may name though it must not. */
  others?: readonly AddressedBlock[]
}

export class EditAnswer implements Translator {
  readonly #options: EditAnswerOptions
  readonly #stream: EditStream
  readonly #lines: AddressLines
  /** What came before an address was seen, and where its last line begins. */
  #held = ''
  #line = 0
  #isAddressed = false
  #isUnclear = false

  constructor(options: EditAnswerOptions) {
    this.#options = options
    this.#stream = new EditStream(options)
    this.#lines = new AddressLines((address) =>
      options.blocks.some(({ text }) => text.includes(address)),
    )
  }

  /** Addresses of the blocks and sentences that the answer has come to and left again. */
  get answered(): ReadonlySet<string> {
    return this.#stream.answered
  }

  /** It came to its end without saying what it is about: fewer blocks at once may help. */
  get isUnclear(): boolean {
    return this.#isUnclear
  }

  push(text: string): Piece[] {
    return this.#read(this.#lines.push(text))
  }

  end(cut = false): Piece[] {
    const rest = this.#read(this.#lines.end())
    if (this.#isAddressed) return [...rest, ...this.#stream.end(cut)]
    if (cut) return []
    // The last line is whole now, such as a mere `@@ none`.
    const last = this.#read('\n')
    if (this.#isAddressed) return [...last, ...this.#stream.end()]
    const { blocks, form, others = [] } = this.#options
    const answer = meantAnswer(this.#held, { blocks, form, others })
    this.#isUnclear = answer === undefined
    return [...this.#stream.push(answer ?? ''), ...this.#stream.end()]
  }

  #read(text: string): Piece[] {
    if (this.#isAddressed) return this.#stream.push(text)
    this.#held += text
    if (!this.#findAddress()) return []
    this.#isAddressed = true
    return this.#stream.push(this.#held)
  }

  #findAddress(): boolean {
    const lines = this.#held.slice(this.#line).split('\n')
    this.#line = this.#held.length - lines.at(-1)!.length
    return lines.some((line, n) => {
      const isWhole = n < lines.length - 1
      if (/^\s*#*\s*@@/.test(line)) return isWhole && (saysNone(line) || this.#isKnown(line))
      return this.#isKnown(line)
    })
  }

  #isKnown(line: string): boolean {
    const address = addressOf(line)
    return address !== undefined && this.#stream.knows(address)
  }
}
