/**
 * A seam keeps the text nodes of two neighbouring Yjs texts apart. Lexical makes one node of two
 * equal neighbours, and every page that had merely read the two texts would then write their union:
 * `applesPPEARS`, once more for each page (case 33.3). The seam is a NodeState that the text behind
 * another one carries, which makes the two nodes unlike; it is never written to the document.
 */
import type { BindingV2 } from '@lexical/yjs'
import {
  $getState,
  $isTextNode,
  $setState,
  createState,
  type LexicalEditor,
  TextNode,
} from 'lexical'
import * as Y from 'yjs'
import { livingTypeOf } from './mapping.ts'

export const SEAM = 'seam'

const seamState = createState(SEAM, {
  parse: (value) => (typeof value === 'string' ? value : null),
})

/** The seam of a text that stands behind another one. */
export const seamOf = ({ _item: item }: Y.XmlText): string | null =>
  item && `${item.id.client}.${item.id.clock}`

/**
 * Takes a seam off a node that carries it to where nothing needs it: into another block, into a
 * paste, or away from the text in front. To be registered before the document is shown.
 */
export function registerSeams(binding: BindingV2, editor: LexicalEditor): () => void {
  return editor.registerNodeTransform(TextNode, (node) => {
    const seam = $getState(node, seamState)
    if (seam !== null && !$isNeeded(binding, node, seam)) $setState(node, seamState, null)
  })
}

function $isNeeded(binding: BindingV2, node: TextNode, seam: string): boolean {
  const text = livingTypeOf(binding, node)
  const before = node.getPreviousSibling()
  if (!(text instanceof Y.XmlText) || !$isTextNode(before) || seamOf(text) !== seam) return false
  const parent = node.getParent()
  const isAtHome = parent !== null && text.parent === binding.mapping.getSharedType(parent)
  // The later nodes of one text carry its seam for as long as the first one does.
  const isApart = livingTypeOf(binding, before) !== text || $getState(before, seamState) === seam
  return isAtHome && isApart
}
