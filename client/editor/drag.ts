/**
 * Drag moves the dragged words as they are when they are dropped. The browser carries a copy from the
 * moment in which the drag began: what somebody else typed into the words meanwhile was taken away
 * with them, and was not in the copy (ten letters in a drag of 1.5 s).
 */
import {
  $getClipboardDataFromSelection,
  $handleRichTextDrop,
  $writeDragSourceToDataTransfer,
  setLexicalClipboardDataTransfer,
} from '@lexical/clipboard'
import {
  $getSelection,
  $isRangeSelection,
  COMMAND_PRIORITY_LOW,
  DRAGEND_COMMAND,
  DRAGSTART_COMMAND,
  DROP_COMMAND,
  type LexicalEditor,
  mergeRegister,
} from 'lexical'

/** To be registered beside rich text, whose own handling it goes on with. */
export function registerDrag(editor: LexicalEditor): () => void {
  let isFromHere = false
  const notice = (begins: boolean) => () => {
    isFromHere = begins
    return false
  }
  return mergeRegister(
    editor.registerCommand(DRAGSTART_COMMAND, notice(true), COMMAND_PRIORITY_LOW),
    editor.registerCommand(DRAGEND_COMMAND, notice(false), COMMAND_PRIORITY_LOW),
    editor.registerCommand(
      DROP_COMMAND,
      (event) => {
        const selection = $getSelection()
        if (!isFromHere || !$isRangeSelection(selection) || selection.isCollapsed()) return false
        const dataTransfer = new DataTransfer()
        setLexicalClipboardDataTransfer(dataTransfer, $getClipboardDataFromSelection(selection))
        $writeDragSourceToDataTransfer(dataTransfer, editor)
        const { clientX, clientY } = event
        const drop = new DragEvent('drop', { clientX, clientY, dataTransfer, cancelable: true })
        const isHandled = $handleRichTextDrop(drop, editor)
        if (drop.defaultPrevented) event.preventDefault()
        return isHandled
      },
      COMMAND_PRIORITY_LOW,
    ),
  )
}
