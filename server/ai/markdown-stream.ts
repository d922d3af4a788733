/**
 * A model's markdown, as it arrives, to pieces that are never taken back. It parses only the open
 * block, at the ends of words, and holds back what a later character could still change. Since it
 * acts at places that the text decides, the same text gives the same pieces however it is cut.
 */
import type { Piece } from '#shared/document/piece.ts'
import { ChunkMarks } from './chunk-marks.ts'
import { HOLD_LIMIT, sureSource } from './hold-back.ts'
import { append, type KnownHosts } from './markdown-line.ts'
import { CONTINUES, markdown, type View, viewOf } from './markdown-pieces.ts'

/** Text without spaces (Chinese, a long word) is looked at after so many characters at last. */
const WORD_LIMIT = 32
const LOOKS_A_BLOCK = 64
/** Up to so many characters hardly any word waits. */
const SHORT_BLOCK = 1 << 14

export class MarkdownStream {
  readonly #hosts: KnownHosts
  readonly #marks = new ChunkMarks()
  /** Not looked at yet: the word under way, or a few. */
  #word = ''
  /** Source of the open block, in whole words. */
  #tail = ''
  /** What has been given out of the open block. */
  #given: Piece[] = []

  /** `knownHosts`: hosts (lower case, with port) that new links may lead to. */
  constructor(knownHosts: KnownHosts = new Set()) {
    this.#hosts = knownHosts
  }

  /** The pieces that these characters make final. */
  push(text: string): Piece[] {
    const out: Piece[] = []
    for (const char of text) {
      if (char === '\r' || char === CONTINUES) continue
      this.#word += char
      // A long block is looked at less often, so that its cost stays in proportion.
      const least = leastBetween(this.#tail.length)
      const { length } = this.#word
      if (length < least) continue
      if (/\s/u.test(char) || length >= Math.max(WORD_LIMIT, least * 2)) this.#look(out)
    }
    return out
  }

  /** The rest, and the last boundary. */
  end(cut = false): Piece[] {
    const out: Piece[] = []
    this.#tail += this.#word
    this.#word = ''
    this.#give(viewOf(markdown.parse(this.#tail, {}), this.#hosts, false), out)
    this.#tail = ''
    this.#given = []
    out.push(...this.#marks.end())
    // What broke off is not complete: the pen that it is taken from says so.
    if (cut && out.at(-1)?.kind === 'chunk') out.pop()
    return out
  }

  #look(out: Piece[]): void {
    this.#tail += this.#word
    const line = this.#word.includes('\n')
    this.#word = ''
    if (line) this.#freeze(out)
    const sure = sureSource(this.#tail)
    const view = viewOf(markdown.parse(sure, {}), this.#hosts, true)
    this.#give(view, out)
    if (view.unsure > HOLD_LIMIT && sure === this.#tail) this.#cut(view, out)
  }

  /** Blocks are final as soon as a later one has begun on a complete line. */
  #freeze(out: Piece[]): void {
    const complete = this.#tail.slice(0, this.#tail.lastIndexOf('\n') + 1)
    const tokens = markdown.parse(complete, {})
    const last = tokens.findLastIndex(
      (token) => token.level === 0 && token.nesting >= 0 && token.map,
    )
    const start = tokens[last]?.map?.[0] ?? 0
    if (last <= 0 || start === 0) return
    const closed = viewOf(tokens.slice(0, last), this.#hosts, false)
    this.#give(closed, out)
    this.#tail = this.#tail.split('\n').slice(start).join('\n')
    this.#given = beyond(closed.pieces, this.#given)
  }

  /** Gives up waiting: what stands is final, and the block goes on behind it. */
  #cut(view: View, out: Piece[]): void {
    this.#give({ ...view, unsure: 0 }, out)
    this.#tail = CONTINUES + /\s*$/u.exec(this.#tail)![0]
    this.#given = []
  }

  /** Gives out what is new in a view of the open block. */
  #give(view: View, out: Piece[]): void {
    const sure = shorten(view.pieces, view.unsure)
    const fresh = beyond(this.#given, sure)
    if (fresh.length === 0) return
    for (const piece of fresh) append(this.#given, piece)
    out.push(...this.#marks.pass(fresh))
  }
}

/** In paragraphs as people write them each word is looked at, and none of a reader's time is lost. */
const leastBetween = (length: number): number =>
  (length / LOOKS_A_BLOCK) * Math.min(1, length / SHORT_BLOCK)

/** The pieces without their last characters; breaks count as one. */
function shorten(pieces: readonly Piece[], characters: number): readonly Piece[] {
  if (characters === 0) return pieces
  const kept = [...pieces]
  let left = characters
  while (left > 0) {
    const last = kept.pop()
    if (last?.kind === 'text' && last.text.length > left)
      kept.push({ ...last, text: last.text.slice(0, -left) })
    left -= last?.kind === 'text' ? last.text.length : 1
  }
  return kept
}

const sizeOf = (piece: Piece): number => (piece.kind === 'text' ? piece.text.length : 1)

/**
 * What `pieces` has behind `given`. A view goes on where the last one ended; should one ever
 * disagree with what was given out, that stays, and the rest is taken from the same length on.
 */
function beyond(given: readonly Piece[], pieces: readonly Piece[]): Piece[] {
  let left = given.reduce((sum, piece) => sum + sizeOf(piece), 0)
  const fresh: Piece[] = []
  for (const piece of pieces) {
    const size = sizeOf(piece)
    if (left >= size) left -= size
    else {
      fresh.push(piece.kind === 'text' ? { ...piece, text: piece.text.slice(left) } : piece)
      left = 0
    }
  }
  return fresh
}
