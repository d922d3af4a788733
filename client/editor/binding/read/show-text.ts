/** Text nodes become what a text of the document holds; nodes that fit are kept, and with them the caret. */
import type { BindingV2 } from '@lexical/yjs'
import { $isTextNode, type TextNode } from 'lexical'
import type * as Y from 'yjs'
import { PROPERTIES } from '#shared/document/shape.ts'
import {
  $setProperties,
  $setStates,
  type Attributes,
  defaultsOf,
  sameAttributes,
  TYPE,
  textAttributes,
} from '../attributes.ts'
import { bind } from '../mapping.ts'
import { SEAM, seamOf } from '../seam.ts'
import { partsOf, type TextPart } from '../text-parts.ts'

/** The nodes of a text, in order. `isBehindText` where another text stands right in front of it. */
export function $showText(
  binding: BindingV2,
  text: Y.XmlText,
  isBehindText: boolean,
): readonly TextNode[] {
  const parts = partsOf(text)
  const present = (binding.mapping.get(text) ?? []).filter((node) => node.isAttached())
  const seam = isBehindText ? { [SEAM]: seamOf(text) } : {}
  const nodes = $fit(binding, present, parts).map((node, n) => {
    const { words, attributes } = parts[n]!
    if (node.getLatest().__text !== words) node.setTextContent(words)
    const properties = attributes[PROPERTIES] as Attributes | undefined
    $setProperties(binding, node, { ...defaultsOf(binding, node.getType()), ...properties })
    $setStates(node, attributes, seam)
    return node.getLatest()
  })
  bind(binding, text, nodes)
  return nodes
}

/** A node for each part: from both ends those that show it already, between them the others in order. */
function $fit(binding: BindingV2, present: TextNode[], parts: readonly TextPart[]): TextNode[] {
  const shows = (node: TextNode | undefined, part: TextPart | undefined) =>
    node !== undefined &&
    part !== undefined &&
    node.getLatest().__text === part.words &&
    sameAttributes(textAttributes(binding, node.getLatest()), part.attributes)
  const most = Math.min(present.length, parts.length)
  let front = 0
  while (front < most && shows(present[front], parts[front])) front++
  let back = 0
  while (front + back < most && shows(present.at(-1 - back), parts.at(-1 - back))) back++

  const between = present.slice(front, present.length - back)
  const made = parts.slice(front, parts.length - back).map(({ attributes }) => {
    const type = (attributes[TYPE] as string | undefined) ?? 'text'
    const kept = between[0]?.getType() === type ? between.shift() : undefined
    return kept ?? $createText(binding, type)
  })
  return [...present.slice(0, front), ...made, ...present.slice(present.length - back)]
}

function $createText({ editor }: BindingV2, type: string): TextNode {
  const registered = editor._nodes.get(type)
  const node = registered && new registered.klass()
  if (!$isTextNode(node)) throw new Error(`no text node of the type ${type} is known`)
  return node
}
