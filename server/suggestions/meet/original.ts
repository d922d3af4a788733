/**
 * Original compares what an edit was made for with the text as it is now: while the edit is being
 * written the whole of it, afterwards what the edit strikes and where it writes.
 */

import * as Y from 'yjs'
import { compareTypes, itemsIn, lineBlock } from '#shared/document/item-order.ts'
import { type Character, charactersOf } from '#shared/document/present-text.ts'
import { type Owns, readLine } from '#shared/document/read-blocks.ts'
import { sentences } from '#shared/document/sentences.ts'
import type { ChunkBook } from '../chunk-book.ts'
import { inRanges, typeOf, typesIn } from '../items.ts'
import { elementOf, parseBlockId } from '../place.ts'
import type { ChunkOriginal, ChunkStaleness, ItemId, ItemRange, StoredChunk } from '../types.ts'
import { WHOLE } from './composition.ts'
import { walkLine } from './walk-line.ts'

/** What became of an original: it is the same, people took it away, or it was changed. */
export type Verdict = 'same' | 'gone' | Change
export type Change = Omit<ChunkStaleness, 'early'>

/** Whether the text that an edit is being written for is the one that was sent, to the item. */
export function compareWithSent(book: ChunkBook, original: ChunkOriginal): Verdict {
  const line = lineOf(book, original)
  if (line && isSame(line, original)) return 'same'
  const instead = line ? foreignIn(line, original) : []
  const winner = acceptedFor(book, original.spans)
  if (winner)
    return { kind: 'accepted', by: winner.decidedBy, instead: [...winner.ins, ...instead] }
  const isGone = original.text !== '' && !isAlive(book.doc, original.spans)
  if (isGone && instead.length === 0) return 'gone'
  return { kind: 'changed', by: null, instead }
}

/** Whether what a complete chunk strikes, and where it writes, is as it was when it was written. */
export function compareWithStruck(book: ChunkBook, chunk: StoredChunk): Verdict {
  const { original } = chunk
  if (!original?.struck) return 'same'
  const line = lineOf(book, original)
  const instead = line ? foreignIn(line, original) : []
  const changed: Verdict = { kind: 'changed', by: null, instead }
  const now = strikesOf(book, chunk)
  if (!isSameStrikes(original.struck, now)) {
    const allGone = original.struck.length > 0 && now.join('') === ''
    return allGone ? 'gone' : changed
  }
  return original.after.every((one) => followsStill(book, chunk, one)) ? 'same' : changed
}

/** What a chunk strikes in the document as it is, one string for each stretch. */
export function strikesOf(book: ChunkBook, chunk: StoredChunk): string[] {
  const { texts, elements } = typesIn(book.doc, chunk.del)
  const blocks = new Set<Y.XmlElement>()
  for (const type of [...texts, ...elements]) {
    const block = lineBlock(type)
    if (block) blocks.add(block)
  }
  return [...blocks].sort(compareTypes).flatMap((block) => {
    const line = lineIn(book, block)
    if (elements.has(block)) return [WHOLE + textOf(line)]
    const stretches = ['']
    for (const { character, client, clock } of line) {
      if (inRanges(chunk.del, client, clock)) stretches.push(stretches.pop() + character)
      else stretches.push('')
    }
    return stretches.filter(Boolean)
  })
}

/** What a chunk strikes, for people: words of two stretches are never one word. */
export function struckWords(book: ChunkBook, chunk: StoredChunk): string {
  return strikesOf(book, chunk)
    .map((stretch) => (stretch.startsWith(WHOLE) ? stretch.slice(WHOLE.length) : stretch))
    .reduce(
      (all, stretch) => (/\S$/.test(all) && /^\S/.test(stretch) ? `${all} ` : all) + stretch,
      '',
    )
}

/** Equal, but that words between two stretches may have gone. */
function isSameStrikes(then: readonly string[], now: readonly string[]): boolean {
  const wholes = (all: readonly string[]) => all.filter((one) => one.startsWith(WHOLE))
  if (wholes(then).join() !== wholes(now).join() || then.join('') !== now.join('')) return false
  const ends = (all: readonly string[]) => {
    let at = 0
    return all.map((one) => (at += one.length))
  }
  const before = new Set(ends(then))
  return ends(now).every((end) => before.has(end))
}

/** Whether a chunk still writes right behind a character, or behind a copy of it. */
function followsStill(
  book: ChunkBook,
  chunk: StoredChunk,
  { client, clock, character }: ChunkOriginal['after'][number],
): boolean {
  if (isAlive(book.doc, [{ client, from: clock, to: clock + 1 }])) return true
  const { texts } = typesIn(book.doc, chunk.ins)
  for (const block of new Set([...texts].flatMap((text) => lineBlock(text) ?? []))) {
    let before = ''
    for (const part of walkLine(book, block)) {
      if (part.ins === chunk && before.endsWith(character)) return true
      if (!part.ins) before = part.text
    }
  }
  // Nothing of what it wrote is left there.
  return texts.size === 0
}

/** A line as it reads without what is proposed. */
function lineIn({ doc, ownership }: ChunkBook, block: Y.XmlElement): Character[] {
  const owns: Owns = (client, clock) => ({ ins: ownership.owner('ins', client, clock)?.id })
  return charactersOf(readLine(doc, block, { view: 'without', owns }))
}

const textOf = (line: readonly Character[]): string =>
  line.map(({ character }) => character).join('')

/** The line that holds the original, or what is left of it; undefined where that is gone. */
function lineOf(book: ChunkBook, original: ChunkOriginal): Character[] | undefined {
  const block = blockOf(book.doc, original)
  return block && lineIn(book, block)
}

function blockOf(doc: Y.Doc, { block, spans }: ChunkOriginal): Y.XmlElement | undefined {
  const id = block === null ? undefined : parseBlockId(block)
  if (id) return elementOf(doc, id)
  for (const item of itemsIn(doc, spans)) {
    if (item.parent instanceof Y.XmlText) return lineBlock(item.parent)
  }
  // All of it is gone: the line stands where its first character stood.
  const first = spans.find(({ from, to }) => from < to)
  if (!first || Y.getState(doc.store, first.client) <= first.from) return undefined
  const item = Y.getItem(doc.store, Y.createID(first.client, first.from)) as Y.Item | Y.GC
  return item instanceof Y.Item && item.parent instanceof Y.XmlText
    ? lineBlock(item.parent)
    : undefined
}

function isSame(line: readonly Character[], original: ChunkOriginal): boolean {
  const wanted = original.spans.flatMap(({ client, from, to }) =>
    from === to
      ? [undefined]
      : Array.from({ length: to - from }, (_, n) => ({ client, clock: from + n })),
  )
  const at = original.block === null ? line.findIndex((one) => isAt(one, wanted[0])) : 0
  if (at < 0 || (original.block !== null && line.length !== wanted.length)) return false
  const isThere = wanted.every((id, n) => {
    const one = line[at + n]
    return id ? isAt(one, id) : one?.character === '\n'
  })
  return isThere && (original.block !== null || !isLonger(line, at, original))
}

/** Whether people have lengthened the sentence at one of its ends. */
function isLonger(line: readonly Character[], at: number, original: ChunkOriginal): boolean {
  const { text, before, behind } = original
  const whole = textOf(line)
  const end = at + text.length
  const from = before === 'edge' ? 0 : indexOf(line, before) + 1
  const to = behind === 'edge' ? line.length : indexOf(line, behind)
  const sentence = sentences(whole).find((one) => one.from <= at && at < one.to)
  if (!sentence) return false
  const isBefore = before !== null && from <= at && whole.slice(from, at).trim() !== ''
  const isBehind = behind !== null && to >= end && whole.slice(end, to).trim() !== ''
  return (isBefore && sentence.from < at) || (isBehind && sentence.to > end)
}

/** What others have written among the original, or in its stead. */
function foreignIn(line: readonly Character[], original: ChunkOriginal): ItemRange[] {
  const { before, behind, spans, block } = original
  const isOwn = ({ client, clock }: Character) => inRanges(spans, client, clock)
  const first = line.findIndex(isOwn)
  const last = line.findLastIndex(isOwn)
  const from = before === 'edge' || block !== null ? 0 : indexOf(line, before) + 1
  const to = behind === 'edge' || block !== null ? line.length : indexOf(line, behind)
  const begin = from > 0 || before === 'edge' || block !== null ? from : first
  const end = to >= 0 ? to : last + 1
  if (begin < 0) return []
  const ranges: ItemRange[] = []
  for (const { client, clock, character } of line.slice(begin, end)) {
    if (character === '\n' || inRanges(spans, client, clock)) continue
    const range = ranges.at(-1)
    if (range?.client === client && range.to === clock) range.to++
    else ranges.push({ client, from: clock, to: clock + 1 })
  }
  return ranges
}

/** The accepted chunk that took a part of these characters away. */
export function acceptedFor(book: ChunkBook, spans: readonly ItemRange[]): StoredChunk | undefined {
  return book
    .in('accepted')
    .find(({ del }) =>
      del.some(({ client, from, to }) =>
        spans.some((span) => span.client === client && span.from < to && from < span.to),
      ),
    )
}

const isAt = (one: ItemId | undefined, id: ItemId | undefined): boolean =>
  one !== undefined && id !== undefined && one.client === id.client && one.clock === id.clock

const indexOf = (line: readonly Character[], id: ItemId | 'edge' | null): number =>
  id === null || id === 'edge' ? -1 : line.findIndex((one) => isAt(one, id))

function isAlive(doc: Y.Doc, spans: readonly ItemRange[]): boolean {
  for (const item of itemsIn(doc, spans)) if (typeOf(item) === undefined) return true
  return false
}
