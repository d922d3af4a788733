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

/** The same, character by character, from the lines as they read. */
function expected(lines: readonly Run[][], chunk: number): ChangePart[] {
  const parts: ChangePart[] = []
  let touching = true
  let lineOfLast = -1
  for (const [n, runs] of lines.entries()) {
    for (const { text, flag, chunk: owner } of runs) {
      if (flag === undefined || owner !== chunk) {
        touching = false
        continue
      }
      const last = parts.at(-1)
      const apart = last !== undefined && !touching
      if (last?.op === flag && !apart) last.text += (lineOfLast === n ? '' : '\n') + text
      else parts.push({ op: flag, text, apart })
      touching = true
      lineOfLast = n
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
