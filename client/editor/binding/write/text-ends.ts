/**
 * TextEnds counts how much of a text's end came from other texts in one update, and how much went to
 * other lines. Over-typing from the middle
 * of one line to the middle of the next puts what is left of the second behind what was typed, and a
 * comparison of words alone takes the `ta` of `alpha beta` for the `ta` of `delta`: who types in
 * `delta` at that moment then finds their letters scattered (`delABCDta`).
 */
import type { EditorState, LexicalNode, TextNode } from 'lexical'
import { $isTextNode } from 'lexical'
import type { Caret } from './write-text.ts'

/** What an update did to the page's nodes. */
export interface Before {
  /** Whether the node was there before. */
  has(key: string): boolean
  /** The node as it is now; undefined where it is gone. */
  now(key: string): LexicalNode | undefined
  /** Text nodes that are there no more, and those that are new. */
  gone: readonly TextNode[]
  made: readonly TextNode[]
}

export function beforeOf(before: EditorState, now: EditorState, keys: Iterable<string>): Before {
  const gone: TextNode[] = []
  const made: TextNode[] = []
  for (const key of keys) {
    const [was, is] = [before._nodeMap.get(key), now._nodeMap.get(key)]
    if ($isTextNode(was) && !is) gone.push(was)
    if ($isTextNode(is) && !was) made.push(is)
  }
  return {
    has: (key) => before._nodeMap.has(key),
    now: (key) => now._nodeMap.get(key),
    gone,
    made,
  }
}

/** How many characters at the end of `nodes` stood in another text than that of `known`. */
export function countCome(
  known: readonly TextNode[],
  nodes: readonly TextNode[],
  caret: Caret | undefined,
  before: Before,
): number {
  const own = new Set(known.map(({ __key }) => __key))
  const isOthers = ({ __key }: TextNode) => !own.has(__key) && before.has(__key)
  const last = nodes.findLastIndex((node) => !isOthers(node))
  let come = 0
  for (const node of nodes.slice(last + 1)) come += node.__text.length
  const merged = nodes[last]
  if (!merged || merged.__key !== caret?.key) return come
  // Lexical has made one node of two; the caret stands where they meet.
  const behind = merged.__text.slice(caret.offset)
  const isOfGone = before.gone.some((node) => isOthers(node) && node.__text.endsWith(behind))
  return isOfGone ? come + behind.length : come
}

/**
 * How many characters at the end of `known` went to another block, as the end of a line does at Enter,
 * or when lines are pasted into its middle. By its words alone the `.` of a pasted `f.` would be taken
 * for the end of the line that it was pasted into. To be called while the page's state is read.
 */
export function countLeft(
  known: readonly TextNode[],
  nodes: readonly TextNode[],
  caret: Caret | undefined,
  before: Before,
): number {
  const [first] = nodes
  if (!first) return 0
  const block = $blockOf(first)
  const own = new Map(nodes.map((node) => [node.__key, node]))
  const wentAway = ({ __key: key }: TextNode) => {
    const now = before.now(key)
    return now !== undefined && !own.has(key) && $blockOf(now) !== block
  }
  const last = known.findLastIndex((node) => !wentAway(node))
  let left = 0
  for (const node of known.slice(last + 1)) left += node.__text.length
  const parted = known[last]
  const now = own.get(parted?.__key ?? '')?.__text
  if (!parted || now === undefined) return left
  const elsewhere = before.made.filter((node) => $blockOf(node) !== block)
  return left + restOf(parted.__text, now, elsewhere, caret).length
}

/** What of the words that a node held stands at the end of a new node. */
function restOf(
  words: string,
  now: string,
  made: readonly TextNode[],
  caret: Caret | undefined,
): string {
  // Behind what is pasted the caret stands where the rest begins.
  const pasted = made.find(({ __key: key }) => key === caret?.key)
  const behind = caret ? (pasted?.__text.slice(caret.offset) ?? '') : ''
  if (behind !== '' && words.endsWith(behind)) return behind
  let front = 0
  while (front < words.length && words[front] === now[front]) front++
  const rest = words.slice(front)
  return made.some(({ __text: text }) => text.endsWith(rest)) ? rest : ''
}

/** The line that a node stands in. */
function $blockOf(node: LexicalNode): LexicalNode | null {
  const parent = node.getParent()
  return parent?.isInline() ? $blockOf(parent) : parent
}
