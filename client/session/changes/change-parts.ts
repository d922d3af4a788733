/**
 * ChangeParts reads a chunk's change off the document as a row of parts: what is struck and what is
 * written, in the order of the text, so that `Their` → `There` and a doubled `and` stay two changes.
 */
import type * as Y from 'yjs'
import { FLAG, parseFlag } from '#shared/document/shape.ts'
import { type AnyType, compareTypes, meeting } from './document-order.ts'

export interface ChangePart {
  op: 'ins' | 'del'
  text: string
  /** Words that stay, or another block, stand between the part before and this one. */
  apart: boolean
  /** Those words, where they are few: they say more than a sign that stands for them. */
  kept?: string
}

/** About three words. */
const FEW = 24
/** Stands for what is no word: a line break. */
const OTHER = '\uFFFC'

/** What one type of the document holds of one chunk. */
export interface TypeParts {
  parts: ChangePart[]
  /** Nothing of the type stands before the first part, and nothing behind the last one. */
  atStart: boolean
  atEnd: boolean
}

/**
 * The parts of each chunk in one text; words of equal flags are one part, whatever their formats.
 * What others propose is no part of the text that a chunk is for, and what others strike stays in it.
 */
export function partsOfText(text: Y.XmlText): Map<string, TypeParts> {
  const found = new Map<string, TypeParts & { end: number }>()
  let staying = ''
  for (const { insert, attributes } of text.toDelta() as Y.YTextEvent['delta']) {
    const from = staying.length
    const flag = parseFlag((attributes as Record<string, unknown> | undefined)?.[FLAG])
    if (flag?.op !== 'ins') staying += typeof insert === 'string' ? insert : OTHER
    if (!flag || typeof insert !== 'string') continue
    const known = found.get(flag.chunk)
    const entry = known ?? { parts: [], atStart: from === 0, atEnd: false, end: from }
    found.set(flag.chunk, entry)
    const between = staying.slice(entry.end, from)
    add(entry.parts, { op: flag.op, text: insert, apart: between !== '', ...keptIn(between) })
    entry.end = staying.length
  }
  for (const entry of found.values()) entry.atEnd = entry.end === staying.length
  return found
}

function keptIn(between: string): { kept?: string } {
  const isFew = between !== '' && between.length <= FEW && !between.includes(OTHER)
  return isFew ? { kept: between } : {}
}

/** The parts of one chunk out of all types that hold some of it, in any order. */
export function joinParts(holders: readonly (readonly [AnyType, TypeParts])[]): ChangePart[] {
  // A proposed or struck block says nothing that its texts do not say.
  const telling = holders.filter(([, { parts }]) => parts.some(({ text }) => text !== ''))
  const sorted = telling.toSorted(([a], [b]) => compareTypes(a, b))
  const parts: ChangePart[] = []
  let before: (typeof sorted)[number] | undefined
  for (const holder of sorted) {
    const [type, { parts: own, atStart }] = holder
    const touches = before?.[1].atEnd && atStart ? meeting(before[0], type) : 'apart'
    for (const [n, part] of own.entries()) {
      const apart = n === 0 ? parts.length > 0 && touches === 'apart' : part.apart
      const text = n === 0 && touches === 'block' ? onNewLine(parts, part) : part.text
      add(parts, { ...part, text, apart })
    }
    before = holder
  }
  return trimmed(parts)
}

/** A line begins with its first word, not with the space before it. */
function trimmed(parts: ChangePart[]): ChangePart[] {
  const [first] = parts
  if (first) first.text = first.text.trimStart()
  const last = parts.at(-1)
  if (last) last.text = last.text.trimEnd()
  return parts
}

/** Lines of one part are told apart by a line break: three proposed items are not one word. */
function onNewLine(parts: readonly ChangePart[], { op, text }: ChangePart): string {
  const last = parts.at(-1)
  return last?.op === op && !last.text.endsWith('\n') ? `\n${text}` : text
}

function add(parts: ChangePart[], part: ChangePart): void {
  const last = parts.at(-1)
  if (last?.op === part.op && !part.apart) last.text += part.text
  else parts.push({ ...part })
}
