/** The attributes and children of a node go into the element that it is bound to. */
import type { BindingV2 } from '@lexical/yjs'
import { $isElementNode, type LexicalNode, type TextNode } from 'lexical'
import * as Y from 'yjs'
import { defaultsOf, elementAttributes, STATE, sameAttributes } from '../attributes.ts'
import {
  bind,
  bindTree,
  type Content,
  childrenOf,
  contentsOf,
  holdsNodes,
  type SharedType,
  unbindTree,
} from '../mapping.ts'
import { alignChildren } from './align-children.ts'
import { holdsSame } from './holds-same.ts'
import type { Before } from './text-ends.ts'
import { areOne, type Caret, createText, writeText } from './write-text.ts'

/** One local update on its way into the document. */
export interface Writing {
  binding: BindingV2
  /** Where the caret stands now, if it is in a text. */
  caret: Caret | undefined
  /** The page as the document knows it. */
  before: Before
  /** What each text of a changed element showed as before; a node that moves away is bound elsewhere soon. */
  shown: ReadonlyMap<Y.XmlText, readonly TextNode[]>
  /** Elements that this update makes; they are written as a whole, and once. */
  made: Set<Y.XmlElement>
  /** Texts that the page shows otherwise than the document holds them now. */
  unlike: Set<Y.XmlText>
}

/**
 * Writes what differs of the node itself. An element inside that goes on living is not looked
 * into: it is written by itself if it changed.
 */
export function writeElement(writing: Writing, element: Y.XmlElement, node: LexicalNode): void {
  bind(writing.binding, element, node)
  writeAttributes(writing.binding, element, node)
  if ($isElementNode(node)) writeChildren(writing, element, node)
}

/** Attributes that this page knows nothing of are left as they are. */
function writeAttributes(binding: BindingV2, element: Y.XmlElement, node: LexicalNode): void {
  const present = element.getAttributes() as Record<string, unknown>
  const wanted = elementAttributes(binding, node)
  const defaults = defaultsOf(binding, node.getType())
  for (const [name, value] of Object.entries(wanted)) {
    // Yjs types attributes as strings and keeps any plain value.
    if (value != null && !sameAttributes(present[name], value)) {
      element.setAttribute(name, value as string)
    }
  }
  for (const name of Object.keys(present)) {
    const isKnown = name in defaults || name.startsWith(STATE)
    if (isKnown && wanted[name] == null) element.removeAttribute(name)
  }
}

function writeChildren(writing: Writing, element: Y.XmlElement, node: LexicalNode): void {
  const { binding, caret, shown, before } = writing
  const children = childrenOf(element)
  const contents = contentsOf(binding, node, element)
  const homes = alignChildren(binding, element, children, contents)
  const kept = new Set([...homes, ...children.filter((child) => isUnseen(binding, child))])
  const going = new Set(
    children.filter((child) => !kept.has(child) && child instanceof Y.XmlElement),
  )
  emptyTexts(binding, children, kept)

  let [at, next] = [0, 0]
  let fresh: SharedType[] = []
  // Behind the elements that they replace: undo brings those back in front of what others have put
  // behind these since, as by Enter in a heading that was a paragraph.
  const insertFresh = () => {
    if (fresh.length === 0) return
    for (; going.has(children[next]!); next++) at++
    element.insert(at, fresh)
    at += fresh.length
    fresh = []
  }
  for (const [n, content] of contents.entries()) {
    const home = homes[n]
    if (!home) {
      fresh.push(createType(writing, content))
      continue
    }
    insertFresh()
    while (children[next++] !== home) at++
    at++
    if (home instanceof Y.XmlText) {
      writeText(binding, home, shown.get(home) ?? [], content as TextNode[], caret, before)
      noteUnlike(writing, home, content as TextNode[])
    } else bindElement(binding, home, content as LexicalNode)
  }
  insertFresh()
  removeElements(binding, element, going)
}

/** What others wrote since the page last showed this element is not the page's to take away. */
const isUnseen = ({ mapping }: BindingV2, type: SharedType): boolean =>
  !mapping.has(type) && holdsNodes(type)

function bindElement(binding: BindingV2, element: Y.XmlElement, node: LexicalNode): void {
  if (binding.mapping.getSharedType(node) === element) return
  if (holdsSame(binding, element, node)) bindTree(binding, element, node)
  else bind(binding, element, node)
}

/** A text without a node only loses its characters: what others write in it now has a place then. */
function emptyTexts(
  binding: BindingV2,
  children: readonly SharedType[],
  kept: ReadonlySet<SharedType | undefined>,
): void {
  for (const child of children) {
    if (kept.has(child) || !(child instanceof Y.XmlText)) continue
    binding.mapping.delete(child)
    if (child.length > 0) child.delete(0, child.length)
  }
}

function removeElements(
  binding: BindingV2,
  element: Y.XmlElement,
  going: ReadonlySet<SharedType>,
): void {
  if (going.size === 0) return
  const children = childrenOf(element)
  for (let n = children.length - 1; n >= 0; n--) {
    const child = children[n]!
    if (!going.has(child)) continue
    unbindTree(binding, child)
    element.delete(n, 1)
  }
}

/** A new shared type with all that this content holds. */
function createType(writing: Writing, content: Content): SharedType {
  const { binding, made } = writing
  if (Array.isArray(content)) {
    const text = createText(binding, content)
    noteUnlike(writing, text, content)
    return text
  }
  const element = new Y.XmlElement(content.getType())
  for (const [name, value] of Object.entries(elementAttributes(binding, content))) {
    if (value != null) element.setAttribute(name, value as string)
  }
  const children = contentsOf(binding, content).map((inner) => createType(writing, inner))
  if (children.length > 0) element.insert(0, children)
  bind(binding, element, content)
  made.add(element)
  return element
}

function noteUnlike({ binding, unlike }: Writing, text: Y.XmlText, nodes: readonly TextNode[]) {
  if (nodes.length > 1 && areOne(binding, nodes)) unlike.add(text)
}
