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
  COMMAND_PRIORITY_HIGH,
  type ElementNode,
  type LexicalEditor,
  type LexicalNode,
  mergeRegister,
  ParagraphNode,
  SELECTION_INSERT_CLIPBOARD_NODES_COMMAND,
  TextNode,
} from 'lexical'
import { safeUrl } from '#shared/document/links.ts'
import { $flagOf, $setFlag } from './flag-state.ts'

/** What the inspector takes of an address, a title or a language. */
const MAX_ATTRIBUTE = 2_048
const BLOCKS = [ParagraphNode, HeadingNode, QuoteNode, ListNode, ListItemNode, CodeNode, LinkNode]

export function registerAdmission(editor: LexicalEditor): () => void {
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
        // A copy of provisional text is the text of whoever pastes it.
        nodes.forEach($clearFlags)
        return false
      },
      COMMAND_PRIORITY_HIGH,
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

function $clearFlags(node: LexicalNode): void {
  if ($flagOf(node)) $setFlag(node, null)
  if ($isElementNode(node)) node.getChildren().forEach($clearFlags)
}
