/** Blocks as the toolbar names them: which one the selection is in, and turning it into another. */
import { $createCodeNode, $isCodeNode } from '@lexical/code'
import { $insertList, $isListNode, $removeList, ListNode } from '@lexical/list'
import {
  $createHeadingNode,
  $createQuoteNode,
  $isHeadingNode,
  $isQuoteNode,
} from '@lexical/rich-text'
import { $setBlocksType } from '@lexical/selection'
import {
  $findMatchingParent,
  $getNearestNodeOfType,
  $insertNodeToNearestRoot,
} from '@lexical/utils'
import {
  $createParagraphNode,
  $getRoot,
  $getSelection,
  $isRangeSelection,
  $isRootNode,
  type LexicalNode,
  type RangeSelection,
} from 'lexical'
import { $isEmptied } from './binding/empty-nodes.ts'
import { $createDividerNode } from './DividerNode.ts'
import type { BlockType } from './handle.ts'

/** What the first block of the selection is. */
export function $blockTypeOf(selection: RangeSelection): BlockType {
  const node = selection.anchor.getNode()
  const list = $getNearestNodeOfType(node, ListNode)
  if (list) return list.getListType()
  const block = $topLevel(node)
  if ($isHeadingNode(block)) {
    const tag = block.getTag()
    return tag === 'h1' || tag === 'h2' ? tag : 'h3'
  }
  if ($isQuoteNode(block)) return 'quote'
  if ($isCodeNode(block)) return 'code'
  return 'paragraph'
}

/** Pressing the type that a block already has makes it a paragraph again. */
export function $setBlockType(type: BlockType): void {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return
  const now = $blockTypeOf(selection)
  if (type === 'bullet' || type === 'number' || type === 'check') {
    if (now === type) $removeList()
    else {
      // Lexical joins the new list with one beside it by that one's first item.
      for (const block of $getRoot().getChildren()) if ($isEmptied(block)) block.remove()
      $insertList(type)
    }
    return
  }
  if ($isListNode($getNearestNodeOfType(selection.anchor.getNode(), ListNode))) $removeList()
  const current = $getSelection()
  if (!$isRangeSelection(current)) return
  const target = now === type ? 'paragraph' : type
  // Made anew it would be another block to everybody else, with all of its words.
  const isOne = $topLevel(current.anchor.getNode()).is($topLevel(current.focus.getNode()))
  if (now === target && isOne) return
  $setBlocksType(current, () => {
    switch (target) {
      case 'h1':
      case 'h2':
      case 'h3':
        return $createHeadingNode(target)
      case 'quote':
        return $createQuoteNode()
      case 'code':
        return $createCodeNode()
      default:
        return $createParagraphNode()
    }
  })
}

/** A divider behind the block with the caret, which goes on below it. */
export function $insertDivider(): void {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return
  const block = $topLevel(selection.focus.getNode())
  const divider = $insertNodeToNearestRoot($createDividerNode())
  if (block.isAttached() && block.getTextContent() === '' && $isEmptyParagraphLike(block)) {
    block.remove()
  }
  let next = divider.getNextSibling()
  if (!next) {
    next = $createParagraphNode()
    divider.insertAfter(next)
  }
  next.selectStart()
}

const $isEmptyParagraphLike = (node: LexicalNode): boolean => node.getType() === 'paragraph'

/** The child of the root that a node stands in. */
export function $topLevel(node: LexicalNode): LexicalNode {
  if ($isRootNode(node)) return node.getFirstChild() ?? node
  return $findMatchingParent(node, (one) => $isRootNode(one.getParent())) ?? node
}
