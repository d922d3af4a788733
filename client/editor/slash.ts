/** The slash menu's state: a slash as the first character of a paragraph, and what follows it. */
import {
  $getSelection,
  $isParagraphNode,
  $isRangeSelection,
  COLLABORATION_TAG,
  type LexicalEditor,
  type ParagraphNode,
} from 'lexical'
import { createStore, type Store } from '#client/session/store.ts'
import { $topLevel } from './blocks.ts'
import { caretBox } from './boxes.ts'
import type { SlashState } from './handle.ts'

const TYPED = /^\/([^\s/]*(?: [^\s/]+)?)$/

export interface Slash {
  readonly state: Store<SlashState | null>
  /** Closes the menu; with `remove` the slash and what follows it go too. */
  finish(remove: boolean): void
  close(): void
}

export function watchSlash(editor: LexicalEditor): Slash {
  const state = createStore<SlashState | null>(null)
  /** The paragraph in which the menu was closed: it stays so until the slash is gone. */
  let closedIn: string | undefined
  const stop = editor.registerUpdateListener(({ editorState, tags, dirtyLeaves }) => {
    const found = editorState.read(() => $find())
    if (!found) closedIn = undefined
    if (!found || found.key === closedIn || !editor.isEditable()) return state.set(null)
    // Only what one types oneself opens a menu.
    if (state.get() === null && (tags.has(COLLABORATION_TAG) || dirtyLeaves.size === 0)) return
    const box = caretBox()
    const now = state.get()
    const same = now?.query === found.query && JSON.stringify(now.box) === JSON.stringify(box)
    if (box && !same) state.set({ query: found.query, box })
  })
  return {
    state,
    finish: (remove) => {
      const found = editor.getEditorState().read(() => $find())
      closedIn = remove ? undefined : found?.key
      state.set(null)
      if (remove) editor.update(() => void $findParagraph()?.clear().select(), { discrete: true })
    },
    close: stop,
  }
}

function $find(): { key: string; query: string } | undefined {
  const paragraph = $findParagraph()
  const [, query] = TYPED.exec(paragraph?.getTextContent() ?? '') ?? []
  return paragraph && query !== undefined ? { key: paragraph.getKey(), query } : undefined
}

function $findParagraph(): ParagraphNode | undefined {
  const selection = $getSelection()
  if (!$isRangeSelection(selection) || !selection.isCollapsed()) return undefined
  const block = $topLevel(selection.anchor.getNode())
  return $isParagraphNode(block) && TYPED.test(block.getTextContent()) ? block : undefined
}
