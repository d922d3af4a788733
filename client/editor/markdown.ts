/** What becomes formatting while one types it: the marks of markdown that people know by heart. */
import {
  BOLD_ITALIC_STAR,
  BOLD_ITALIC_UNDERSCORE,
  BOLD_STAR,
  BOLD_UNDERSCORE,
  CHECK_LIST,
  CODE,
  type ElementTransformer,
  HEADING,
  INLINE_CODE,
  ITALIC_STAR,
  ITALIC_UNDERSCORE,
  LINK,
  ORDERED_LIST,
  QUOTE,
  registerMarkdownShortcuts,
  STRIKETHROUGH,
  type TextMatchTransformer,
  UNORDERED_LIST,
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
  CHECK_LIST,
  UNORDERED_LIST,
  ORDERED_LIST,
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
