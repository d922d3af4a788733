/**
 * What a decision does to the document. Accept: struck items go, proposed ones become plain.
 * Reject: proposed items go, struck ones become plain. Items are told by id; text that people
 * typed among them is never touched, and a block goes only if nothing is left in it.
 */

import * as Y from 'yjs'
import { body, INLINE_TYPES, seedEmpty } from '#shared/document/shape.ts'
import { type ChunkBook, isUndecided } from './chunk-book.ts'
import {
  depthOf,
  holdsContent,
  isGone,
  removeElement,
  setFlag,
  textsUnder,
  typesIn,
} from './items.ts'
import type { Decision, StoredChunk } from './types.ts'

/** Whoever stands in an element that is about to go, and would rather have it. */
export type Heir = (element: Y.XmlElement) => StoredChunk | undefined

/** Writes the decision. To be called in a transaction, with chunks that are undecided. */
export function settleChunks(
  book: ChunkBook,
  chunks: readonly StoredChunk[],
  decision: Decision,
  user: string,
  heirOf: Heir,
): void {
  const settled = new Set(chunks)
  const texts = new Set<Y.XmlText>()
  const kept = new Set<Y.XmlElement>()
  const dropped = new Set<Y.XmlElement>()
  for (const chunk of chunks) {
    const proposed = typesIn(book.doc, chunk.ins)
    const struck = typesIn(book.doc, chunk.del)
    for (const text of [...proposed.texts, ...struck.texts]) texts.add(text)
    const [drop, keep] = decision === 'accepted' ? [struck, proposed] : [proposed, struck]
    for (const element of drop.elements) dropped.add(element)
    for (const element of keep.elements) kept.add(element)
  }
  for (const text of texts) settleText(book, text, settled, decision)
  for (const text of texts) dropEmptyLink(text)
  for (const chunk of chunks) book.decide(chunk, decision, user)
  for (const element of kept) setFlag(element, book.wantedElementFlag(element))
  const innermostFirst = [...dropped].sort((a, b) => depthOf(b) - depthOf(a))
  for (const element of innermostFirst) dropElement(book, element, heirOf)
  if (body(book.doc).length === 0) seedEmpty(book.doc)
}

function settleText(
  book: ChunkBook,
  text: Y.XmlText,
  settled: ReadonlySet<StoredChunk>,
  decision: Decision,
): void {
  const others = (owner: StoredChunk | undefined) =>
    owner && settled.has(owner) ? undefined : owner
  const changes: { index: number; length: number; flag: string | null | 'delete' }[] = []
  for (const segment of book.ownership.segments(text)) {
    const { index, length, flag, ins, del } = segment
    const goes = decision === 'accepted' ? del : ins
    if (goes && settled.has(goes)) {
      changes.push({ index, length, flag: 'delete' })
    } else {
      const wanted = book.wantedFlag(flag, { ins: others(ins), del: others(del) })
      if (wanted !== flag) changes.push({ index, length, flag: wanted })
    }
  }
  for (const { index, length, flag } of changes.reverse()) {
    if (flag === 'delete') text.delete(index, length)
    else text.format(index, length, { s_sg: flag })
  }
}

function dropElement(book: ChunkBook, element: Y.XmlElement, heirOf: Heir): void {
  if (isGone(element)) return
  if (INLINE_TYPES.has(element.nodeName) && !holdsContent(element)) {
    if (partsText(element)) setFlag(element, null)
    else removeElement(element)
    return
  }
  const heir = holdsContent(element) ? pendingIn(book, element) : heirOf(element)
  if (heir) {
    book.handOver(element, heir)
    setFlag(element, book.wantedElementFlag(element))
  } else if (holdsContent(element)) {
    setFlag(element, null)
  } else {
    removeWithList(element)
  }
}

/** A list without items goes too, and the item that only wrapped it. */
function removeWithList(element: Y.XmlElement): void {
  const { parent } = element
  removeElement(element)
  const isList = parent instanceof Y.XmlElement && /^list(item)?$/.test(parent.nodeName)
  if (isList && parent.length === 0) removeWithList(parent)
}

/** What is left of a link whose words went: nothing that anybody could see. */
function dropEmptyLink(text: Y.XmlText): void {
  const { parent } = text
  if (!(parent instanceof Y.XmlElement) || parent.nodeName !== 'link' || isGone(parent)) return
  if (!holdsContent(parent) && !partsText(parent)) removeElement(parent)
}

/** The first undecided chunk that has something in a block. */
function pendingIn(book: ChunkBook, element: Y.XmlElement): StoredChunk | undefined {
  if (INLINE_TYPES.has(element.nodeName)) return undefined
  for (const text of textsUnder(element)) {
    for (const { ins } of book.ownership.segments(text)) if (ins && isUndecided(ins)) return ins
  }
  for (const child of element.toArray()) {
    if (!(child instanceof Y.XmlElement) || !child._item) continue
    const { client, clock } = child._item.id
    const owner = book.ownership.owner('ins', client, clock) ?? pendingIn(book, child)
    if (owner) return owner
  }
  return undefined
}

/**
 * A break or link between characters on both sides: without it two texts would touch, which V2 can only
 * mend by copying one into the other.
 */
function partsText(element: Y.XmlElement): boolean {
  const before = element.prevSibling
  const after = element.nextSibling
  return (
    before instanceof Y.XmlText &&
    before.length > 0 &&
    after instanceof Y.XmlText &&
    after.length > 0
  )
}
