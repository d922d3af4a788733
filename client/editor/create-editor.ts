/** A Lexical editor with the node types that a Gloss document may hold, and our class names. */
import { CodeHighlightNode, CodeNode } from '@lexical/code'
import { HorizontalRuleNode } from '@lexical/extension'
import { LinkNode } from '@lexical/link'
import { ListItemNode, ListNode } from '@lexical/list'
import { HeadingNode, QuoteNode } from '@lexical/rich-text'
import { createEditor, type EditorThemeClasses, type LexicalEditor } from 'lexical'

/** The types that stand on a line of their own, besides paragraphs. */
export const BLOCK_NODES = [
  HeadingNode,
  QuoteNode,
  ListNode,
  ListItemNode,
  CodeNode,
  HorizontalRuleNode,
]

const THEME: EditorThemeClasses = {
  code: 'editor-code',
  hr: 'editor-divider',
  link: 'editor-link',
  list: {
    ul: 'list',
    ol: 'list numbered',
    listitem: 'item',
    listitemChecked: 'check checked',
    listitemUnchecked: 'check',
    nested: { listitem: 'nested' },
  },
  text: {
    bold: 'bold',
    italic: 'italic',
    underline: 'underline',
    strikethrough: 'strike',
    underlineStrikethrough: 'underline strike',
    code: 'inline-code',
  },
  collaboration: {
    cursor: 'caret',
    cursorName: 'caret-name',
    selection: 'others-selection',
    selectionBg: 'others-selection-wash',
  },
}

export function createGlossEditor(onError: (error: Error) => void): LexicalEditor {
  return createEditor({
    namespace: 'gloss',
    // Lexical's code node insists on knowing its highlights; none of them is ever in a document.
    nodes: [...BLOCK_NODES, LinkNode, CodeHighlightNode],
    theme: THEME,
    editable: false,
    onError,
  })
}
