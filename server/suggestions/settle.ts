/**
 * Settling writes a decision into the document. Accept: struck items go, proposed ones become
 * plain. Reject: proposed items go, struck ones become plain. Items are told by id; text that
 * people typed among them is never touched, and a block goes only if nothing is left in it.
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
import { partsTexts, pendingBeside } from './line-breaks.ts'
import type { Decision, StoredChunk } from './types.ts'

/** Whoever stands in an element that is about to go, and would rather have it. */
export type Heir = (element: Y.XmlElement) => StoredChunk | undefined

/** Writes the decision. To be called in a transaction, with chunks that are undecided. */
export function settleChunks(
  book: ChunkBook,
  chunks: readonly StoredChunk[],
  decision: Decision,
  user: string | null,
  heirOf: Heir,
): void {
  const settled = new Set(chunks)
  const texts = new Set<Y.XmlText>()
  const kept = new Set<Y.XmlElement>()
  const dropped = new Set<Y.XmlElement>()
  for (const chunk of chunks) {
    const proposed = typesIn(book.doc, chunk.ins)
    // What a stale chunk would strike is not its business any more.
    const struck = typesIn(book.doc, chunk.state === 'stale' ? [] : chunk.del)
    for (const text of [...proposed.texts, ...struck.texts]) texts.add(text)
    const [drop, keep] = decision === 'accepted' ? [struck, proposed] : [proposed, struck]
    for (const element of drop.elements) dropped.add(element)
    for (const element of keep.elements) kept.add(element)
  }
  for (const text of texts) settleText(book, text, settled, decision)
  for (const text of texts) {
    const { parent } = text
    const isLink = parent instanceof Y.XmlElement && parent.nodeName === 'link'
    if (isLink && !holdsContent(parent)) dropped.add(parent)
  }
  for (const chunk of chunks) book.decide(chunk, decision, user)
  for (const element of kept) setFlag(element, book.wantedElementFlag(element))
  for (const element of [...dropped].sort(innermostFirst)) dropElement(book, element, heirOf)
  if (body(book.doc).length === 0) seedEmpty(book.doc)
}

/** Of one line, breaks before links: where two texts must not touch, an empty link is not seen. */
const innermostFirst = (a: Y.XmlElement, b: Y.XmlElement): number =>
  depthOf(b) - depthOf(a) || Number(b.nodeName === 'linebreak') - Number(a.nodeName === 'linebreak')

function settleText(
  book: ChunkBook,
  text: Y.XmlText,
  settled: ReadonlySet<StoredChunk>,
  decision: Decision,
): void {
  const isOther = (owner: StoredChunk) => !settled.has(owner)
  const changes: { index: number; length: number; flag: string | null | 'delete' }[] = []
  for (const segment of book.ownership.segments(text)) {
    const { index, length, flag, ins, dels } = segment
    const goes = decision === 'accepted' ? !dels.every(isOther) : ins && settled.has(ins)
    if (goes) {
      changes.push({ index, length, flag: 'delete' })
    } else {
      const left = { ins: ins && isOther(ins) ? ins : undefined, dels: dels.filter(isOther) }
      const wanted = book.wantedFlag(flag, left)
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
  if (INLINE_TYPES.has(element.nodeName) && !holdsContent(element)) return dropMark(book, element)
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

/**
 * A break or an empty link goes, unless two texts would touch without it. Then it belongs to the
 * pending text beside it, with which it goes; between people's words it stays.
 */
function dropMark(book: ChunkBook, element: Y.XmlElement): void {
  if (!partsTexts(book, element)) return removeElement(element)
  const heir = pendingBeside(book, element)
  if (heir) book.handOver(element, heir)
  setFlag(element, heir ? book.wantedElementFlag(element) : null)
}

/** A list without items goes too, and the item that only wrapped it. */
function removeWithList(element: Y.XmlElement): void {
  const { parent } = element
  removeElement(element)
  const isList = parent instanceof Y.XmlElement && /^list(item)?$/.test(parent.nodeName)
  if (isList && parent.length === 0) removeWithList(parent)
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
