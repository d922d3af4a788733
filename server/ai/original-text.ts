/** Original-text names the part of a block that an edit is made for, as it was sent to the model. */
import type { ItemSpan, OriginalText } from '#shared/document/piece.ts'
import { type AddressedBlock, type AddressedSentence, itemAt, spansBetween } from './addresses.ts'

/** A line break has no item of its own that a prompt could name: it is a span without length. */
const BREAK: ItemSpan = { client: 0, clock: 0, length: 0 }

export function sentenceOriginal(
  { block, text }: AddressedBlock,
  { from, to }: Pick<AddressedSentence, 'from' | 'to'>,
): OriginalText {
  const before = from === 0 ? ('edge' as const) : itemAt(block, from - 1)
  const behind = to === text.length ? ('edge' as const) : itemAt(block, to)
  return {
    ...original({ block, text }, from, to),
    ...(before && { before }),
    ...(behind && { behind }),
  }
}

export const blockOriginal = (block: AddressedBlock): OriginalText => ({
  ...original(block, 0, block.text.length),
  whole: block.block.id,
})

function original(
  { block, text }: Pick<AddressedBlock, 'block' | 'text'>,
  from: number,
  to: number,
): OriginalText {
  const spans: ItemSpan[] = []
  for (let at = from; at < to; ) {
    const newline = text.indexOf('\n', at)
    // Not every `\n` is a break: pasted text may hold one.
    const isBreak = newline === at && itemAt(block, at) === undefined
    if (isBreak) {
      spans.push(BREAK)
      at++
      continue
    }
    const end = newline > at && newline < to ? newline : newline === at ? at + 1 : to
    spans.push(...spansBetween(block, at, end))
    at = end
  }
  return { spans, text: text.slice(from, to) }
}
