/**
 * SentenceEdit turns the new text that arrives for some sentences of a block into pieces: what goes
 * is struck, then what comes is written, all in one chunk. Words that stay keep their formats and
 * links; dress.ts says which looks the new ones get.
 */
import type { Piece } from '#shared/document/piece.ts'
import type { AddressedBlock } from '../addresses.ts'
import { literalWords, MARKUP, readInline } from '../answers/read-inline.ts'
import { writeInline } from '../answers/write-inline.ts'
import type { KnownHosts } from '../markdown-line.ts'
import { dress } from './dress.ts'
import { EditPieces } from './edit-pieces.ts'
import { type Dressed, dressedBlock, dressedIn, isPlain, sameLook, sliced } from './looks.ts'
import { commonWords } from './word-diff.ts'

/**
 * `words` keeps every equal word, for corrections; `tail` keeps only the words that the text begins
 * with and replaces the rest as a whole, for a new wording.
 */
export type Granularity = 'words' | 'tail'

/** Offsets in a block's text: `to` behind the last character, `next` behind the spaces after it. */
export interface Span {
  from: number
  to: number
  next: number
}

export interface SentenceEditOptions {
  block: AddressedBlock
  span: Span
  granularity: Granularity
  hosts: KnownHosts
  /** Nothing in place of a sentence means that it goes, not that the model had nothing to say. */
  mayRemove: boolean
}

export class SentenceEdit {
  readonly #options: SentenceEditOptions
  readonly #old: Dressed
  readonly #pieces: EditPieces
  readonly #literal: ReadonlySet<string>
  /** The answer as it came. Its first `#passed` characters are plain words and have been used. */
  #source = ''
  #passed = 0
  /**
   * The rest is used when all of it is there: which words a correction keeps, and where a word
   * belongs among formats and links, is known only then.
   */
  #waiting: boolean
  /** Of a new wording: the old words that it begins with, once it is known to differ. */
  #kept: number | undefined

  constructor(options: SentenceEditOptions) {
    const { block, span, granularity } = options
    this.#options = options
    this.#old = sliced(dressedBlock(block.block), span.from, span.to)
    this.#pieces = new EditPieces(block.block)
    this.#literal = new Set(literalWords(this.#old.text))
    this.#waiting = granularity === 'words' || !isPlain(this.#old)
  }

  push(characters: string): Piece[] {
    this.#source = (this.#source + characters).trimStart()
    if (this.#waiting) return this.#strikeEarly()
    const words = this.#wholeWords()
    this.#passed += words.length
    if (this.#waiting && this.#kept === undefined) return []
    if (this.#kept !== undefined) return words === '' ? [] : this.#write(dressedIn(words))
    if (this.#old.text.startsWith(this.#source)) return []
    // All see what goes as soon as the answer differs, be it within a word. What may be markup is
    // none of the old words: with `* plan`, an answer that begins with `**plan**` keeps no star.
    const markup = this.#source.slice(this.#passed).search(MARKUP)
    const plain = markup < 0 ? this.#source : this.#source.slice(0, this.#passed + markup)
    const kept = commonWords(this.#old.text, plain)
    const written = this.#source.slice(kept, this.#passed)
    this.#passed = Math.max(kept, this.#passed)
    return [...this.#strike(kept), ...(written === '' ? [] : this.#write(dressedIn(written)))]
  }

  /** The rest. `cut`: the answer broke off, and half a replacement is none. */
  end(cut: boolean): Piece[] {
    if (cut) return this.#pieces.drop()
    const source = this.#source.trimEnd()
    const out = source === '' ? this.#removed() : this.#finished(source)
    return [...out, ...this.#pieces.end()]
  }

  /** Complete words behind those that were used, up to the first that may be markup. */
  #wholeWords(): string {
    let words = ''
    for (const [word] of this.#source.slice(this.#passed).matchAll(/\s*\S+(?=\s)/gu)) {
      const bare = word.trim().replace(/^["'“‘(]+|["'”’.,;:!?)]+$/g, '')
      if (MARKUP.test(word) && !this.#literal.has(bare) && !this.#literal.has(word.trim())) {
        this.#waiting = true
        break
      }
      words += word
    }
    return words
  }

  #removed(): Piece[] {
    const { block, span, mayRemove } = this.#options
    if (!mayRemove) return []
    const isLast = span.next >= block.text.trimEnd().length
    return this.#pieces.strike(span.from, isLast ? span.to : span.next)
  }

  #finished(source: string): Piece[] {
    const { hosts, granularity, span } = this.#options
    const { text, ops } = dress(this.#old, readInline(source, { old: this.#old, hosts }))
    if (ops.every(({ kind }) => kind === 'keep')) return this.#pieces.drop()
    if (granularity === 'words') return this.#pieces.all(ops, span.from)
    return this.#kept === undefined
      ? this.#replace(text)
      : this.#write(sliced(text, Math.max(this.#passed, this.#kept)))
  }

  /** Keeps the words that both begin with, strikes the rest and writes what has come for it. */
  #replace(text: Dressed): Piece[] {
    const same = sameStart(this.#old, text)
    const kept = commonWords(this.#old.text.slice(0, same), text.text)
    return [...this.#strike(kept), ...this.#write(sliced(text, kept))]
  }

  /** Once a new wording differs, all see what it is going to replace. */
  #strikeEarly(): Piece[] {
    const { granularity } = this.#options
    if (granularity === 'words' || this.#kept !== undefined || this.#passed > 0) return []
    const shown = writeInline(this.#old)
    if (shown.startsWith(this.#source) || this.#old.text.startsWith(this.#source)) return []
    const markup = shown.search(MARKUP)
    const kept = commonWords(markup < 0 ? shown : shown.slice(0, markup), this.#source)
    return this.#strike(isPlain(sliced(this.#old, 0, kept)) ? kept : 0)
  }

  #strike(kept: number): Piece[] {
    const { from, to } = this.#options.span
    this.#kept = kept
    return this.#pieces.strike(from + kept, to)
  }

  #write(text: Dressed): Piece[] {
    const { from, to } = this.#options.span
    return this.#pieces.write(text, { from: from + (this.#kept ?? 0), to })
  }
}

/** How many characters both begin with, in the same looks. */
function sameStart(old: Dressed, text: Dressed): number {
  let same = 0
  while (same < text.text.length && old.text[same] === text.text[same]) {
    if (!old.looks[same] || !sameLook(old.looks[same]!, text.looks[same]!)) break
    same++
  }
  return same
}
