/**
 * The addresses by which a prompt and its answer name parts of a document: `b12` is the twelfth
 * block, `b12.3` its third sentence. Each address leads back to the items behind the characters.
 */
import { type Block, blockText, type InlineText } from '#shared/document/blocks.ts'
import type { ItemSpan } from '#shared/document/piece.ts'
import { sentences } from '#shared/document/sentences.ts'

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
  sentences: AddressedSentence[]
}

/** Numbers blocks from 1 in the order of the document, and sentences from 1 in each. */
export function addressBlocks(blocks: readonly Block[]): AddressedBlock[] {
  return blocks.map((block, at) => {
    const address = `b${at + 1}`
    const text = blockText(block)
    return { address, block, text, sentences: sentencesOf(block, address, text) }
  })
}

/** Code is one piece of text, not sentences. */
function sentencesOf(block: Block, address: string, text: string): AddressedSentence[] {
  if (block.type === 'code') return []
  return sentences(text).map((sentence, at) => ({ ...sentence, address: `${address}.${at + 1}` }))
}

/** The items behind the characters `from` to `to`, joined where they follow each other. */
export function spansBetween(block: Block, from: number, to: number): ItemSpan[] {
  const found: ItemSpan[] = []
  eachSpan(block, (span, _inline, start) => {
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

/** The text run that holds a character. */
export function inlineAt(block: Block, at: number): InlineText | undefined {
  let found: InlineText | undefined
  eachSpan(block, (span, inline, start) => {
    if (at >= start && at < start + span.length) found = inline
  })
  return found
}

function eachSpan(
  block: Block,
  visit: (span: ItemSpan, inline: InlineText, start: number) => void,
): void {
  let at = 0
  for (const inline of block.inlines) {
    if (inline.kind === 'break') {
      at++
      continue
    }
    for (const span of inline.spans) {
      visit(span, inline, at)
      at += span.length
    }
  }
}
