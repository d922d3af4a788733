/**
 * The text at a glance: its headings, how many words it has, and whether it has any. What each block
 * says is kept, so that a key costs the block that it changed and not the whole text: at 5,000
 * blocks reading it all took 5.8 ms a key.
 */
import { $isHeadingNode, type HeadingNode } from '@lexical/rich-text'
import {
  $getNodeByKey,
  $getRoot,
  $isParagraphNode,
  type LexicalEditor,
  type LexicalNode,
  type NodeKey,
} from 'lexical'
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

/** What one block adds to the overview. */
interface Glance {
  words: number
  entry: OutlineEntry | undefined
}

export function watchOverview(editor: LexicalEditor): Overview {
  const outline = createStore<readonly OutlineEntry[]>([])
  const words = createStore(0)
  const empty = createStore(true)
  /** Of each block, in the order of the text. */
  let glances = new Map<NodeKey, Glance>()
  /** Elements that have changed since they were read. */
  let stale = new Set<NodeKey>()
  /** Blocks came, went or changed places since then. */
  let isMoved = true
  let timer: ReturnType<typeof setTimeout> | undefined

  const read = () => {
    timer = undefined
    editor.read(() => {
      if (isMoved) glances = $readInOrder(glances, stale)
      else $readAgain(glances, stale)
    })
    stale = new Set()
    isMoved = false
    const entries: OutlineEntry[] = []
    let count = 0
    for (const glance of glances.values()) {
      count += glance.words
      if (glance.entry) entries.push(glance.entry)
    }
    words.set(count)
    if (JSON.stringify(entries) !== JSON.stringify(outline.get())) outline.set(entries)
  }
  const stop = editor.registerUpdateListener(({ editorState, dirtyElements, dirtyLeaves }) => {
    // The hint of an empty page must be gone with the first character, the rest can wait.
    editorState.read(() => empty.set($isBlank()))
    if (dirtyElements.size + dirtyLeaves.size === 0) return
    for (const key of dirtyElements.keys()) stale.add(key)
    // True where the root's own list of blocks changed, false where only something in one did.
    isMoved ||= dirtyElements.get('root') === true
    timer ??= setTimeout(read, GATHER_MS)
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

/** All blocks as they stand now; what has not changed since is not read again. */
function $readInOrder(
  before: ReadonlyMap<NodeKey, Glance>,
  stale: ReadonlySet<NodeKey>,
): Map<NodeKey, Glance> {
  const glances = new Map<NodeKey, Glance>()
  for (const block of $getRoot().getChildren()) {
    const key = block.getKey()
    const known = stale.has(key) ? undefined : before.get(key)
    glances.set(key, known ?? $glanceAt(block))
  }
  return glances
}

function $readAgain(glances: Map<NodeKey, Glance>, stale: ReadonlySet<NodeKey>): void {
  for (const key of stale) {
    const block = glances.has(key) && $getNodeByKey(key)
    if (block) glances.set(key, $glanceAt(block))
  }
}

const $glanceAt = (block: LexicalNode): Glance => ({
  words: countWords(block.getTextContent()),
  entry: $isHeadingNode(block) ? $entryOf(block) : undefined,
})

function $entryOf(heading: HeadingNode): OutlineEntry | undefined {
  // What is struck is on its way out; what is proposed is what may stand there.
  const nodes = heading.getAllTextNodes().filter((node) => $flagOf(node)?.op !== 'del')
  const text = nodes
    .map((node) => node.getTextContent())
    .join('')
    .trim()
  const level = Math.min(3, Number(heading.getTag().slice(1))) as 1 | 2 | 3
  return text === '' ? undefined : { key: heading.getKey(), level, text }
}

function $isBlank(): boolean {
  const root = $getRoot()
  const first = root.getFirstChild()
  return root.getChildrenSize() <= 1 && (!first || ($isParagraphNode(first) && first.isEmpty()))
}

export const countWords = (text: string): number => text.match(/[\p{L}\p{N}][^\s]*/gu)?.length ?? 0
