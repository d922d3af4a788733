/**
 * The read path: the page shows exactly what the document holds. What comes this way is tagged as
 * collaboration or history and is never written back (law 2 of shared text).
 */
import type { BindingV2 } from '@lexical/yjs'
import { $getRoot, $isElementNode, type ElementNode, type LexicalNode } from 'lexical'
import * as Y from 'yjs'
import {
  $setProperties,
  $setStates,
  $updateStates,
  type Attributes,
  defaultsOf,
  STATE,
} from '../attributes.ts'
import { bind, childrenOf } from '../mapping.ts'
import { $showText } from './show-text.ts'

/** What of an element is to be shown anew. */
export interface Shown {
  /** The names of attributes that changed. */
  attributes: ReadonlySet<string>
  children: boolean
}

const NOTHING: Shown = { attributes: new Set(), children: false }

/** Shows the whole document in place of whatever the page held. */
export function $showDocument(binding: BindingV2): void {
  binding.mapping.clear()
  const root = $getRoot()
  root.clear()
  $fill(binding, binding.root, root)
}

/** Shows what changed of an element; one that is not on the page yet is made with all it holds. */
export function $show(binding: BindingV2, element: Y.XmlElement, changed: Shown): LexicalNode {
  const node = $nodeOf(binding, element)
  if (!node) return $fill(binding, element, $create(binding, element))
  if (changed.children && $isElementNode(node)) $showChildren(binding, element, node)
  if (changed.attributes.size > 0) {
    const attributes = element.getAttributes() as Attributes
    const defaults = defaultsOf(binding, node.getType())
    $setProperties(binding, node, { ...defaults, ...attributes }, changed.attributes)
    $updateStates(node, attributes, changed.attributes)
  }
  const latest = node.getLatest()
  bind(binding, element, latest)
  return latest
}

/** The node on the page that an element is bound to. */
function $nodeOf(binding: BindingV2, element: Y.XmlElement): LexicalNode | undefined {
  if (element === binding.root) return $getRoot()
  const node = binding.mapping.get(element)
  return node?.isAttached() ? node : undefined
}

function $create({ editor }: BindingV2, element: Y.XmlElement): LexicalNode {
  const registered = editor._nodes.get(element.nodeName)
  if (!registered) throw new Error(`no node of the type ${element.nodeName} is known`)
  return new registered.klass()
}

function $fill(binding: BindingV2, element: Y.XmlElement, node: LexicalNode): LexicalNode {
  if ($isElementNode(node)) $showChildren(binding, element, node)
  const attributes = element.getAttributes() as Attributes
  $setProperties(binding, node, attributes)
  if (Object.keys(attributes).some((name) => name.startsWith(STATE))) $setStates(node, attributes)
  const latest = node.getLatest()
  bind(binding, element, latest)
  return latest
}

function $showChildren(binding: BindingV2, element: Y.XmlElement, node: ElementNode): void {
  const next: LexicalNode[] = []
  let isBehindText = false
  for (const child of childrenOf(element)) {
    if (child instanceof Y.XmlElement) {
      next.push($show(binding, child, NOTHING))
      isBehindText = false
      continue
    }
    const nodes = $showText(binding, child, isBehindText)
    next.push(...nodes)
    isBehindText ||= nodes.length > 0
  }
  $place(node, next)
}

/** Makes these the children and touches none that stays: one splice for the stretch that differs. */
function $place(node: ElementNode, next: readonly LexicalNode[]): void {
  const present = node.getChildrenKeys()
  const most = Math.min(present.length, next.length)
  let front = 0
  while (front < most && present[front] === next[front]!.getKey()) front++
  let back = 0
  while (front + back < most && present.at(-1 - back) === next.at(-1 - back)!.getKey()) back++
  const gone = present.length - front - back
  const come = next.slice(front, next.length - back)
  if (gone > 0 || come.length > 0) node.splice(front, gone, come)
}
