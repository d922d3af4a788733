/**
 * Shows what is selected while another field has the focus, where the browser stops showing it:
 * whoever asks the co-pilot of some text still sees which. Painted as a custom highlight, which
 * leaves the text's elements as they are.
 */
import { createDOMRange } from '@lexical/selection'
import {
  $getSelection,
  $isRangeSelection,
  BLUR_COMMAND,
  COMMAND_PRIORITY_LOW,
  FOCUS_COMMAND,
  type LexicalEditor,
  mergeRegister,
} from 'lexical'

/** The name that styles have for it. */
const KEPT = 'kept-selection'

/** Does nothing in a browser without custom highlights. Returns what ends it. */
export function keepSelection(editor: LexicalEditor): () => void {
  if (!('highlights' in CSS)) return () => undefined
  let away = false
  // Drawn anew with each change, because the texts of the page are replaced as others type.
  const draw = () => {
    const range = away ? editor.read(() => $selectedRange(editor)) : null
    if (range) CSS.highlights.set(KEPT, new Highlight(range))
    else CSS.highlights.delete(KEPT)
    return false
  }
  const turn = (isAway: boolean) => () => {
    away = isAway
    return draw()
  }
  const stop = mergeRegister(
    editor.registerCommand(BLUR_COMMAND, turn(true), COMMAND_PRIORITY_LOW),
    editor.registerCommand(FOCUS_COMMAND, turn(false), COMMAND_PRIORITY_LOW),
    editor.registerUpdateListener(() => {
      if (away) draw()
    }),
  )
  return () => {
    stop()
    turn(false)()
  }
}

function $selectedRange(editor: LexicalEditor): Range | null {
  const selection = $getSelection()
  if (!$isRangeSelection(selection) || selection.isCollapsed()) return null
  const [start, end] = selection.isBackward()
    ? [selection.focus, selection.anchor]
    : [selection.anchor, selection.focus]
  return createDOMRange(editor, start.getNode(), start.offset, end.getNode(), end.offset)
}
