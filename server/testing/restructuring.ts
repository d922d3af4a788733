/** Actions that take text along, at random: what Enter, a merge, a change of type or indent does. */
import { $isLinkNode, $toggleLink } from '@lexical/link'
import { $createListItemNode, $createListNode, $isListItemNode, $isListNode } from '@lexical/list'
import { $createHeadingNode, $createQuoteNode } from '@lexical/rich-text'
import { $setBlocksType } from '@lexical/selection'
import * as L from 'lexical'
import type { Random } from './random.ts'
import type { Action } from './typing.ts'

/** The block that a random text stands in becomes one of another type. */
export const changeType: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text || $itemOf(text)) return
    text.select(0, 0)
    const makers: (() => L.ElementNode)[] = [
      () => L.$createParagraphNode(),
      () => $createHeadingNode('h3'),
      () => $createQuoteNode(),
    ]
    $setBlocksType(L.$getSelection(), random.pick(makers))
  })

/** A paragraph becomes the item of a new list, or of the list in front of it. */
export const makeItem: Action = (person, random) =>
  person.edit(() => {
    const blocks = L.$getRoot().getChildren().filter(L.$isParagraphNode)
    const block = random.pick(blocks)
    if (!block) return
    const before = block.getPreviousSibling()
    const item = $createListItemNode().append(...block.getChildren())
    if ($isListNode(before)) {
      before.append(item)
      block.remove()
    } else {
      block.replace($createListNode('bullet').append(item))
    }
  })

/** An item becomes one of a list inside the item in front of it, as Tab does. */
export const indent: Action = (person, random) =>
  person.edit(() => {
    const item = $itemOf($anyText(random))
    if (item?.getPreviousSibling()) item.setIndent(Math.min(3, item.getIndent() + 1))
  })

export const outdent: Action = (person, random) =>
  person.edit(() => {
    const item = $itemOf($anyText(random))
    if (item && item.getIndent() > 0) item.setIndent(item.getIndent() - 1)
  })

/** Some words of one text become a link. */
export const link: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text || $isLinkNode(text.getParent())) return
    const size = text.getTextContentSize()
    const from = random.below(size)
    text.select(from, Math.min(size, from + 1 + random.below(4)))
    $toggleLink('https://a.b/')
  })

export const unlink: Action = (person, random) =>
  person.edit(() => {
    const links = L.$getRoot()
      .getAllTextNodes()
      .filter((text) => $isLinkNode(text.getParent()))
    if (links.length === 0) return
    random.pick(links).select(0)
    $toggleLink(null)
  })

export const breakLine: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text || $isLinkNode(text.getParent())) return
    const at = random.below(text.getTextContentSize() + 1)
    text.select(at, at).insertLineBreak()
  })

export const joinLines: Action = (person, random) =>
  person.edit(() => {
    const breaks = L.$getRoot()
      .getChildren()
      .flatMap((block) => (L.$isElementNode(block) ? block.getChildren() : []))
      .filter(L.$isLineBreakNode)
    random.pick(breaks)?.remove()
  })

/** From somewhere in one paragraph to somewhere in the next; what is left is one paragraph. */
export const eraseAcrossBlocks: Action = (person, random) =>
  person.edit(() => {
    const blocks = L.$getRoot().getChildren().filter(L.$isParagraphNode)
    const first = random.pick(blocks)
    const next = first?.getNextSibling()
    const start = first?.getLastDescendant()
    const end = L.$isParagraphNode(next) ? next.getFirstDescendant() : undefined
    if (!L.$isTextNode(start) || !L.$isTextNode(end)) return
    const selection = L.$createRangeSelection()
    const from = Math.max(0, start.getTextContentSize() - 1 - random.below(2))
    selection.anchor.set(start.getKey(), from, 'text')
    selection.focus.set(end.getKey(), Math.min(2, end.getTextContentSize()), 'text')
    L.$setSelection(selection)
    selection.removeText()
  })

const $itemOf = (node: L.LexicalNode | undefined) => node?.getParents().find($isListItemNode)

function $anyText(random: Random): L.TextNode | undefined {
  const texts = L.$getRoot().getAllTextNodes()
  return texts.length > 0 ? random.pick(texts) : undefined
}
