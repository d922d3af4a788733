/** The text at a glance: its headings, how many words it has, and whether it has any. */
import { $isHeadingNode } from '@lexical/rich-text'
import { $getRoot, $isParagraphNode, type LexicalEditor } from 'lexical'
import { createStore, type Store } from '#client/session/store.ts'
import { $flagOf } from './flag-state.ts'
import type { OutlineEntry } from './handle.ts'

const GATHER_MS = 250

export interface Overview {
  readonly outline: Store<readonly OutlineEntry[]>
  readonly words: Store<number>
  readonly empty: Store<boolean>
  close(): void
}

export function watchOverview(editor: LexicalEditor): Overview {
  const outline = createStore<readonly OutlineEntry[]>([])
  const words = createStore(0)
  const empty = createStore(true)
  let timer: ReturnType<typeof setTimeout> | undefined
  const read = () => {
    timer = undefined
    editor.read(() => {
      const next = $headings()
      if (JSON.stringify(next) !== JSON.stringify(outline.get())) outline.set(next)
      words.set(countWords($getRoot().getTextContent()))
    })
  }
  const stop = editor.registerUpdateListener(({ editorState, dirtyElements, dirtyLeaves }) => {
    // The hint of an empty page must be gone with the first character, the rest can wait.
    editorState.read(() => empty.set($isBlank()))
    if (dirtyElements.size + dirtyLeaves.size > 0) timer ??= setTimeout(read, GATHER_MS)
  })
  editor.read(() => empty.set($isBlank()))
  read()
  return {
    outline,
    words,
    empty,
    close: () => {
      stop()
      clearTimeout(timer)
    },
  }
}

function $headings(): OutlineEntry[] {
  const found: OutlineEntry[] = []
  for (const block of $getRoot().getChildren()) {
    if (!$isHeadingNode(block)) continue
    // What is struck is on its way out; what is proposed is what may stand there.
    const nodes = block.getAllTextNodes().filter((node) => $flagOf(node)?.op !== 'del')
    const text = nodes
      .map((node) => node.getTextContent())
      .join('')
      .trim()
    const level = Math.min(3, Number(block.getTag().slice(1))) as 1 | 2 | 3
    if (text !== '') found.push({ key: block.getKey(), level, text })
  }
  return found
}

function $isBlank(): boolean {
  const root = $getRoot()
  const first = root.getFirstChild()
  return root.getChildrenSize() <= 1 && (!first || ($isParagraphNode(first) && first.isEmpty()))
}

export const countWords = (text: string): number => text.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0
