/**
 * Present-text finds what stands now where a stale chunk's original stood: in the page, which shows it,
 * and in the server, which asks again for it.
 */
import type * as Y from 'yjs'
import type { Inline } from './blocks.ts'
import { compareTypes, itemsIn, lineBlock } from './item-order.ts'
import { type Owns, readLine } from './read-blocks.ts'
import { sentences } from './sentences.ts'
import type { StaleNote } from './shape.ts'

/** Characters `from` to `to` of a block's text, as people see it without pending suggestions. */
export interface PresentPart {
  block: string
  from: number
  to: number
  text: string
}

/**
 * From the first to the last of these items that is there, in whole sentences or whole blocks; one
 * part for each block, in their order. Empty where nothing is left.
 */
export function presentText(
  doc: Y.Doc,
  { spans, whole }: Pick<StaleNote, 'spans' | 'whole'>,
  owns?: Owns,
): PresentPart[] {
  const blocks = new Set<Y.XmlElement>()
  for (const item of itemsIn(doc, spans)) {
    const block = lineBlock(item.parent)
    if (block) blocks.add(block)
  }
  return [...blocks].sort(compareTypes).flatMap((block) => {
    const line = charactersOf(readLine(doc, block, { view: 'without', owns }))
    const text = line.map(({ character }) => character).join('')
    const isMeant = ({ client, clock }: Character) =>
      spans.some((span) => span.client === client && clock >= span.from && clock < span.to)
    const first = line.findIndex(isMeant)
    if (first < 0) return []
    const last = line.findLastIndex(isMeant) + 1
    const [from, to] = whole ? [0, text.length] : wholeSentences(text, first, last)
    const { client, clock } = block._item!.id
    return [{ block: `${client}-${clock}`, from, to, text: text.slice(from, to) }]
  })
}

/** A text in words: one line for each block. */
export const textOfParts = (parts: readonly PresentPart[]): string =>
  parts.map(({ text }) => text).join('\n')

function wholeSentences(text: string, first: number, last: number): [number, number] {
  const touched = sentences(text).filter(({ from, to }) => from < last && to > first)
  return [
    Math.min(first, ...touched.map(({ from }) => from)),
    Math.max(last, ...touched.map(({ to }) => to)),
  ]
}

/** A character of a line, and its Yjs id. */
export interface Character {
  character: string
  client: number
  clock: number
}

/** The characters of a line. A break has no id that anybody could name. */
export function charactersOf(inlines: readonly Inline[]): Character[] {
  return inlines.flatMap((inline) => {
    if (inline.kind === 'break') return [{ character: '\n', client: -1, clock: -1 }]
    let at = 0
    return inline.spans.flatMap(({ client, clock, length }) =>
      Array.from({ length }, (_, n) => ({
        character: inline.text[at++]!,
        client,
        clock: clock + n,
      })),
    )
  })
}
