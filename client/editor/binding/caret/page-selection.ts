/**
 * PageSelection tells where a person has just put the caret on the page, before the editor heard of
 * it: the browser's `selectionchange` waits behind other events. A change of others that came between
 * put the caret back to where it was before the click, and what was typed next went there (2 of 60
 * times on a page slowed down threefold).
 */
import {
  $createRangeSelectionFromDom,
  getDOMSelection,
  isSelectionWithinEditor,
  type LexicalEditor,
  type RangeSelection,
} from 'lexical'

type Points = Pick<Selection, 'anchorNode' | 'anchorOffset' | 'focusNode' | 'focusOffset'>

export class PageSelection {
  readonly #editor: LexicalEditor
  #heard: Points | undefined

  constructor(editor: LexicalEditor) {
    this.#editor = editor
  }

  /** To be called after each update of the editor: what the page selects by then, the editor knows. */
  hear(): void {
    const selection = this.#selection()
    this.#heard = selection && {
      anchorNode: selection.anchorNode,
      anchorOffset: selection.anchorOffset,
      focusNode: selection.focusNode,
      focusOffset: selection.focusOffset,
    }
  }

  /** What was selected since then, if anything; to be called while the editor's state is read. */
  $unheard(): RangeSelection | undefined {
    const selection = this.#selection()
    if (!selection || (this.#heard && isSame(this.#heard, selection))) return undefined
    const { anchorNode, focusNode } = selection
    if (!isSelectionWithinEditor(this.#editor, anchorNode, focusNode)) return undefined
    return $createRangeSelectionFromDom(selection, this.#editor) ?? undefined
  }

  /** Undefined where the editor is on no page. */
  #selection(): Selection | undefined {
    if (this.#editor._headless) return undefined
    const view = this.#editor.getRootElement()?.ownerDocument.defaultView
    return (view && getDOMSelection(view)) ?? undefined
  }
}

const isSame = (a: Points, b: Points): boolean =>
  a.anchorNode === b.anchorNode &&
  a.anchorOffset === b.anchorOffset &&
  a.focusNode === b.focusNode &&
  a.focusOffset === b.focusOffset
