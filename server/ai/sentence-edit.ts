/**
 * One sentence of the document and the new text that arrives for it: pieces that strike what goes
 * and insert what comes, all in one chunk. Equal words are left alone, with their formats.
 */
import type { Piece } from '#shared/document/piece.ts'
import {
  type AddressedBlock,
  type AddressedSentence,
  inlineAt,
  itemAt,
  spansBetween,
} from './addresses.ts'
import { type DiffOp, WordDiff } from './word-diff.ts'

/**
 * `words` keeps every equal word, for corrections; `tail` keeps only the words that the sentence
 * begins with and replaces the rest as a whole, for a new wording.
 */
export type Granularity = 'words' | 'tail'

export class SentenceEdit {
  readonly #block: AddressedBlock
  readonly #sentence: AddressedSentence
  readonly #granularity: Granularity
  readonly #diff: WordDiff
  #written = ''
  /** Behind the last old character that is settled, as an offset in the block. */
  #reached: number
  /** Where the pen stands, once it has been moved. */
  #pen: number | undefined
  /** New text in front of a block's first character, where there is nothing to stand behind. */
  #lead = ''
  #begun = false
  #replacing = false

  constructor(block: AddressedBlock, sentence: AddressedSentence, granularity: Granularity) {
    this.#block = block
    this.#sentence = sentence
    this.#granularity = granularity
    this.#diff = new WordDiff(sentence.text)
    this.#reached = sentence.from
  }

  push(characters: string): Piece[] {
    const text = this.#written === '' ? characters.trimStart() : characters
    if (text === '') return []
    this.#written += text
    if (this.#granularity === 'words') return this.#apply(this.#diff.push(text))
    if (this.#replacing) return [this.#text(text)]
    return this.#sentence.text.startsWith(this.#written) ? [] : this.#replace()
  }

  /** The rest. `cut`: the answer broke off, so the old text that it had not come to stays. */
  end(cut: boolean): Piece[] {
    const out = cut ? [] : this.#finish()
    if (this.#begun) out.push({ kind: 'chunk' })
    return out
  }

  #finish(): Piece[] {
    const { text, from, to, next } = this.#sentence
    if (this.#written.trim() === '') {
      const out: Piece[] = []
      const last = next >= this.#block.text.trimEnd().length
      this.#strike(from, last ? to : next, out)
      return out
    }
    if (this.#granularity === 'words') return this.#apply(this.#diff.end())
    return this.#replacing || this.#written === text ? [] : this.#replace()
  }

  /** Keeps the words that both begin with; strikes the rest and writes what has come for it. */
  #replace(): Piece[] {
    this.#replacing = true
    const out: Piece[] = []
    const { from, to, text } = this.#sentence
    const kept = commonWords(text, this.#written)
    this.#reached = from + kept
    this.#strike(from + kept, to, out)
    this.#insert(this.#written.slice(kept), out)
    return out
  }

  #apply(ops: readonly DiffOp[]): Piece[] {
    const out: Piece[] = []
    const { from } = this.#sentence
    for (const op of ops) {
      if (op.kind === 'insert') this.#insert(op.text, out)
      else if (op.kind === 'delete') this.#strike(from + op.from, from + op.to, out)
      else this.#keep(from + op.from, from + op.to, out)
    }
    return out
  }

  #keep(from: number, to: number, out: Piece[]): void {
    if (this.#lead !== '') {
      const first = /^(?:[\p{L}\p{N}\p{M}'’_-]+|[\s\S])/u.exec(this.#block.text.slice(from, to))![0]
      this.#lead += first
      this.#strike(from, from + first.length, out)
    }
    this.#reached = to
  }

  #strike(from: number, to: number, out: Piece[]): void {
    const spans = spansBetween(this.#block.block, from, to)
    this.#reached = to
    if (spans.length === 0) return
    out.push({ kind: 'strike', spans, ...this.#same() })
    this.#pen = to
    if (this.#lead !== '') out.push(this.#text(this.#lead))
    this.#lead = ''
  }

  #insert(text: string, out: Piece[]): void {
    if (text === '') return
    if (this.#pen !== this.#reached) {
      const item = itemAt(this.#block.block, this.#reached - 1)
      if (!item) {
        this.#lead += text
        return
      }
      out.push({ kind: 'after', ...item, ...this.#same() })
      this.#pen = this.#reached
    }
    out.push(this.#text(text))
  }

  /** New text looks like the old that it replaces or follows. */
  #text(text: string): Piece {
    const before = inlineAt(this.#block.block, this.#reached - 1)
    const behind = inlineAt(this.#block.block, this.#reached)
    const url = before?.url === behind?.url ? before?.url : undefined
    const format = (before ?? behind)?.format ?? 0
    return { kind: 'text', text, format, ...(url === undefined ? {} : { url }) }
  }

  #same(): { same?: true } {
    if (this.#begun) return { same: true }
    this.#begun = true
    return {}
  }
}

/** How many characters both texts begin with, in whole words. */
function commonWords(old: string, text: string): number {
  let common = 0
  while (common < old.length && common < text.length && old[common] === text[common]) common++
  const inWord = (value: string) => /^[\p{L}\p{N}\p{M}'’_-]{2}$/u.test(value)
  while (
    common > 0 &&
    (inWord(old.slice(common - 1, common + 1)) || inWord(text.slice(common - 1, common + 1)))
  )
    common--
  // Never between the halves of one character.
  return /[\uD800-\uDBFF]/.test(old[common - 1] ?? '') ? common - 1 : common
}
