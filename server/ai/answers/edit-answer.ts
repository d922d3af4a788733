/**
 * EditAnswer reads a model's answer to an edit command: by its addresses where it has any, and else,
 * when all of it is there, by what alone it can be about (plain-answer.ts).
 */
import type { Piece } from '#shared/document/piece.ts'
import type { Translator } from '../generate.ts'
import { addressOf, saysNone } from './answer-address.ts'
import { EditStream, type EditStreamOptions } from './edit-stream.ts'
import { withAddresses } from './plain-answer.ts'

export interface EditAnswerOptions extends EditStreamOptions {
  form: 'sentences' | 'blocks'
}

export class EditAnswer implements Translator {
  readonly #options: EditAnswerOptions
  readonly #stream: EditStream
  readonly #known: ReadonlySet<string>
  /** What came before an address was seen, and where its last line begins. */
  #held = ''
  #line = 0
  #isAddressed = false
  #isUnclear = false

  constructor(options: EditAnswerOptions) {
    this.#options = options
    this.#stream = new EditStream(options)
    this.#known = new Set(options.blocks.map(({ address }) => address))
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
    if (this.#isAddressed) return this.#stream.push(text)
    this.#held += text
    if (!this.#findAddress()) return []
    this.#isAddressed = true
    return this.#stream.push(this.#held)
  }

  end(cut = false): Piece[] {
    if (this.#isAddressed) return this.#stream.end(cut)
    if (cut) return []
    // The last line is whole now, such as a mere `@@ none`.
    const last = this.push('\n')
    if (this.#isAddressed) return [...last, ...this.#stream.end()]
    const { blocks, form } = this.#options
    const answer = withAddresses(this.#held, blocks, form)
    this.#isUnclear = answer === undefined
    return [...this.#stream.push(answer ?? ''), ...this.#stream.end()]
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
    return address !== undefined && this.#known.has(address.block)
  }
}
