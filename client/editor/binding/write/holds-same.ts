/** holdsSame tells whether a shared type holds just what a node shows, so that nothing need be written. */
import type { BindingV2 } from '@lexical/yjs'
import * as Y from 'yjs'
import { elementAttributes, sameAttributes, textAttributes } from '../attributes.ts'
import { type Content, childrenOf, contentsOf, holdsNodes, type SharedType } from '../mapping.ts'
import { partsOf } from '../text-parts.ts'

export function holdsSame(binding: BindingV2, type: SharedType, content: Content): boolean {
  if (type instanceof Y.XmlText) {
    if (!Array.isArray(content)) return false
    const parts = partsOf(type)
    return (
      parts.length === content.length &&
      parts.every(({ words, attributes }, n) => {
        const node = content[n]!
        return words === node.__text && sameAttributes(attributes, textAttributes(binding, node))
      })
    )
  }
  if (Array.isArray(content) || type.nodeName !== content.getType()) return false
  const children = childrenOf(type).filter(holdsNodes)
  const contents = contentsOf(binding, content, type)
  return (
    children.length === contents.length &&
    sameAttributes(type.getAttributes(), elementAttributes(binding, content)) &&
    children.every((child, n) => holdsSame(binding, child, contents[n]!))
  )
}
