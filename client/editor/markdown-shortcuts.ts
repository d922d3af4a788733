/**
 * Markdown as one types it: a marker and a space make a block, a pair of markers makes a format.
 * It looks only at the text before one's own caret, so others' typing never triggers it.
 */
import { $createCodeNode, $isCodeNode } from '@lexical/code'
import { $createHorizontalRuleNode } from '@lexical/extension'
import { $createLinkNode, $isLinkNode } from '@lexical/link'
import { $createListItemNode, $createListNode, type ListType } from '@lexical/list'
import { $createHeadingNode, $createQuoteNode, type HeadingTagType } from '@lexical/rich-text'
import {
  $createParagraphNode,
  $createTextNode,
  $getSelection,
  $isParagraphNode,
  $isRangeSelection,
  type ElementNode,
  type LexicalEditor,
  type ParagraphNode,
  type TextFormatType,
  TextNode,
} from 'lexical'
import { safeUrl } from '#shared/document/links.ts'
import { $flagOf } from './flags.ts'

/** Each takes the paragraph's place; its marker is gone already. */
const BLOCKS: { marker: RegExp; make: (match: RegExpExecArray) => ElementNode }[] = [
  {
    marker: /^(#{1,3}) $/,
    make: ([, hashes = '#']) => $createHeadingNode(`h${hashes.length}` as HeadingTagType),
  },
  { marker: /^> $/, make: () => $createQuoteNode() },
  { marker: /^[-*+] $/, make: () => $listOf('bullet') },
  { marker: /^(\d{1,9})[.)] $/, make: ([, start]) => $listOf('number', Number(start)) },
  {
    marker: /^\[( |x|X)?\] $/,
    make: ([, mark]) => $listOf('check', 1, mark?.toLowerCase() === 'x'),
  },
  { marker: /^```(\w*) $/, make: ([, language]) => $createCodeNode(language || undefined) },
]

const FORMATS: { marked: RegExp; marker: number; format: TextFormatType }[] = [
  { marked: /\*\*([^\s*](?:[^*]*[^\s*])?)\*\*$/, marker: 2, format: 'bold' },
  { marked: /(?<![\w_])__([^\s_](?:[^_]*[^\s_])?)__$/, marker: 2, format: 'bold' },
  { marked: /~~([^\s~](?:[^~]*[^\s~])?)~~$/, marker: 2, format: 'strikethrough' },
  { marked: /`([^`]+)`$/, marker: 1, format: 'code' },
  { marked: /(?<!\*)\*([^\s*](?:[^*]*[^\s*])?)\*$/, marker: 1, format: 'italic' },
  { marked: /(?<![\w_])_([^\s_](?:[^_]*[^\s_])?)_$/, marker: 1, format: 'italic' },
]

const LINK = /\[([^\]]+)\]\(([^()\s]+)\)$/

export function registerMarkdownShortcuts(editor: LexicalEditor): () => void {
  return editor.registerNodeTransform(TextNode, (node) => {
    const before = $textBeforeCaret(node)
    if (before === undefined || $flagOf(node)) return
    if ($makeBlock(node, before)) return
    if ($makeLink(node, before)) return
    $makeFormat(node, before)
  })
}

/** The node's text up to one's caret, where that is in it. */
function $textBeforeCaret(node: TextNode): string | undefined {
  const selection = $getSelection()
  if (!$isRangeSelection(selection) || !selection.isCollapsed()) return undefined
  if (selection.anchor.key !== node.getKey() || !node.isSimpleText()) return undefined
  if (node.hasFormat('code') || $isCodeNode(node.getParent())) return undefined
  return node.getTextContent().slice(0, selection.anchor.offset)
}

function $makeBlock(node: TextNode, before: string): boolean {
  const paragraph = node.getParent()
  if (!$isParagraphNode(paragraph) || node.getPreviousSibling()) return false
  if (before === '---' && node.getTextContent() === '---' && !node.getNextSibling()) {
    $makeDivider(paragraph)
    return true
  }
  for (const { marker, make } of BLOCKS) {
    const match = marker.exec(before)
    if (!match) continue
    node.spliceText(0, before.length, '', true)
    const block = make(match)
    const holder = block.getFirstChild() ?? block
    for (const child of paragraph.getChildren()) (holder as ElementNode).append(child)
    paragraph.replace(block)
    ;(holder as ElementNode).selectStart()
    return true
  }
  return false
}

function $makeDivider(paragraph: ParagraphNode): void {
  paragraph.insertBefore($createHorizontalRuleNode())
  const next = $createParagraphNode()
  paragraph.replace(next)
  next.select()
}

function $makeLink(node: TextNode, before: string): boolean {
  const match = LINK.exec(before)
  const [whole, label = '', address = ''] = match ?? []
  const url = safeUrl(address)
  if (whole === undefined || url === undefined || $isLinkNode(node.getParent())) return false
  const marked = $cut(node, before.length - whole.length, before.length)
  const link = $createLinkNode(url)
  link.append($createTextNode(label).setFormat(marked.getFormat()))
  marked.replace(link)
  $typeOnBehind(link)
  return true
}

function $makeFormat(node: TextNode, before: string): void {
  for (const { marked, marker, format } of FORMATS) {
    const match = marked.exec(before)
    if (!match) continue
    const [whole, inner = ''] = match
    const text = $cut(node, before.length - whole.length, before.length)
    text.spliceText(whole.length - marker, marker, '')
    text.spliceText(0, marker, '')
    if (!text.hasFormat(format)) text.toggleFormat(format)
    text.select(inner.length, inner.length)
    const selection = $getSelection()
    if ($isRangeSelection(selection) && selection.hasFormat(format)) selection.toggleFormat(format)
    return
  }
}

/** The characters `from..to` as a node of their own. */
function $cut(node: TextNode, from: number, to: number): TextNode {
  const parts = node.splitText(from, to)
  return (from === 0 ? parts[0] : parts[1]) ?? node
}

function $typeOnBehind(node: ElementNode): void {
  const next = $createTextNode('')
  node.insertAfter(next)
  next.select()
}

function $listOf(type: ListType, start = 1, checked?: boolean): ElementNode {
  const list = $createListNode(type, start)
  list.append($createListItemNode(type === 'check' ? (checked ?? false) : undefined))
  return list
}
