/** Names a place in the text as the contract does: by Yjs positions, which survive what others do. */
import type { BindingV2 } from '@lexical/yjs'
import { $getSelection, $isElementNode, $isRangeSelection, $isTextNode, type Point } from 'lexical'
import * as Y from 'yjs'
import type { Target } from '#shared/protocol/api.ts'

export interface NamedTarget {
  target: Target
  /** The state vector the target was named at: the server waits until it has as much. */
  basis: string
}

/** The selection, or the caret; the document where there is neither. */
export function $target(binding: BindingV2): NamedTarget {
  const basis = toBase64Url(Y.encodeStateVector(binding.doc))
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return { target: { document: true }, basis }
  const [start, end] = selection.isBackward()
    ? [selection.focus, selection.anchor]
    : [selection.anchor, selection.focus]
  if (selection.isCollapsed()) {
    const at = $positionOf(start, binding, 0)
    return { target: at === undefined ? { document: true } : { at }, basis }
  }
  // Each end holds on to the selected character beside it, so that what others type stays outside.
  const from = $positionOf(start, binding, 0)
  const to = $positionOf(end, binding, -1)
  const isNamed = from !== undefined && to !== undefined
  return { target: isNamed ? { range: { from, to } } : { document: true }, basis }
}

function $positionOf(point: Point, { mapping }: BindingV2, assoc: number): string | undefined {
  const node = point.getNode()
  const type = mapping.getSharedType(node)
  if (!type) return undefined
  let index = point.offset
  if ($isTextNode(node)) {
    // One Yjs text holds a whole run of Lexical's text nodes.
    for (
      let left = node.getPreviousSibling();
      $isTextNode(left);
      left = left.getPreviousSibling()
    ) {
      index += left.getTextContentSize()
    }
  } else if ($isElementNode(node)) {
    const children = node.getChildren().slice(0, point.offset)
    index = children.filter(
      (child, n) => !($isTextNode(child) && $isTextNode(children[n - 1])),
    ).length
  }
  const position = Y.createRelativePositionFromTypeIndex(type, index, assoc)
  return toBase64Url(Y.encodeRelativePosition(position))
}

export function toBase64Url(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')
}
