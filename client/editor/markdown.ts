/** Markdown turns the marks that people know by heart into formatting while they are typed. */

import { $createCodeNode, CodeNode } from '@lexical/code'
import {
  $createListItemNode,
  $createListNode,
  $isListNode,
  ListItemNode,
  ListNode,
  type ListType,
} from '@lexical/list'
import {
  BOLD_ITALIC_STAR,
  BOLD_ITALIC_UNDERSCORE,
  BOLD_STAR,
  BOLD_UNDERSCORE,
  type ElementTransformer,
  HEADING,
  INLINE_CODE,
  ITALIC_STAR,
  ITALIC_UNDERSCORE,
  LINK,
  QUOTE,
  registerMarkdownShortcuts,
  STRIKETHROUGH,
  type TextMatchTransformer,
} from '@lexical/markdown'
import { $createParagraphNode, type LexicalEditor } from 'lexical'
import { safeUrl } from '#shared/document/links.ts'
import { $createDividerNode, $isDividerNode, DividerNode } from './DividerNode.ts'

const DIVIDER: ElementTransformer = {
  dependencies: [DividerNode],
  export: (node) => ($isDividerNode(node) ? '---' : null),
  regExp: /^(?:---|\*\*\*|___)\s?$/,
  replace: (parent) => {
    const divider = $createDividerNode()
    parent.replace(divider)
    const next = divider.getNextSibling() ?? $createParagraphNode()
    if (!next.isAttached()) divider.insertAfter(next)
    next.selectStart()
  },
  triggerOnEnter: true,
  type: 'element',
}

/**
 * Lists and code of our own: Lexical's transformers note the marker that was typed in a state of the
 * node, and a state that the server does not know is refused.
 */
const listOf = (type: ListType, regExp: RegExp): ElementTransformer => ({
  dependencies: [ListNode, ListItemNode],
  export: () => null,
  regExp,
  replace: (parent, children, [, mark = '']) => {
    const item = $createListItemNode(type === 'check' ? mark.toLowerCase() === 'x' : undefined)
    item.append(...children)
    const before = parent.getPreviousSibling()
    if ($isListNode(before) && before.getListType() === type) {
      before.append(item)
      parent.remove()
    } else {
      const list = $createListNode(type, type === 'number' ? Number(mark) : 1)
      list.append(item)
      parent.replace(list)
    }
    item.select(0, 0)
  },
  type: 'element',
})

const CODE: ElementTransformer = {
  dependencies: [CodeNode],
  export: () => null,
  regExp: /^```([\w+#-]{0,20})\s?/,
  replace: (parent, children, [, language]) => {
    const code = $createCodeNode(language || undefined)
    code.append(...children)
    parent.replace(code)
    code.select(0, 0)
  },
  triggerOnEnter: true,
  type: 'element',
}

/** A link that may not be followed stays the text it is. */
const SAFE_LINK: TextMatchTransformer = {
  ...LINK,
  replace: (node, match) => {
    const [, , pointed, raw = ''] = match
    return safeUrl(pointed ?? raw) ? LINK.replace?.(node, match) : undefined
  },
}

/** Check lists before bullets, which begin alike; longer marks before those they contain. */
export const TRANSFORMERS = [
  HEADING,
  QUOTE,
  listOf('check', /^(?:[-*+]\s)?\s?\[([ xX]?)\]\s/),
  listOf('bullet', /^[-*+]\s/),
  listOf('number', /^(\d{1,9})[.)]\s/),
  DIVIDER,
  CODE,
  INLINE_CODE,
  BOLD_ITALIC_STAR,
  BOLD_ITALIC_UNDERSCORE,
  BOLD_STAR,
  BOLD_UNDERSCORE,
  ITALIC_STAR,
  ITALIC_UNDERSCORE,
  STRIKETHROUGH,
  SAFE_LINK,
]

export const registerMarkdown = (editor: LexicalEditor): (() => void) =>
  registerMarkdownShortcuts(editor, TRANSFORMERS)
