/**
 * PairText finds which deleted characters were written again. An edit that takes text along keeps
 * its order, so all that went and all that came are compared as one: what both begin and end with
 * is the same text. What is left in the middle is paired stretch by stretch.
 */
import { ABOVE_LATE_CLIENTS } from '../shape.ts'
import {
  commonEnd,
  commonStart,
  cut,
  isHighSurrogate,
  isLowSurrogate,
  type Part,
  type Span,
  type Stretch,
  slice,
  textOf,
  whole,
  without,
  zip,
} from './parts.ts'

/** Fewer equal characters in the middle of other text are chance, unless there are no others. */
const LEAST_INSIDE = 2
/** So many pairs of characters are compared for one edit, which takes some ten milliseconds. */
const MOST_COMPARED = 4_000_000
/** An edit that leaves more in the middle is no single edit. */
const MOST_PAIRS = 10_000

/** Fewer equal characters within other words are chance where an update holds several edits. */
const LEAST_OF_SEVERAL = 8

export interface PairOptions {
  /** A whole stretch that is written again anywhere, whole, was moved too. */
  anywhere?: boolean
  /**
   * The update may hold several edits, of which one deleted what another's words are like by chance.
   * Taken for a move, a later deletion of the one took the other with it: of a hundred words that
   * were acknowledged two to five were lost (F05, people who write while the database is away). Only
   * a text that is new or gone is a move then, and of a copy a whole piece or a long part.
   */
  mayBeSeveral?: boolean
}

/**
 * Returns which characters of `gone` were written again in `come`, each once at most; both in the
 * order of the document. Compares at most four million pairs of characters.
 */
export function pairText(
  gone: readonly Stretch[],
  come: readonly Stretch[],
  { anywhere = false, mayBeSeveral = false }: PairOptions = {},
): Span[] {
  if (gone.length === 0 || come.length === 0) return []
  const [sources, copies] = [gone.map(whole), come.map(whole)]
  const [before, after] = [textOf(sources), textOf(copies)]
  // Where a text fits at either end: who pastes or types stands in front of what went along.
  const end = commonEnd(before, after)
  const start = commonStart(
    before.slice(0, before.length - end),
    after.slice(0, after.length - end),
  )
  const [behind, behindCopy] = [before.length - end, after.length - end]
  return [
    ...zip(slice(sources, 0, start), slice(copies, 0, start)),
    ...pairMiddle(slice(sources, start, behind), slice(copies, start, behindCopy)),
    ...zip(slice(sources, behind), slice(copies, behindCopy)),
  ].filter((span) =>
    mayBeSeveral
      ? isMoveOfSeveral(span)
      : !isTypedOver(span) && (isMove(span) || (anywhere && isWhole(span))),
  )
}

/**
 * What takes text along makes a new text for it, or takes the old text away, or stays in the same
 * block. A word that goes in one block and comes in another between other words is chance.
 */
const isMove = (span: Span): boolean =>
  makesOrTakesText(span) || span.source.block === span.copy.block || isOfRoom(span)

/**
 * What is written where the other went, between the same neighbours, is typed over it: who deletes
 * the one must not take the other (an `l` of `la` that was typed over `elt`). The very same text is
 * not typed: a page writes it again, as it makes a heading of a line that has several formats.
 */
const isTypedOver = (span: Span): boolean =>
  span.source.gap !== undefined &&
  span.source.gap === span.copy.gap &&
  !span.copy.withItsText &&
  !isWrittenAgain(span)

const isWrittenAgain = ({ source, copy }: Span): boolean =>
  source.text === copy.text && copy.text.length >= LEAST_OF_SEVERAL

const isMoveOfSeveral = (span: Span): boolean =>
  makesOrTakesText(span)
    ? isWhole(span) || isWholeCopy(span) || span.length >= LEAST_OF_SEVERAL
    : isOfRoom(span)

/** The room has written late words where they belong, between other words. */
const isOfRoom = (span: Span): boolean =>
  isWhole(span) && span.copy.pieces.every(({ client }) => client < ABOVE_LATE_CLIENTS)

const makesOrTakesText = ({ source, copy }: Span): boolean => source.withItsText || copy.withItsText

const isWholeCopy = ({ copy, length }: Span): boolean =>
  length === copy.text.length && length >= LEAST_INSIDE

const isWhole = ({ source, copy, length }: Span): boolean =>
  length === source.text.length && length === copy.text.length

function pairMiddle(gone: readonly Part[], come: readonly Part[]): Span[] {
  const spans: Span[] = []
  const byText = Map.groupBy(gone, ({ text }) => text)
  const taken = new Set<Part>()
  const copies = come.filter((copy) => {
    const equal = byText.get(copy.text)?.shift()
    if (!equal) return true
    spans.push(...zip([equal], [copy]))
    taken.add(equal)
    return false
  })
  const sources = gone.filter((source) => !taken.has(source))
  const scattered = pairScattered(sources, copies)
  return [...spans, ...(scattered ?? pairParts(sources, copies))]
}

/** All of one side within the other, in order, with other characters in between. */
function pairScattered(sources: readonly Part[], copies: readonly Part[]): Span[] | undefined {
  const [before, after] = [textOf(sources), textOf(copies)]
  if (Math.min(before.length, after.length) < LEAST_INSIDE) return undefined
  const copyIsLess = after.length <= before.length
  const runs = copyIsLess ? runsIn(before, after) : runsIn(after, before)
  return runs?.flatMap(({ at, of, length }) => {
    const [from, to] = copyIsLess ? [at, of] : [of, at]
    return zip(slice(sources, from, from + length), slice(copies, to, to + length))
  })
}

/** Where the characters of `less` stand in `more`, as runs; undefined unless all of them do. */
function runsIn(more: string, less: string) {
  const runs: { at: number; of: number; length: number }[] = []
  let from = 0
  for (let of = 0; of < less.length; of++) {
    const at = more.indexOf(less[of]!, from)
    if (at < 0) return undefined
    const last = runs.at(-1)
    if (last && last.at + last.length === at) last.length++
    else runs.push({ at, of, length: 1 })
    from = at + 1
  }
  return runs
}

/** Each copy from the source that is most like it. */
function pairParts(gone: readonly Part[], come: readonly Part[]): Span[] {
  if (gone.length * come.length > MOST_PAIRS) return []
  const spans: Span[] = []
  const sources = [...gone]
  const copies = [...come]
  const effort = { left: MOST_COMPARED }
  const [before, after] = [textOf(gone), textOf(come)]
  const isChance: IsChance = (text, source, copy, to) =>
    text.length < LEAST_INSIDE &&
    !(
      occursOnce(before, text) &&
      occursOnce(after, text) &&
      (source.stretch.text === text || !mayBeTyped(source, copy, to))
    )
  for (let copy = copies.shift(); copy && sources.length > 0; copy = copies.shift()) {
    const found = mostAlike(copy, sources, effort, isChance)
    if (!found) continue
    spans.push(...zip([found.source], [found.copy]))
    sources.splice(sources.indexOf(found.of), 1, ...without(found.of, found.source))
    copies.unshift(...without(copy, found.copy))
  }
  return spans
}

/** Whether the text at `to` of a copy is in a source too by chance alone. */
type IsChance = (text: string, source: Part, copy: Part, to: number) => boolean

/**
 * What is typed over a selection of several lines stands in front of what is left of the last one, in
 * a text that stays: one letter there may be like one of the selection (an `a` typed over `Tail`).
 */
const mayBeTyped = (source: Part, copy: Part, to: number): boolean =>
  copy.stretch.isInOldText === true &&
  (source.stretch.block === undefined || source.stretch.block !== copy.stretch.block) &&
  (copy.from === 0 || to > 0)

interface Found {
  /** The source that was there, its part that was written again, and that part of the copy. */
  of: Part
  source: Part
  copy: Part
}

function mostAlike(
  copy: Part,
  sources: readonly Part[],
  effort: { left: number },
  isChance: IsChance,
): Found | undefined {
  let best: Found | undefined
  for (const source of sources) {
    const { at, to, length } = longestCommon(source.text, copy.text, effort)
    if (length === 0 || isChance(copy.text.slice(to, to + length), source, copy, to)) continue
    if (best && length <= best.copy.text.length) continue
    best = { of: source, source: cut(source, at, length), copy: cut(copy, to, length) }
  }
  return best
}

const occursOnce = (all: string, text: string): boolean =>
  all.indexOf(text) === all.lastIndexOf(text)

/** The longest text that stands in both; at last only what both begin or end with. */
function longestCommon(
  a: string,
  b: string,
  effort: { left: number },
): { at: number; to: number; length: number } {
  const [inA, inB] = [a.lastIndexOf(b), b.lastIndexOf(a)]
  if (inA >= 0) return { at: inA, to: 0, length: b.length }
  if (inB >= 0) return { at: 0, to: inB, length: a.length }
  effort.left -= a.length * b.length
  if (effort.left < 0) {
    const [start, end] = [commonStart(a, b), commonEnd(a, b)]
    return end >= start
      ? { at: a.length - end, to: b.length - end, length: end }
      : { at: 0, to: 0, length: start }
  }
  let best = { at: 0, to: 0, length: 0 }
  let row = new Uint32Array(b.length + 1)
  for (let n = 1; n <= a.length; n++) {
    const next = new Uint32Array(b.length + 1)
    for (let m = 1; m <= b.length; m++) {
      if (a[n - 1] !== b[m - 1]) continue
      const length = row[m - 1]! + 1
      next[m] = length
      if (length > best.length) best = { at: n - length, to: m - length, length }
    }
    row = next
  }
  return wholeLetters(a, best)
}

/** Without half a letter at either end. */
function wholeLetters(
  text: string,
  { at, to, length }: { at: number; to: number; length: number },
) {
  const front = length > 0 && isLowSurrogate(text.charCodeAt(at)) ? 1 : 0
  const back = length > front && isHighSurrogate(text.charCodeAt(at + length - 1)) ? 1 : 0
  return { at: at + front, to: to + front, length: length - front - back }
}
