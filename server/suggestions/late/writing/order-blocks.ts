/**
 * Two people split a line at the same time, and Yjs puts the two new lines in the order of its
 * client ids. OrderBlocks puts them in the order of their text: the line that came with the update
 * is written again where it belongs. Two links of one line that were made at once alike.
 */
import * as Y from 'yjs'
import { itemAt } from '#shared/document/characters.ts'
import { stringOf } from '../../items.ts'
import type { Segment } from '../piece.ts'
import { blockOf, note, spotAt } from '../spots.ts'
import type { LateWriter } from './late-writer.ts'

/** Characters in the order of their text, as they are now; undefined where one is gone. */
export type Chain = readonly (Y.ID | undefined)[]

/** `isNew` tells of the blocks that came with the update. To be called in a transaction. */
export function orderBlocks(
  doc: Y.Doc,
  chains: readonly Chain[],
  isNew: (block: Y.XmlElement) => boolean,
  writer: LateWriter,
): void {
  for (const chain of chains) {
    const blocks: Y.XmlElement[] = []
    for (const id of chain) {
      const block = id && blockAt(doc, id)
      if (block && blocks.at(-1) !== block) blocks.push(block)
    }
    for (let n = 1; n < blocks.length; n++) {
      const [before, after] = [blocks[n - 1]!, blocks[n]!]
      if (!isMisordered(before, after)) continue
      if (isNew(after)) blocks[n] = move(after, before, 1, writer)
      else if (isNew(before)) blocks[n - 1] = move(before, after, 0, writer)
    }
  }
}

/** To be called in a transaction. */
export function orderLinks(doc: Y.Doc, chains: readonly Chain[], writer: LateWriter): void {
  for (const chain of chains) {
    let last: Y.XmlElement | Y.XmlText | undefined
    for (const id of chain) {
      let part = id && inlineAt(doc, id)
      if (!part || part === last) continue
      if (last && isMisordered(last, part)) {
        if (part instanceof Y.XmlElement) part = move(part, last, 1, writer)
        else if (last instanceof Y.XmlElement) move(last, part, 0, writer)
      }
      last = part
    }
  }
}

/** The link that a character stands in, or its text in the line itself. */
function inlineAt(doc: Y.Doc, id: Y.ID): Y.XmlElement | Y.XmlText | undefined {
  const text = spotAt(doc, id, 'before')?.text
  const block = text && blockOf(text)
  let part: Y.XmlElement | Y.XmlText | undefined = text
  while (part && part.parent !== block) {
    part = part.parent instanceof Y.XmlElement ? part.parent : undefined
  }
  return part
}

function blockAt(doc: Y.Doc, id: Y.ID): Y.XmlElement | undefined {
  const spot = spotAt(doc, id, 'before')
  return spot && blockOf(spot.text)
}

function isMisordered(before: Y.XmlElement | Y.XmlText, after: Y.XmlElement | Y.XmlText): boolean {
  if (before.parent !== after.parent || !(before.parent instanceof Y.XmlElement)) return false
  for (let item = before._item?.left ?? null; item; item = item.left) {
    if (item === after._item) return true
  }
  return false
}

/** Writes a block again `by` places behind another one, and removes it where it stood. */
function move(
  block: Y.XmlElement,
  beside: Y.XmlElement | Y.XmlText,
  by: 0 | 1,
  writer: LateWriter,
): Y.XmlElement {
  const parent = beside.parent as Y.XmlElement
  const made = new Y.XmlElement(block.nodeName)
  const owner = writer.ownerOf(block._item!.id.client)
  writer.as(owner, () => {
    parent.insert(parent.toArray().indexOf(beside) + by, [made])
    copyAttributes(block, made)
  })
  writer.tellMoved(block, made)
  copyChildren(block, made, writer)
  parent.delete(parent.toArray().indexOf(block), 1)
  return made
}

function copyChildren(from: Y.XmlElement, to: Y.XmlElement, writer: LateWriter): void {
  for (const child of from.toArray()) {
    const owner = writer.ownerOf((child as Y.XmlElement)._item!.id.client)
    if (child instanceof Y.XmlText) {
      const text = new Y.XmlText()
      writer.as(owner, () => to.push([text]))
      writer.write({ text, index: 0 }, segmentsOf(child))
    } else if (child instanceof Y.XmlElement) {
      const made = new Y.XmlElement(child.nodeName)
      writer.as(owner, () => {
        to.push([made])
        copyAttributes(child, made)
      })
      writer.tellMoved(child, made)
      copyChildren(child, made, writer)
    }
  }
}

function copyAttributes(from: Y.XmlElement, to: Y.XmlElement): void {
  for (const [key, value] of Object.entries(from.getAttributes())) {
    to.setAttribute(key, value as string)
  }
}

/** All that lives in a text, with its attributes. */
export function segmentsOf(text: Y.XmlText): Segment[] {
  const segments: Segment[] = []
  const attributes = {}
  for (let item = text._start; item; item = item.right) {
    if (item.deleted) continue
    note(attributes, item)
    const words = stringOf(item)
    if (words === undefined) continue
    segments.push({ id: item.id, text: words, attributes: { ...attributes }, isCopy: true })
  }
  return segments
}

/** The character in front of an item in its text, living or not. */
export function characterBefore(doc: Y.Doc, id: Y.ID): Y.ID | undefined {
  const item = itemAt(doc, id)
  if (!item) return undefined
  if (id.clock > item.id.clock) return Y.createID(id.client, id.clock - 1)
  let left = item.left
  while (left && stringOf(left) === undefined && !(left.content instanceof Y.ContentDeleted)) {
    left = left.left
  }
  return left?.lastId
}
