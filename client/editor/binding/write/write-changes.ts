/**
 * The write path: what a local update of the editor changed goes into the document, and nothing
 * else is looked at. A key in a document of 5,000 blocks then costs as much as in one of five.
 */
import type { BindingV2 } from '@lexical/yjs'
import {
  $getNodeByKey,
  type EditorState,
  type LexicalNode,
  type TextNode,
  type UpdateListener,
} from 'lexical'
import * as Y from 'yjs'
import { childrenOf, livingTypeOf } from '../mapping.ts'
import { beforeOf } from './text-ends.ts'
import { type Writing, writeElement } from './write-element.ts'
import type { Caret } from './write-text.ts'

type Update = Parameters<UpdateListener>[0]

/** The keys of the nodes that an update changed in themselves, or in their texts, and of leaves that went. */
export function changedKeys(update: Update): Set<string> {
  const { dirtyElements, dirtyLeaves, editorState, prevEditorState } = update
  const now = editorState._nodeMap
  const keys = new Set<string>()
  // Lexical's own mark of what was changed itself is lost where a transform ran twice; a node that
  // was changed is always another object.
  for (const key of dirtyElements.keys()) {
    if (now.get(key) !== prevEditorState._nodeMap.get(key)) keys.add(key)
  }
  for (const key of dirtyLeaves) {
    keys.add(key)
    const parent = now.get(key)?.__parent
    if (parent) keys.add(parent)
  }
  return keys
}

/**
 * To be called in a transaction, while `state` is read, which was `before` when it was written last.
 * Returns the elements whose texts the page is to show anew, because it has two nodes for what the
 * document holds as one.
 */
export function writeChanges(
  binding: BindingV2,
  keys: ReadonlySet<string>,
  { before, state }: { before: EditorState; state: EditorState },
  caret: Caret | undefined,
): Set<Y.XmlElement> {
  const nodes = [...keys].map((key) => $getNodeByKey(key)).filter((node) => node !== null)
  const around = nodes
    .map((node) => $boundAround(binding, node))
    .filter((node) => node !== undefined)
  // From the top: what is made anew with its parent is then written as a whole, and once; and what
  // takes over an element that is there already is bound before its own turn comes.
  const changed = [...new Set([...around, ...nodes])].sort(
    (a, b) => depthOf(state, a.__key) - depthOf(state, b.__key),
  )
  const shown = new Map(changed.flatMap((node) => textsIn(binding, node)))
  const writing: Writing = {
    binding,
    caret,
    before: beforeOf(before, state, keys),
    shown,
    made: new Set(),
    unlike: new Set(),
  }
  for (const node of changed) {
    const element = livingTypeOf(binding, node)
    if (!(element instanceof Y.XmlElement) || writing.made.has(element)) continue
    writeElement(writing, element, node)
  }
  const parents = [...writing.unlike].map(({ parent }) => parent)
  return new Set(parents.filter((parent) => parent instanceof Y.XmlElement))
}

/**
 * The node itself, or around it the nearest that the document has: a line that is this page's alone,
 * such as the one in an empty document, is written with what is typed in it.
 */
function $boundAround(binding: BindingV2, node: LexicalNode): LexicalNode | undefined {
  for (let at: LexicalNode | null = node; at; at = at.getParent()) {
    if (livingTypeOf(binding, at)) return at
  }
  return undefined
}

/** The texts right below a node, and what each shows as. */
function textsIn(binding: BindingV2, node: LexicalNode): [Y.XmlText, readonly TextNode[]][] {
  const element = livingTypeOf(binding, node)
  if (!(element instanceof Y.XmlElement)) return []
  const texts = childrenOf(element).filter((child) => child instanceof Y.XmlText)
  return texts.map((text) => [text, binding.mapping.get(text) ?? []])
}

function depthOf({ _nodeMap: nodes }: EditorState, key: string): number {
  let depth = 0
  for (let at = nodes.get(key)?.__parent; at; at = nodes.get(at)?.__parent) depth++
  return depth
}
