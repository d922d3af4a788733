/**
 * CountCome tells how much of a text came from other texts in one update. Over-typing from the middle
 * of one line to the middle of the next puts what is left of the second behind what was typed, and a
 * comparison of words alone takes the `ta` of `alpha beta` for the `ta` of `delta`: who types in
 * `delta` at that moment then finds their letters scattered (`delABCDta`).
 */
import type { EditorState, TextNode } from 'lexical'
import { $isTextNode } from 'lexical'
import type { Caret } from './write-text.ts'

/** The text nodes of a state by their keys, and those of them that are on the page no more. */
export interface Before {
  has(key: string): boolean
  gone: readonly TextNode[]
}

export function beforeOf(before: EditorState, now: EditorState, keys: Iterable<string>): Before {
  const gone: TextNode[] = []
  for (const key of keys) {
    const node = before._nodeMap.get(key)
    if ($isTextNode(node) && !now._nodeMap.has(key)) gone.push(node)
  }
  return { has: (key) => before._nodeMap.has(key), gone }
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
