/**
 * A document as a list of blocks: the one form in which export, prompts and the outline read it.
 * `readBlocks` in read-blocks.ts makes it, with pending suggestions left out, shown, or taken as
 * accepted.
 */
import type { Flag } from './shape.ts'

/** A run of characters with equal properties. */
export interface InlineText {
  kind: 'text'
  text: string
  /** Bits of FORMAT. */
  format: number
  /** Set where it is (in) a link. */
  url?: string
  /** Set in the view `inline` only. */
  flag?: Flag
  /** The items behind the characters; together as long as `text`. */
  spans: { client: number; clock: number; length: number }[]
}
export type Inline = InlineText | { kind: 'break'; flag?: Flag }

export interface Block {
  /** Item id of the block's element, `<client>-<clock>`: what a target's `block` names. */
  id: string
  type: 'paragraph' | 'heading' | 'quote' | 'listitem' | 'code' | 'divider' | 'unknown'
  /** Headings: 1–6. List items: depth from 0. Else 0. */
  level: number
  list?: 'bullet' | 'number' | 'check'
  checked?: boolean
  /** List items of one list: where counting starts, and the place in it from 0. */
  start?: number
  index?: number
  language?: string
  flag?: Flag
  inlines: Inline[]
}

/** The characters of a block; a line break is `\n`. */
export const blockText = (block: Block): string =>
  block.inlines.map((inline) => (inline.kind === 'text' ? inline.text : '\n')).join('')

/** Stands behind stale text in the view `inline`: a comment of CriticMarkup. */
export const STALE_COMMENT = '{>>out of date<<}'

/** Joins characters to those before them where nothing but the item differs. */
export function appendText(into: Inline[], next: InlineText): void {
  const last = into.at(-1)
  if (
    last?.kind !== 'text' ||
    last.format !== next.format ||
    last.url !== next.url ||
    last.flag?.op !== next.flag?.op ||
    last.flag?.chunk !== next.flag?.chunk
  ) {
    into.push(next)
    return
  }
  last.text += next.text
  for (const span of next.spans) {
    const before = last.spans.at(-1)
    if (before?.client === span.client && before.clock + before.length === span.clock) {
      before.length += span.length
    } else last.spans.push(span)
  }
}
