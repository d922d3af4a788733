/**
 * Shows which text is provisional: class names, a role and a description on the elements that
 * Lexical made. The text nodes stay plain ones, so nothing of this is in the shared document.
 */
import { CodeNode } from '@lexical/code'
import { LinkNode } from '@lexical/link'
import { ListItemNode, ListNode } from '@lexical/list'
import { HeadingNode, QuoteNode } from '@lexical/rich-text'
import {
  $getNodeByKey,
  $isElementNode,
  $isTextNode,
  type Klass,
  type LexicalEditor,
  type LexicalNode,
  mergeRegister,
  type NodeMutation,
  ParagraphNode,
  TextNode,
} from 'lexical'
import type { Flag } from '#shared/document/shape.ts'
import { DividerNode } from './DividerNode.ts'
import { $flagOf } from './flag-state.ts'

export const CHUNK_ATTRIBUTE = 'data-chunk'

const CLASSES = { ins: 'prov-ins', del: 'prov-del' } as const
const BLOCK_CLASSES = { ins: 'prov-block-ins', del: 'prov-block-del' } as const
const ROLES = { ins: 'insertion', del: 'deletion' } as const
const PAINTED: readonly Klass<LexicalNode>[] = [
  TextNode,
  ParagraphNode,
  HeadingNode,
  QuoteNode,
  ListNode,
  ListItemNode,
  CodeNode,
  LinkNode,
  DividerNode,
]

export interface PaintDeps {
  editor: LexicalEditor
  /** What a screen reader says of a chunk: whose suggestion it is. */
  describe: (chunk: string) => string
  /** After each change of what is painted. */
  onPaint: () => void
}

export function paintFlags({ editor, describe, onPaint }: PaintDeps): () => void {
  const listener = (mutations: Map<string, NodeMutation>) => {
    let painted = false
    editor.read(() => {
      for (const [key, mutation] of mutations) {
        const element = mutation === 'destroyed' ? null : editor.getElementByKey(key)
        const node = $getNodeByKey(key)
        if (element && node) painted = paint(element, node, describe) || painted
        else painted = true
      }
    })
    if (painted) onPaint()
  }
  return mergeRegister(
    ...PAINTED.map((klass) =>
      editor.registerMutationListener(klass, listener, { skipInitialization: false }),
    ),
  )
}

/** True where the element belongs to a chunk, or did until now. */
function paint(
  element: HTMLElement,
  node: LexicalNode,
  describe: (chunk: string) => string,
): boolean {
  const flag = $flagOf(node)
  const before = element.getAttribute(CHUNK_ATTRIBUTE)
  if (!flag && before === null) return false
  const classes = $isTextNode(node) ? CLASSES : BLOCK_CLASSES
  for (const op of ['ins', 'del'] as const) {
    element.classList.toggle(classes[op], flag?.op === op)
  }
  // A heading or a list item has a role of its own, which must stay: its text carries the mark.
  setAttribute(element, 'role', $isElementNode(node) ? undefined : flag && ROLES[flag.op])
  setAttribute(element, 'aria-description', flag && wordsOf(flag, describe))
  setAttribute(element, CHUNK_ATTRIBUTE, flag?.chunk)
  return true
}

const wordsOf = ({ op, chunk }: Flag, describe: (chunk: string) => string): string =>
  `${op === 'ins' ? 'proposed' : 'to be removed'}, ${describe(chunk)}`

function setAttribute(element: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name)
  else element.setAttribute(name, value)
}
