/**
 * A node of the page and a shared type of the document are bound one to one (law 6 of shared text):
 * an element to an XmlElement, and the text nodes that stand side by side to one XmlText. These
 * functions read and change that relation, which @lexical/yjs keeps in `binding.mapping`, so that
 * whole subtrees stay bound: where only the top of a subtree was bound anew, what others wrote
 * inside appeared in another line, and a line was deleted for everybody (case 30.18).
 */
import type { BindingV2 } from '@lexical/yjs'
import { $isElementNode, $isTextNode, type LexicalNode, type TextNode } from 'lexical'
import * as Y from 'yjs'

export type SharedType = Y.XmlElement | Y.XmlText
/** What one shared type holds: an element or another single node, or text nodes side by side. */
export type Content = LexicalNode | TextNode[]

/** The root has no item and lives as long as the document. */
export const isLiving = (type: SharedType): boolean => !type._item?.deleted

/** The shared type that a node is bound to, unless it was deleted. */
export function livingTypeOf({ mapping }: BindingV2, node: LexicalNode): SharedType | undefined {
  const type = mapping.getSharedType(node)
  return type && isLiving(type) ? type : undefined
}

export const childrenOf = (element: Y.XmlElement): SharedType[] =>
  element.toArray().filter((child): child is SharedType => !(child instanceof Y.XmlHook))

export function bind({ mapping }: BindingV2, type: SharedType, content: Content): void {
  if (type instanceof Y.XmlText) mapping.set(type, content as TextNode[])
  else mapping.set(type, content as LexicalNode)
}

/** Binds two trees that hold the same, node by node. */
export function bindTree(binding: BindingV2, type: SharedType, content: Content): void {
  bind(binding, type, content)
  if (type instanceof Y.XmlText || Array.isArray(content)) return
  const contents = contentsOf(binding, content, type)
  const types = childrenOf(type).filter(holdsNodes)
  for (const [n, inner] of types.entries()) bindTree(binding, inner, contents[n]!)
}

/** Forgets a type that was deleted, and all that was in it. */
export function unbindTree(binding: BindingV2, type: SharedType): void {
  binding.mapping.delete(type)
  // What a deleted element held can no longer be listed, only followed item by item.
  for (let item = type._start; item; item = item.right) {
    const inner = item.content instanceof Y.ContentType ? item.content.type : undefined
    if (inner instanceof Y.XmlElement || inner instanceof Y.XmlText) unbindTree(binding, inner)
  }
}

/** Whether a type shows as nodes: a text without characters stays in the document and shows as none. */
export const holdsNodes = (type: SharedType): boolean =>
  type instanceof Y.XmlElement || type.length > 0

/**
 * A node's children as the document holds them: text nodes side by side are one text, but for those
 * that are bound to different living texts of `element`.
 */
export function contentsOf(
  binding: BindingV2,
  node: LexicalNode,
  element?: Y.XmlElement,
): Content[] {
  if (!$isElementNode(node)) return []
  const contents: Content[] = []
  let open: { nodes: TextNode[]; text: SharedType | undefined } | undefined
  for (const child of node.getChildren()) {
    if (!$isTextNode(child)) {
      contents.push(child)
      open = undefined
      continue
    }
    const type = element && livingTypeOf(binding, child)
    const text = type && type.parent === element ? type : undefined
    if (open && (!text || !open.text || text === open.text)) {
      open.nodes.push(child)
      open.text ??= text
    } else {
      open = { nodes: [child], text }
      contents.push(open.nodes)
    }
  }
  return contents
}

/** The living child of `element` that some content is bound to; undefined where there is none. */
export function boundChild(
  binding: BindingV2,
  content: Content,
  element: Y.XmlElement,
): SharedType | undefined {
  for (const node of Array.isArray(content) ? content : [content]) {
    const type = livingTypeOf(binding, node)
    if (type && type.parent === element) return type
  }
  return undefined
}
