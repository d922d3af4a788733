import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body, FLAG } from '#shared/document/shape.ts'
import { FlagIndex } from '../flag-index.ts'
import type { ChangePart } from './change-parts.ts'

/** Characters of one line with equal flags, some of them in a link or bold. */
interface Run {
  text: string
  flag: 'ins' | 'del' | undefined
  chunk: 1 | 2
  bold: boolean
  link: boolean
}
const run: fc.Arbitrary<Run> = fc.record({
  text: fc.constantFrom('a', 'bc', ' ', 'd e', '😀'),
  flag: fc.constantFrom('ins', 'del', undefined),
  chunk: fc.constantFrom(1, 2),
  bold: fc.boolean(),
  link: fc.boolean(),
})

/** Lines that are put in and filled in any order, as edits and merges leave them. */
function documentOf(lines: readonly Run[][], order: readonly number[]): FlagIndex {
  const doc = new Y.Doc()
  const index = new FlagIndex(doc, () => undefined)
  const elements = new Map<number, Y.XmlElement>()
  for (const n of order) {
    const line = new Y.XmlElement('paragraph')
    const before = Math.max(-1, ...[...elements.keys()].filter((other) => other < n))
    const behind = elements.get(before)
    if (behind) body(doc).insertAfter(behind, [line])
    else body(doc).insert(0, [line])
    elements.set(n, line)
    fill(line, lines[n]!)
  }
  return index
}

function fill(line: Y.XmlElement, runs: readonly Run[]): void {
  let link: Y.XmlElement | undefined
  let text: Y.XmlText | undefined
  for (const { text: words, flag, chunk, bold, link: linked } of runs) {
    if (!linked) link = undefined
    else link ??= linkIn(line)
    const holder = link ?? line
    if (text?.parent !== holder) text = textIn(holder)
    text.insert(text.length, words, {
      [FLAG]: flag ? `${flag}:r.${chunk}` : null,
      p: bold ? { __format: 1 } : null,
    })
  }
}

function linkIn(line: Y.XmlElement): Y.XmlElement {
  const link = new Y.XmlElement('link')
  line.push([link])
  return link
}
function textIn(holder: Y.XmlElement): Y.XmlText {
  const text = new Y.XmlText()
  holder.push([text])
  return text
}

/** Runs that stand in one text of the document: links have texts of their own. */
const textsOf = (runs: readonly Run[]): Run[][] =>
  runs.reduce<Run[][]>((texts, one) => {
    const last = texts.at(-1)
    if (last?.[0]?.link === one.link) last.push(one)
    else texts.push([one])
    return texts
  }, [])

/** The same, run by run, from the lines as they read. */
function expected(lines: readonly Run[][], chunk: number): ChangePart[] {
  const parts: ChangePart[] = []
  let touching = true
  let lineOfLast = -1
  for (const [n, runs] of lines.entries()) {
    for (const text of textsOf(runs)) {
      const isOthers = ({ flag, chunk: owner }: Run) => flag === 'ins' && owner !== chunk
      // A text that others propose as a whole stands there all the same.
      if (text.every(isOthers)) touching = false
      let between: string | undefined
      for (const { text: words, flag, chunk: owner } of text.filter((one) => !isOthers(one))) {
        if (flag === undefined || owner !== chunk) {
          touching = false
          if (between !== undefined) between += words
          continue
        }
        const last = parts.at(-1)
        const apart = last !== undefined && !touching
        const isFew = apart && between !== undefined && between.length <= 24
        const kept = isFew && between !== undefined ? { kept: between } : {}
        if (last?.op === flag && !apart) last.text += (lineOfLast === n ? '' : '\n') + words
        else parts.push({ op: flag, text: words, apart, ...kept })
        touching = true
        lineOfLast = n
        between = ''
      }
    }
  }
  if (parts[0]) parts[0].text = parts[0].text.trimStart()
  const last = parts.at(-1)
  if (last) last.text = last.text.trimEnd()
  return parts
}

test('[P1] a chunk reads as its changes in the order of the document, across formats, links and lines', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(run, { maxLength: 6 }), { minLength: 1, maxLength: 4 }).chain((lines) =>
        fc.tuple(
          fc.constant(lines),
          fc.shuffledSubarray([...lines.keys()], {
            minLength: lines.length,
          }),
        ),
      ),
      ([lines, order]) => {
        const shown = documentOf(lines, order).read()
        for (const chunk of [1, 2])
          expect(shown.get(`r.${chunk}`) ?? []).toEqual(expected(lines, chunk))
      },
    ),
    { numRuns: 500 },
  )
})
