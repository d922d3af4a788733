/**
 * What the page has to know of the selection: for the toolbar what is switched on, for the floating
 * bar and the ask bar where it is and what it holds. Read from Lexical, told only when it differs.
 */
import {
  $getSelection,
  $isElementNode,
  $isRangeSelection,
  COMMAND_PRIORITY_LOW,
  type LexicalEditor,
  mergeRegister,
  type RangeSelection,
  SELECTION_CHANGE_COMMAND,
  type UpdateListenerPayload,
} from 'lexical'
import type * as Y from 'yjs'
import { createStore, type Store } from '#client/session/store.ts'
import { sentences } from '#shared/document/sentences.ts'
import { $blockTypeOf, $topLevel } from './blocks.ts'
import { rangeBox } from './boxes.ts'
import type { Box, SelectionState, TextFormat, ToolbarState } from './handle.ts'
import { $linkOf } from './links.ts'
import type { Frames } from './page/frames.ts'

const FORMATS: readonly TextFormat[] = ['bold', 'italic', 'underline', 'strikethrough', 'code']
/** What is selected is read whole: of so many characters not in every frame while others write. */
const LONG = 20_000
const LONG_MS = 250
const NOTHING: SelectionState = {
  kind: 'none',
  sentences: 0,
  text: '',
  box: null,
  emptyBlock: false,
}

export interface SelectionStores {
  readonly toolbar: Store<ToolbarState>
  readonly selection: Store<SelectionState>
  close(): void
}

export function watchSelection(
  editor: LexicalEditor,
  undo: Y.UndoManager,
  frames: Frames,
): SelectionStores {
  const selection = createStore<SelectionState>(NOTHING)
  const toolbar = createStore<ToolbarState>({
    block: 'paragraph',
    formats: new Set(),
    link: null,
    canUndo: false,
    canRedo: false,
  })
  let timer: ReturnType<typeof setTimeout> | undefined
  const read = () =>
    editor.read(() => {
      const now = $getSelection()
      const range = $isRangeSelection(now) ? now : undefined
      return {
        next: range ? $selectionState(range, selection.get().box) : NOTHING,
        text: range && $textState(range),
      }
    })
  const again = frames.measured(read, ({ next, text }) => {
    if (JSON.stringify(next) !== JSON.stringify(selection.get())) selection.set(next)
    setToolbar(toolbar, text, undo)
  })
  const soon = () => {
    again()
    return false
  }
  const update = ({ editorState, prevEditorState }: UpdateListenerPayload) => {
    const isSame = editorState._selection?.is(prevEditorState._selection) ?? false
    if (!isSame || selection.get().text.length < LONG) return again()
    timer ??= setTimeout(() => {
      timer = undefined
      again()
    }, LONG_MS)
  }
  const stop = mergeRegister(
    editor.registerUpdateListener(update),
    editor.registerCommand(SELECTION_CHANGE_COMMAND, soon, COMMAND_PRIORITY_LOW),
  )
  const stackEvents = ['stack-item-added', 'stack-item-popped', 'stack-cleared'] as const
  for (const event of stackEvents) undo.on(event, soon)
  window.addEventListener('resize', soon)
  return {
    toolbar,
    selection,
    close: () => {
      stop()
      clearTimeout(timer)
      for (const event of stackEvents) undo.off(event, soon)
      window.removeEventListener('resize', soon)
    },
  }
}

/** `before` is where it was: the browser does not know while the focus is in a field elsewhere. */
function $selectionState(selection: RangeSelection, before: Box | null): SelectionState {
  if (selection.isCollapsed()) {
    const block = $topLevel(selection.anchor.getNode())
    const emptyBlock = $isElementNode(block) && block.getTextContentSize() === 0
    // Where a caret is nobody asks: a box would have the page drawn anew with every keystroke.
    return { kind: 'caret', sentences: 0, text: '', box: null, emptyBlock }
  }
  const text = selection.getTextContent()
  const count = Math.max(1, sentences(text).length)
  return { kind: 'range', sentences: count, text, box: rangeBox() ?? before, emptyBlock: false }
}

type TextState = Pick<ToolbarState, 'block' | 'formats' | 'link'>

const $textState = (selection: RangeSelection): TextState => ({
  block: $blockTypeOf(selection),
  formats: new Set(FORMATS.filter((format) => selection.hasFormat(format))),
  link: $linkOf(selection),
})

function setToolbar(
  store: ReturnType<typeof createStore<ToolbarState>>,
  text: TextState | undefined,
  undo: Y.UndoManager,
): void {
  const next = {
    ...store.get(),
    ...text,
    canUndo: undo.undoStack.length > 0,
    canRedo: undo.redoStack.length > 0,
  }
  const print = (state: ToolbarState) => JSON.stringify({ ...state, formats: [...state.formats] })
  if (print(next) !== print(store.get())) store.set(next)
}
