/** The node types of the editor: exactly those of shared/document/shape.ts, and no highlights. */
import { CodeNode } from '@lexical/code'
import { LinkNode } from '@lexical/link'
import { ListItemNode, ListNode } from '@lexical/list'
import { HeadingNode, QuoteNode } from '@lexical/rich-text'
import type { EditorThemeClasses, Klass, LexicalNode } from 'lexical'
import { DividerNode } from './DividerNode.ts'

export const NODES: readonly Klass<LexicalNode>[] = [
  HeadingNode,
  QuoteNode,
  ListNode,
  ListItemNode,
  CodeNode,
  LinkNode,
  DividerNode,
]

/** Class names that styles may rely on. */
export const THEME: EditorThemeClasses = {
  paragraph: 'block-paragraph',
  heading: { h1: 'block-h1', h2: 'block-h2', h3: 'block-h3', h4: 'block-h4' },
  quote: 'block-quote',
  code: 'block-code',
  list: {
    ul: 'block-bullets',
    ol: 'block-numbers',
    checklist: 'block-checks',
    listitem: 'block-item',
    nested: { listitem: 'block-nested' },
    listitemChecked: 'block-item-checked',
    listitemUnchecked: 'block-item-unchecked',
  },
  link: 'text-link',
  text: {
    bold: 'text-bold',
    italic: 'text-italic',
    underline: 'text-underline',
    strikethrough: 'text-strike',
    underlineStrikethrough: 'text-underline-strike',
    code: 'text-code',
  },
  collaboration: {
    cursor: 'caret',
    cursorName: 'caret-name',
    selection: 'caret-selection',
    selectionBg: 'caret-selection-wash',
  },
}
