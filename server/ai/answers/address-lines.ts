/**
 * AddressLines gives each address of an answer the line that it should begin: models write
 * `b1.1: One. b1.2: Two.` in one line, and name an address twice. Neither may reach the document.
 */
import { addressOf } from './answer-address.ts'

const NUMBER = String.raw`b\d{1,6}\.\d{1,6}(?:-(?:b\d{1,6}\.)?\d{1,6})?`
const OPENING = '[[(`*_]*'
const CLOSING = '[\\])`*_]*'
/** Within a line only the number of a sentence, or `@@`, makes it an address. */
const WITHIN = new RegExp(
  String.raw`(?<=[\s.!?…。！？])(?:(?:@@+\s*)?${OPENING}(${NUMBER})${CLOSING}\s?[:：]|@@+\s*${OPENING}(b\d{1,6}(?:\.\d{1,6})?)(?![\d.])${CLOSING}:?)`,
  'u',
)
/** What may become one with the next characters. */
const BEGUN =
  /(?<=[\s.!?…。！？])(?:@+\s*)?[[(`*_]*(?:b(?:\d{1,6}(?:\.(?:\d{1,6}(?:-(?:b?\d{0,6}\.?)?\d{0,6})?)?)?)?[\])`*_]*\s?)?$/u
/** An address with what models put in front of it is no longer. */
const HEAD = 60

export class AddressLines {
  readonly #isText: (address: string) => boolean
  #held = ''
  /** The line so far, as it was passed on. */
  #line = '\n'

  /** `isText` tells what stands in the old text: that is no address, unless it begins a line. */
  constructor(isText: (address: string) => boolean) {
    this.#isText = isText
  }

  push(text: string): string {
    this.#held += text
    return this.#pass(false)
  }

  end(): string {
    return this.#pass(true)
  }

  #pass(isEnd: boolean): string {
    let out = ''
    for (;;) {
      const last = this.#line.slice(-1)
      const found = WITHIN.exec(last + this.#held)
      if (!found) break
      const [mark] = found
      const at = found.index - last.length
      const mayGrow = !isEnd && !/[:：]$/.test(mark) && at + mark.length === this.#held.length
      if (mayGrow) break
      out += this.#emit(this.#held.slice(0, at))
      this.#held = this.#held.slice(at + mark.length)
      const head = this.#line.slice(1)
      const isText = this.#isText(found[1] ?? found[2] ?? '')
      if (isText || /^\s*(?:[-*+]\s+|#+\s+)?$/.test(head)) out += this.#emit(mark)
      else if (addressOf(head)?.rest.trim() !== '') out += this.#emit(`\n${mark}`)
    }
    const begun = isEnd ? '' : (BEGUN.exec(this.#line.slice(-1) + this.#held)?.[0] ?? '')
    const from = Math.max(0, this.#held.length - begun.length)
    out += this.#emit(this.#held.slice(0, from))
    this.#held = this.#held.slice(from)
    return out
  }

  #emit(text: string): string {
    const end = text.lastIndexOf('\n')
    const line = end < 0 ? this.#line + text : text.slice(end)
    // Of a long line only its end is asked for.
    this.#line = line.length > HEAD ? `\n${'·'.repeat(HEAD)}${line.slice(-1)}` : line
    return text
  }
}
