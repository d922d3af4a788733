/** The kinds of block, as the slash menu and the toolbar name them. */
import {
  Code,
  Heading1,
  Heading2,
  Heading3,
  List,
  ListChecks,
  ListOrdered,
  Minus,
  Pilcrow,
  TextQuote,
} from 'lucide-react'
import type { BlockType } from '#client/editor/handle.ts'

export interface BlockItem {
  type: BlockType | 'divider'
  label: string
  /** What typing it in markdown would be. */
  hint: string
  Icon: typeof Code
}

export const BLOCK_ITEMS: readonly BlockItem[] = [
  { type: 'paragraph', label: 'Text', hint: '', Icon: Pilcrow },
  { type: 'h1', label: 'Heading 1', hint: '#', Icon: Heading1 },
  { type: 'h2', label: 'Heading 2', hint: '##', Icon: Heading2 },
  { type: 'h3', label: 'Heading 3', hint: '###', Icon: Heading3 },
  { type: 'bullet', label: 'Bulleted list', hint: '-', Icon: List },
  { type: 'number', label: 'Numbered list', hint: '1.', Icon: ListOrdered },
  { type: 'check', label: 'Check list', hint: '[ ]', Icon: ListChecks },
  { type: 'quote', label: 'Quote', hint: '>', Icon: TextQuote },
  { type: 'code', label: 'Code block', hint: '```', Icon: Code },
  { type: 'divider', label: 'Divider', hint: '---', Icon: Minus },
]
