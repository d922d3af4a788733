/**
 * Keeps three selections one: the browser's, Lexical's, and where the person believes to be. The
 * browser tells of a moved caret some time after it moved; until then a key would act at the old
 * place, and afterwards Lexical would fetch the focus back from wherever the person has gone.
 */
import {
  $addUpdateTag,
  $createRangeSelectionFromDom,
  $getSelection,
  $isRangeSelection,
  $setSelection,
  COMMAND_PRIORITY_CRITICAL,
  KEY_DOWN_COMMAND,
  type LexicalEditor,
  mergeRegister,
  type RangeSelection,
  SELECTION_CHANGE_COMMAND,
  SKIP_DOM_SELECTION_TAG,
} from 'lexical'

export function guardSelection(editor: LexicalEditor): () => void {
  return mergeRegister(
    editor.registerCommand(
      SELECTION_CHANGE_COMMAND,
      () => {
        if (!hasFocus(editor)) $addUpdateTag(SKIP_DOM_SELECTION_TAG)
        return false
      },
      COMMAND_PRIORITY_CRITICAL,
    ),
    editor.registerCommand(KEY_DOWN_COMMAND, () => $catchUp(editor), COMMAND_PRIORITY_CRITICAL),
  )
}

function hasFocus(editor: LexicalEditor): boolean {
  const root = editor.getRootElement()
  return root?.contains(root.ownerDocument.activeElement) ?? false
}

/** A key acts where the caret is seen, also when the browser has not yet told that it moved. */
function $catchUp(editor: LexicalEditor): false {
  const known = $getSelection()
  if (!$isRangeSelection(known)) return false
  const seen = $createRangeSelectionFromDom(window.getSelection(), editor)
  // The same place keeps what was chosen for the next letter, such as bold.
  if (seen && !isSamePlace(seen, known)) $setSelection(seen)
  return false
}

const isSamePlace = (a: RangeSelection, b: RangeSelection): boolean =>
  a.anchor.is(b.anchor) && a.focus.is(b.focus)
