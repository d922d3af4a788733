/**
 * The addresses by which a prompt and its answer name parts of a document: `b12` is the twelfth
 * block, `b12.3` its third sentence. Each address leads back to the items behind the characters.
 */
import { type Block, blockText } from '#shared/document/blocks.ts'
import type { ItemSpan } from '#shared/document/piece.ts'
import { type Sentence, sentences } from '#shared/document/sentences.ts'
import { KnownTexts } from './known-texts.ts'

export interface AddressedSentence {
  address: string
  text: string
  /** Offsets in the block's text; `next` is behind the spaces that follow. */
  from: number
  to: number
  next: number
}

export interface AddressedBlock {
  address: string
  block: Block
  text: string
  /** Those that may be changed. */
  sentences: AddressedSentence[]
  /** Whether the block may be replaced as a whole. */
  whole: boolean
}

/** Numbers blocks from 1 in the order of the document, and sentences from 1 in each. */
export function addressBlocks(
  blocks: readonly Block[],
  known = new KnownTexts(),
): AddressedBlock[] {
  return blocks.map((block, at) => {
    const address = `b${at + 1}`
    const text = blockText(block)
    return {
      address,
      block,
      text,
      sentences: sentencesOf(block, address, text, known),
      whole: true,
    }
  })
}

/**
 * Code is one piece of text, not sentences. A text without any full stop is cut between words: no
 * model takes a sentence that is longer than what it can answer.
 */
function sentencesOf(
  block: Block,
  address: string,
  text: string,
  known: KnownTexts,
): AddressedSentence[] {
  if (block.type === 'code') return []
  const own = known.sentences(text, () => sentences(text).flatMap(cut))
  return own.map((sentence, at) => ({ ...sentence, address: `${address}.${at + 1}` }))
}

const LONGEST_SENTENCE = 1_200

function cut(sentence: Sentence): Sentence[] {
  const parts: Sentence[] = []
  let rest = sentence
  while (rest.text.length > LONGEST_SENTENCE) {
    const head = rest.text.slice(0, LONGEST_SENTENCE)
    const space = head.search(/\s\S*$/u)
    const end = space > 0 ? space : LONGEST_SENTENCE - (/[\uD800-\uDBFF]$/.test(head) ? 1 : 0)
    const behind = rest.text.slice(end)
    const next = end + behind.length - behind.trimStart().length
    const { from } = rest
    parts.push({ text: rest.text.slice(0, end), from, to: from + end, next: from + next })
    rest = { ...rest, text: rest.text.slice(next), from: from + next }
  }
  return [...parts, rest]
}

/** The items behind the characters `from` to `to`, joined where they follow each other. */
export function spansBetween(block: Block, from: number, to: number): ItemSpan[] {
  const found: ItemSpan[] = []
  eachSpan(block, (span, start) => {
    const first = Math.max(from, start)
    const last = Math.min(to, start + span.length)
    if (first >= last) return
    const clock = span.clock + (first - start)
    const before = found.at(-1)
    if (before && before.client === span.client && before.clock + before.length === clock)
      before.length += last - first
    else found.push({ client: span.client, clock, length: last - first })
  })
  return found
}

/** The item of one character, or undefined where there is a line break or nothing. */
export function itemAt(block: Block, at: number): { client: number; clock: number } | undefined {
  const span = spansBetween(block, at, at + 1)[0]
  return span && { client: span.client, clock: span.clock }
}

/** Where the character with this id stands in the block's text; undefined where it does not. */
export function offsetOf(block: Block, client: number, clock: number): number | undefined {
  let found: number | undefined
  eachSpan(block, (span, start) => {
    const by = span.client === client ? clock - span.clock : -1
    if (by >= 0 && by < span.length) found = start + by
  })
  return found
}

function eachSpan(block: Block, visit: (span: ItemSpan, start: number) => void): void {
  let at = 0
  for (const inline of block.inlines) {
    if (inline.kind === 'break') {
      at++
      continue
    }
    for (const span of inline.spans) {
      visit(span, at)
      at += span.length
    }
  }
}
