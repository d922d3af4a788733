/** Keys that mean something of their own here: Tab in lists and code, and what code may contain. */
import { $isCodeNode } from '@lexical/code'
import { ListItemNode } from '@lexical/list'
import { $getNearestNodeOfType } from '@lexical/utils'
import {
  $getSelection,
  $isRangeSelection,
  COMMAND_PRIORITY_HIGH,
  COMMAND_PRIORITY_LOW,
  INDENT_CONTENT_COMMAND,
  INSERT_TAB_COMMAND,
  KEY_TAB_COMMAND,
  type LexicalEditor,
  mergeRegister,
  OUTDENT_CONTENT_COMMAND,
  PASTE_COMMAND,
  type RangeSelection,
} from 'lexical'
import { $topLevel } from './blocks.ts'

const DEEPEST = 6

export function registerKeyboard(editor: LexicalEditor): () => void {
  return mergeRegister(
    editor.registerCommand(KEY_TAB_COMMAND, (event) => $tab(editor, event), COMMAND_PRIORITY_LOW),
    editor.registerCommand(PASTE_COMMAND, $pasteIntoCode, COMMAND_PRIORITY_HIGH),
  )
}

/** In a list it moves the item, in code it is a character; elsewhere it leaves the text. */
function $tab(editor: LexicalEditor, event: KeyboardEvent): boolean {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return false
  if ($isInCode(selection)) {
    event.preventDefault()
    return event.shiftKey || editor.dispatchCommand(INSERT_TAB_COMMAND, undefined)
  }
  const item = $getNearestNodeOfType(selection.anchor.getNode(), ListItemNode)
  if (!item) return false
  event.preventDefault()
  if (event.shiftKey) return editor.dispatchCommand(OUTDENT_CONTENT_COMMAND, undefined)
  return item.getIndent() >= DEEPEST || editor.dispatchCommand(INDENT_CONTENT_COMMAND, undefined)
}

/** Code takes the characters alone: blocks inside it would be lost on the next reading. */
function $pasteIntoCode(event: unknown): boolean {
  const selection = $getSelection()
  if (!(event instanceof ClipboardEvent) || !$isRangeSelection(selection)) return false
  if (!$isInCode(selection)) return false
  event.preventDefault()
  selection.insertRawText(event.clipboardData?.getData('text/plain') ?? '')
  return true
}

const $isInCode = (selection: RangeSelection): boolean =>
  $isCodeNode($topLevel(selection.anchor.getNode()))
