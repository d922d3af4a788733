/**
 * Makes what is pasted into what a document may hold, before anybody is sent it: the server refuses
 * other links, styles and nestings, and with them everything that this tab has to say.
 */
import { CodeNode } from '@lexical/code'
import { LinkNode } from '@lexical/link'
import {
  $isElementNode,
  $isRootNode,
  COMMAND_PRIORITY_HIGH,
  type ElementNode,
  type LexicalEditor,
  type LexicalNode,
  mergeRegister,
  SELECTION_INSERT_CLIPBOARD_NODES_COMMAND,
  TextNode,
} from 'lexical'
import { safeUrl } from '#shared/document/links.ts'
import { $flagOf, $setFlag } from './flag-state.ts'

export function registerAdmission(editor: LexicalEditor): () => void {
  return mergeRegister(
    editor.registerNodeTransform(LinkNode, (link) => {
      if (safeUrl(link.getURL()) === undefined) $unwrap(link)
    }),
    editor.registerNodeTransform(CodeNode, (code) => {
      if (!$isRootNode(code.getParent())) $unwrap(code)
    }),
    editor.registerNodeTransform(TextNode, (text) => {
      if (text.getStyle() !== '') text.setStyle('')
    }),
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

function $clearFlags(node: LexicalNode): void {
  if ($flagOf(node)) $setFlag(node, null)
  if ($isElementNode(node)) node.getChildren().forEach($clearFlags)
}
