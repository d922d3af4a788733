/**
 * Makes what is pasted into what a document may hold, before anybody is sent it: the server refuses
 * other links, styles and nestings, and with them everything that this tab has to say.
 */
import { CodeNode } from '@lexical/code'
import { LinkNode } from '@lexical/link'
import { $createListItemNode, $isListNode, ListItemNode, ListNode } from '@lexical/list'
import { HeadingNode, QuoteNode } from '@lexical/rich-text'
import {
  $getSelection,
  $isElementNode,
  $isRangeSelection,
  $isRootNode,
  $isTextNode,
  COMMAND_PRIORITY_CRITICAL,
  COMMAND_PRIORITY_HIGH,
  COPY_COMMAND,
  CUT_COMMAND,
  type ElementNode,
  type LexicalEditor,
  type LexicalNode,
  mergeRegister,
  ParagraphNode,
  SELECTION_INSERT_CLIPBOARD_NODES_COMMAND,
  TextNode,
} from 'lexical'
import { safeUrl } from '#shared/document/links.ts'
import { formatFlag } from '#shared/document/shape.ts'
import { $flagOf, $setFlag } from './flag-state.ts'

/** What the inspector takes of an address, a title or a language. */
const MAX_ATTRIBUTE = 2_048
const BLOCKS = [ParagraphNode, HeadingNode, QuoteNode, ListNode, ListItemNode, CodeNode, LinkNode]

export function registerAdmission(editor: LexicalEditor): () => void {
  /** The flags of what was cut last. The server gives them to what it knows to be gone, and to nothing else. */
  const cut = new Set<string>()
  return mergeRegister(
    editor.registerNodeTransform(LinkNode, (link) => {
      const url = link.getURL()
      if (url.length > MAX_ATTRIBUTE || safeUrl(url) === undefined) return $unwrap(link)
      if (!url.isWellFormed()) link.setURL(url.toWellFormed())
      if ((link.getTitle() ?? '').length > MAX_ATTRIBUTE) link.setTitle(null)
    }),
    editor.registerNodeTransform(CodeNode, (code) => {
      if (!$isRootNode(code.getParent())) return $unwrap(code)
      if ((code.getLanguage() ?? '').length > MAX_ATTRIBUTE) code.setLanguage(undefined)
    }),
    editor.registerNodeTransform(ListItemNode, $gatherItems),
    editor.registerNodeTransform(TextNode, (text) => {
      if (text.getStyle() !== '') text.setStyle('')
      const words = text.getTextContent()
      // Half a character is another text to everybody else: Yjs cannot send it.
      if (!words.isWellFormed()) text.setTextContent(words.toWellFormed())
    }),
    ...BLOCKS.map((klass) =>
      editor.registerNodeTransform(klass, (block: ElementNode) => {
        if (block.getStyle() !== '') block.setStyle('')
        if (block.getTextStyle() !== '') block.setTextStyle('')
      }),
    ),
    editor.registerCommand(
      SELECTION_INSERT_CLIPBOARD_NODES_COMMAND,
      ({ nodes }) => {
        // A copy of provisional text is the text of whoever pastes it; what was cut stays the suggestion's.
        for (const node of nodes) $clearFlags(node, cut)
        return false
      },
      COMMAND_PRIORITY_HIGH,
    ),
    editor.registerCommand(CUT_COMMAND, () => $noteFlags(cut), COMMAND_PRIORITY_CRITICAL),
    editor.registerCommand(
      COPY_COMMAND,
      () => {
        cut.clear()
        return false
      },
      COMMAND_PRIORITY_CRITICAL,
    ),
  )
}

function $unwrap(element: ElementNode): void {
  for (const child of element.getChildren()) element.insertBefore(child)
  element.remove()
}

/**
 * Lines that are pasted within a nested list part it, and stand beside it in the item around it: where
 * that item goes, as in a change of the list's type, Lexical forgets them. They become items of the list.
 */
function $gatherItems(around: ListItemNode): void {
  const [list, first, ...further] = around.getChildren()
  if (!$isListNode(list) || !first || $isListNode(first)) return
  for (const block of [first, ...further]) {
    if (!$isElementNode(block) || block.isInline()) return
    if ($isListNode(block)) {
      if (block.getListType() !== list.getListType()) return
      list.append(...block.getChildren())
    } else {
      const item = $createListItemNode(list.getListType() === 'check' ? false : undefined)
      list.append(item.append(...block.getChildren()))
      const selection = $getSelection()
      for (const point of $isRangeSelection(selection) ? [selection.anchor, selection.focus] : []) {
        if (point.key === block.getKey()) point.set(item.getKey(), point.offset, 'element')
      }
    }
    block.remove()
  }
}

function $clearFlags(node: LexicalNode, kept: ReadonlySet<string>): void {
  const flag = $flagOf(node)
  if (flag && !kept.has(formatFlag(flag))) $setFlag(node, null)
  if ($isElementNode(node)) for (const child of node.getChildren()) $clearFlags(child, kept)
}

/** Takes down whose the selected text is, which is about to be cut. */
function $noteFlags(flags: Set<string>): false {
  flags.clear()
  for (const node of $getSelection()?.getNodes() ?? []) {
    const flag = $isTextNode(node) ? $flagOf(node) : undefined
    if (flag) flags.add(formatFlag(flag))
  }
  return false
}
