/**
 * Names a place in the text as the contract does, by Yjs positions, which survive what others do,
 * and finds the place that such a name means.
 */
import type { BindingV2 } from '@lexical/yjs'
import {
  $getSelection,
  $isElementNode,
  $isRangeSelection,
  type NodeKey,
  type PointType,
} from 'lexical'
import { fromBase64UrlEncoded, toBase64UrlEncoded } from 'lib0/buffer'
import * as Y from 'yjs'
import type { Target } from '#shared/protocol/api.ts'
import { $positionOf } from './binding/caret/places.ts'

export interface NamedTarget {
  target: Target
  /** The state vector the target was named at: the server waits until it has as much. */
  basis: string
}

/** The selection, or the caret; the document where there is neither. */
export function $target(binding: BindingV2): NamedTarget {
  const basis = toBase64UrlEncoded(Y.encodeStateVector(binding.doc))
  const selection = $getSelection()
  if (!$isRangeSelection(selection)) return { target: { document: true }, basis }
  const [start, end] = selection.isBackward()
    ? [selection.focus, selection.anchor]
    : [selection.anchor, selection.focus]
  if (selection.isCollapsed()) {
    const at = $encoded(start, binding, 0)
    return { target: at === undefined ? { document: true } : { at }, basis }
  }
  // Each end holds on to the selected character beside it, so that what others type stays outside.
  const from = $encoded(start, binding, 0)
  const to = $encoded(end, binding, -1)
  const isNamed = from !== undefined && to !== undefined
  return { target: isNamed ? { range: { from, to } } : { document: true }, basis }
}

function $encoded(point: PointType, binding: BindingV2, assoc: number): string | undefined {
  const place = $positionOf(binding, point)
  if (!place) return undefined
  const position = Y.createRelativePositionFromTypeIndex(place.type, place.index, assoc)
  return toBase64UrlEncoded(Y.encodeRelativePosition(position))
}

/** A place among Lexical's nodes: before a character of a text, or at an edge of any other node. */
export type Spot = { text: NodeKey; offset: number } | { start: NodeKey } | { end: NodeKey }

/** Where a target begins; the end of the text for the document. Undefined where it is not here. */
export function $spotOf(binding: BindingV2, target: Target): Spot | undefined {
  if ('document' in target) return $endOf(binding, binding.root)
  const position = positionOf(target)
  if (!position) return undefined
  const absolute = Y.createAbsolutePositionFromRelativePosition(position, binding.doc)
  if (!absolute) return undefined
  const { type, index } = absolute
  if (type instanceof Y.XmlText) return $spotInText(binding, type, index)
  return type instanceof Y.XmlElement ? $spotInElement(binding, type, index) : undefined
}

/** Undefined where it does not parse: anybody's program may have named it. */
function positionOf(target: Exclude<Target, { document: true }>): Y.RelativePosition | undefined {
  if ('block' in target) {
    const [, client, clock] = /^(\d{1,16})-(\d{1,16})$/.exec(target.block) ?? []
    if (!client || !clock) return undefined
    return new Y.RelativePosition(Y.createID(Number(client), Number(clock)), null, null)
  }
  try {
    return Y.decodeRelativePosition(
      fromBase64UrlEncoded('at' in target ? target.at : target.range.from),
    )
  } catch {
    return undefined
  }
}

function $spotInText({ mapping }: BindingV2, type: Y.XmlText, index: number): Spot | undefined {
  let offset = index
  for (const node of mapping.get(type) ?? []) {
    const size = node.getTextContentSize()
    if (offset <= size) return { text: node.getKey(), offset }
    offset -= size
  }
  const around: unknown = type.parent
  const node = around instanceof Y.XmlElement ? mapping.get(around) : undefined
  return node && { end: node.getKey() }
}

function $spotInElement(binding: BindingV2, type: Y.XmlElement, index: number): Spot | undefined {
  const behind: unknown = index < type.length ? type.get(index) : undefined
  if (behind instanceof Y.XmlText) return $spotInText(binding, behind, 0)
  const found = behind instanceof Y.XmlElement && binding.mapping.get(behind)
  return found ? { start: found.getKey() } : $endOf(binding, type)
}

/** An empty block is written into, one with words is written after. */
function $endOf(binding: BindingV2, type: Y.XmlElement): Spot | undefined {
  const last: unknown = type === binding.root && type.length > 0 && type.get(type.length - 1)
  const block = last instanceof Y.XmlElement ? last : type
  const node = binding.mapping.get(block)
  if (!node) return undefined
  const isEmpty = $isElementNode(node) && node.getTextContentSize() === 0
  return isEmpty ? { start: node.getKey() } : { end: node.getKey() }
}
