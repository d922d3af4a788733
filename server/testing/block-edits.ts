/** What people do to blocks, links and lists in an editor, at random, as the page's commands do it. */
import { $isLinkNode, $toggleLink } from '@lexical/link'
import { $isListItemNode, $isListNode } from '@lexical/list'
import * as L from 'lexical'
import { $setBlockType } from '#client/editor/blocks.ts'
import type { Random } from './random.ts'
import type { Action } from './typing.ts'

/** Turns the block with a chosen text into another kind, as the toolbar and `# `, `- `, `> ` do. */
export const changeBlock: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text) return
    text.select(0, 0)
    $setBlockType(random.pick(['h1', 'h2', 'quote', 'code', 'bullet', 'number'] as const))
  })

/** A paragraph becomes a heading, or a heading a paragraph. */
export const changeTag: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text || text.getParents().some($isListItemNode)) return
    text.select(0, 0)
    $setBlockType(random.pick(['h1', 'h2', 'h3', 'paragraph'] as const))
  })

export const link: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text || $isLinkNode(text.getParent())) return
    const size = text.getTextContentSize()
    const from = random.below(size)
    text.select(from, Math.min(size, from + 1 + random.below(4)))
    $toggleLink('https://a.b/c')
  })

export const unlink: Action = (person, random) =>
  person.edit(() => {
    const links = $texts().filter((text) => $isLinkNode(text.getParent()))
    if (links.length === 0) return
    random.pick(links).select(0, undefined)
    $toggleLink(null)
  })

/** A paragraph of two characters behind any block. */
export const addParagraph: Action = (person, random, alphabet) =>
  person.edit(() => {
    const paragraph = L.$createParagraphNode()
    paragraph.append(L.$createTextNode(alphabet.take(2)))
    random.pick(L.$getRoot().getChildren()).insertAfter(paragraph)
  })

export const breakLine: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    if (!text) return
    const at = random.below(text.getTextContentSize() + 1)
    text.select(at, at).insertLineBreak()
  })

export const dropBreak: Action = (person, random) =>
  person.edit(() => {
    const breaks = $leaves().filter(L.$isLineBreakNode)
    if (breaks.length > 0) random.pick(breaks).remove()
  })

/** A block, or one item of a list, with all that is in it. */
export const dropBlock: Action = (person, random) =>
  person.edit(() => {
    const root = L.$getRoot()
    if (root.getChildrenSize() < 2) return
    const block = random.pick(root.getChildren())
    const items = $isListNode(block) ? block.getChildren().filter($isListItemNode) : []
    if (items.length > 1) random.pick(items).remove()
    else block.remove()
  })

/** Selects from within one text to within another one, and deletes what is between. */
export const eraseFarther: Action = (person, random) =>
  person.edit(() => {
    const texts = $texts()
    if (texts.length < 2) return
    const at = random.below(texts.length - 1)
    const first = texts[at]!
    const last = texts[Math.min(texts.length - 1, at + 1 + random.below(2))]!
    const selection = first.select(random.below(first.getTextContentSize() + 1), undefined)
    const end = random.below(last.getTextContentSize() + 1)
    selection.focus.set(last.getKey(), end, 'text')
    selection.removeText()
  })

export const indent: Action = (person, random) =>
  person.edit(() => {
    const text = $anyText(random)
    const item = text?.getParents().find($isListItemNode)
    if (!item || item.getIndent() > 2) return
    if (random.chance(0.5)) item.setIndent(item.getIndent() + 1)
    else if (item.getIndent() > 0) item.setIndent(item.getIndent() - 1)
  })

const $texts = () => L.$getRoot().getAllTextNodes()

function $anyText(random: Random): L.TextNode | undefined {
  const texts = $texts()
  return texts.length > 0 ? random.pick(texts) : undefined
}

function $leaves(node: L.ElementNode = L.$getRoot()): L.LexicalNode[] {
  return node.getChildren().flatMap((child) => (L.$isElementNode(child) ? $leaves(child) : [child]))
}
