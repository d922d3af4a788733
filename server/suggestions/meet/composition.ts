/**
 * Composition keeps what an edit does to the text that it was made for, by offsets in that text, and
 * so knows the whole new text whatever becomes of the old one in the document.
 */

import type { ItemSpan, OriginalText } from '#shared/document/piece.ts'
import type { ChunkOriginal, ItemRange } from '../types.ts'

/** Stands before the text of a block that is struck as a whole. */
export const WHOLE = '\u00b6'

export class Composition {
  readonly #original: OriginalText
  readonly #offsets = new Map<string, number>()
  readonly #isStruck: boolean[]
  /** New text by the offset that it stands in front of. */
  readonly #written = new Map<number, string>()
  /** Where an edit writes behind a character that stays. */
  readonly #after: ChunkOriginal['after'] = []
  #isWhole = false
  #at: number

  constructor(original: OriginalText) {
    this.#original = original
    let at = 0
    for (const { client, clock, length } of original.spans) {
      for (let n = 0; n < length; n++) this.#offsets.set(`${client}-${clock + n}`, at + n)
      at += Math.max(1, length)
    }
    this.#isStruck = Array(original.text.length).fill(false)
    this.#at = original.text.length
  }

  strike(spans: readonly ItemSpan[]): void {
    for (const { client, clock, length } of spans) {
      for (let n = 0; n < length; n++) {
        const at = this.#offsets.get(`${client}-${clock + n}`)
        if (at === undefined) continue
        this.#isStruck[at] = true
        this.#at = at + 1
      }
    }
  }

  strikeBlock(): void {
    this.#isWhole = true
    this.#isStruck.fill(true)
    this.#at = this.#isStruck.length
  }

  /** What follows is written behind this character. */
  goBehind({ client, clock }: { client: number; clock: number }): void {
    const at = this.#offsets.get(`${client}-${clock}`)
    if (at === undefined) return
    this.#at = at + 1
    const character = this.#original.text[at] ?? ''
    if (!this.#isStruck[at]) this.#after.push({ client, clock, character })
  }

  /** What follows is written in front of this character. */
  goBefore({ client, clock }: { client: number; clock: number }): void {
    this.#at = this.#offsets.get(`${client}-${clock}`) ?? this.#at
  }

  write(text: string): void {
    this.#written.set(this.#at, (this.#written.get(this.#at) ?? '') + text)
  }

  /** A new block begins: its text stands on a line of its own. */
  breakLine(): void {
    if (this.#written.has(this.#at)) this.write('\n')
  }

  /** The original as a row keeps it; `struck` only where the edit is complete. */
  toOriginal(isComplete: boolean): ChunkOriginal {
    const { text, spans, whole, before, behind } = this.#original
    return {
      spans: spans.map(rangeOf),
      text,
      block: whole ?? null,
      before: before ?? null,
      behind: behind ?? null,
      proposal: this.#proposal(),
      struck: isComplete ? this.#struck() : null,
      after: [...this.#after],
    }
  }

  #proposal(): string {
    let out = ''
    for (let at = 0; at <= this.#isStruck.length; at++) {
      out += this.#written.get(at) ?? ''
      if (at < this.#isStruck.length && !this.#isStruck[at]) out += this.#original.text[at]
    }
    return out.trim()
  }

  #struck(): string[] {
    if (this.#isWhole) return [WHOLE + this.#original.text]
    const stretches = ['']
    for (const [at, isStruck] of this.#isStruck.entries()) {
      if (isStruck) stretches.push(stretches.pop() + this.#original.text[at]!)
      else stretches.push('')
    }
    return stretches.filter(Boolean)
  }
}

const rangeOf = ({ client, clock, length }: ItemSpan): ItemRange =>
  length === 0 ? { client: 0, from: 0, to: 0 } : { client, from: clock, to: clock + length }
