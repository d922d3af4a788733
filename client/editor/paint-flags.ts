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
  type NodeKey,
  type NodeMutation,
  ParagraphNode,
  TextNode,
} from 'lexical'
import type { Flag } from '#shared/document/shape.ts'
import { DividerNode } from './DividerNode.ts'
import { $flagOf } from './flag-state.ts'

const CHUNK_ATTRIBUTE = 'data-chunk'
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

/** An element that shows a part of a chunk. */
export interface Painted {
  element: HTMLElement
  chunk: string
}

export interface PaintDeps {
  editor: LexicalEditor
  /** What a screen reader says of a chunk: whose suggestion it is. */
  describe: (chunk: string) => string
  /** After each change of what is painted. */
  onPaint: () => void
}

export interface FlagPaint {
  /** All that is painted now, in no order: whoever looks for it need not search the whole text. */
  painted(): Iterable<Painted>
  close(): void
}

export function paintFlags({ editor, describe, onPaint }: PaintDeps): FlagPaint {
  const known = new Map<NodeKey, Painted>()
  /** True where the node is painted, or was until now. */
  const $repaint = (key: NodeKey): boolean => {
    const before = known.get(key)
    const element = editor.getElementByKey(key)
    const node = element && $getNodeByKey(key)
    const flag = node ? $flagOf(node) : undefined
    if (!before && !flag) return false
    if (flag && element) known.set(key, { element, chunk: flag.chunk })
    else known.delete(key)
    if (element && node) paint(element, node, flag, describe)
    return true
  }
  const listener = (mutations: Map<NodeKey, NodeMutation>) => {
    let painted = false
    editor.read(() => {
      for (const key of mutations.keys()) painted = $repaint(key) || painted
    })
    if (painted) onPaint()
  }
  // What is there already is looked at once, and not told as news of every node to nine listeners.
  editor.read(() => {
    for (const [key, node] of editor.getEditorState()._nodeMap) if ($flagOf(node)) $repaint(key)
  })
  if (known.size > 0) onPaint()
  return {
    painted: () => known.values(),
    close: mergeRegister(
      ...PAINTED.map((klass) =>
        editor.registerMutationListener(klass, listener, { skipInitialization: true }),
      ),
    ),
  }
}

/** The chunk that an element of the text shows a part of; null where it shows none. */
export const chunkAt = (element: Element): string | null =>
  element.closest(`[${CHUNK_ATTRIBUTE}]`)?.getAttribute(CHUNK_ATTRIBUTE) ?? null

function paint(
  element: HTMLElement,
  node: LexicalNode,
  flag: Flag | undefined,
  describe: (chunk: string) => string,
): void {
  const classes = $isTextNode(node) ? CLASSES : BLOCK_CLASSES
  for (const op of ['ins', 'del'] as const) {
    element.classList.toggle(classes[op], flag?.op === op)
  }
  // A heading or a list item has a role of its own, which must stay: its text carries the mark.
  setAttribute(element, 'role', $isElementNode(node) ? undefined : flag && ROLES[flag.op])
  setAttribute(element, 'aria-description', flag && wordsOf(flag, describe))
  setAttribute(element, CHUNK_ATTRIBUTE, flag?.chunk)
}

const wordsOf = ({ op, chunk }: Flag, describe: (chunk: string) => string): string =>
  `${op === 'ins' ? 'proposed' : 'to be removed'}, ${describe(chunk)}`

function setAttribute(element: HTMLElement, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name)
  else element.setAttribute(name, value)
}
