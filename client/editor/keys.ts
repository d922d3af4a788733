/** Keys that mean something else in lists and code than in text. */
import { $createCodeNode, $isCodeNode, type CodeNode } from '@lexical/code'
import { $isListItemNode } from '@lexical/list'
import {
  $createParagraphNode,
  $getSelection,
  $isLineBreakNode,
  $isParagraphNode,
  $isRangeSelection,
  COMMAND_PRIORITY_HIGH,
  INDENT_CONTENT_COMMAND,
  INSERT_PARAGRAPH_COMMAND,
  KEY_ENTER_COMMAND,
  KEY_TAB_COMMAND,
  type LexicalEditor,
  type LexicalNode,
  OUTDENT_CONTENT_COMMAND,
  type RangeSelection,
} from 'lexical'

const FENCE = /^```(\w*)$/
const MAX_DEPTH = 6

export function registerKeys(editor: LexicalEditor): () => void {
  const ends = [
    editor.registerCommand(KEY_ENTER_COMMAND, $enter, COMMAND_PRIORITY_HIGH),
    editor.registerCommand(INSERT_PARAGRAPH_COMMAND, () => $newLine(), COMMAND_PRIORITY_HIGH),
    editor.registerCommand(KEY_TAB_COMMAND, (event) => $tab(editor, event), COMMAND_PRIORITY_HIGH),
  ]
  return () => {
    for (const end of ends) end()
  }
}

function $enter(event: KeyboardEvent | null): boolean {
  if (event?.isComposing || event?.shiftKey) return false
  const done = $newLine()
  if (done) event?.preventDefault()
  return done
}

/** A fence opens a code block; in code a new line stays in it, a second empty one leaves it. */
function $newLine(): boolean {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return false
  const block = $blockOf(selection.anchor.getNode())
  if ($isCodeNode(block)) {
    if (!$leaveCode(selection, block)) selection.insertLineBreak()
    return true
  }
  const fence = $isParagraphNode(block) ? FENCE.exec(block.getTextContent()) : null
  if (!fence || !$isParagraphNode(block)) return false
  const code = $createCodeNode(fence[1] || undefined)
  block.replace(code)
  code.select()
  return true
}

function $leaveCode(selection: RangeSelection, code: CodeNode): boolean {
  const last = code.getLastChild()
  const before = last?.getPreviousSibling()
  const atEnd = selection.isCollapsed() && selection.anchor.offset === $endOffset(selection, code)
  if (!atEnd || !$isLineBreakNode(last) || !$isLineBreakNode(before)) return false
  last.remove()
  before.remove()
  const paragraph = $createParagraphNode()
  code.insertAfter(paragraph)
  paragraph.select()
  return true
}

function $endOffset(selection: RangeSelection, code: CodeNode): number {
  return selection.anchor.key === code.getKey() ? code.getChildrenSize() : -1
}

/** Tab is the keyboard's way out of the text, but for lists and code, where it is wanted. */
function $tab(editor: LexicalEditor, event: KeyboardEvent): boolean {
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return false
  const block = $blockOf(selection.anchor.getNode())
  if ($isCodeNode(block) && !event.shiftKey) {
    event.preventDefault()
    selection.insertText('  ')
    return true
  }
  if (!$isListItemNode(block)) return false
  event.preventDefault()
  if (!event.shiftKey && block.getIndent() >= MAX_DEPTH) return true
  return editor.dispatchCommand(
    event.shiftKey ? OUTDENT_CONTENT_COMMAND : INDENT_CONTENT_COMMAND,
    undefined,
  )
}

/** The block, or list item, that a node is in. */
export function $blockOf(node: LexicalNode): LexicalNode {
  let at = node
  for (;;) {
    const parent = at.getParent()
    if ($isListItemNode(at) || !parent || parent.getType() === 'root') return at
    at = parent
  }
}
