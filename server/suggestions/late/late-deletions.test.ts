/** Somebody deletes words or takes a line along, while another who does not know it takes it along. */
import { $createHeadingNode, $createQuoteNode } from '@lexical/rich-text'
import * as L from 'lexical'
import { expect, test } from 'vitest'
import type { Person } from '#server/testing/editors.ts'
import { LateWorld, linesOf } from './testing/late-world.ts'

const LINE = 'Tail code end.'
/** Where `code` begins and ends. */
const FORMAT = [5, 9] as const
const DELETED = 5

/** Selects the line's characters from…to, across the texts that formats make of it. */
function $select(from: number, to: number): L.RangeSelection {
  const texts = L.$getRoot().getAllTextNodes()
  const selection = L.$createRangeSelection()
  for (const [point, wanted] of [
    [selection.anchor, from],
    [selection.focus, to],
  ] as const) {
    let before = 0
    const text = texts.find((one) => {
      if (before + one.getTextContentSize() >= wanted) return true
      before += one.getTextContentSize()
      return false
    })
    if (text) point.set(text.getKey(), wanted - before, 'text')
  }
  L.$setSelection(selection)
  return selection
}

const become = (make: () => L.ElementNode) => () => {
  const block = L.$getRoot().getFirstChild()
  if (L.$isElementNode(block)) block.replace(make().append(...block.getChildren()))
}

/** What takes the line along, and what comes of it. */
const TAKING: Record<string, [() => void, (line: string) => string]> = {
  'becomes a heading': [become(() => $createHeadingNode('h2')), (line) => `## ${line}`],
  'becomes a quote': [become($createQuoteNode), (line) => `> ${line}`],
  'goes behind a break': [() => void $select(0, 0).insertParagraph(), (line) => ` / ${line}`],
}

/** Ada deletes from…to, and Ben does that to the line; either one's arrives first. */
function meet(act: () => void, from: number, to: number, adaFirst: boolean): string {
  const world = new LateWorld([LINE])
  try {
    const [ada, ben] = [world.join('ada'), world.join('ben')]
    // Written again as one, as the first content is: its markers have the ids between its words'.
    ada.edit(() => $select(...FORMAT).formatText('code'))
    ada.edit(become($createQuoteNode))
    ada.edit(become(L.$createParagraphNode))
    world.settle()
    ada.edit(() => $select(from, to).removeText())
    ben.edit(act)
    world.settle(adaFirst ? [ada, ben] : [ben, ada])
    const shown = [ada, ben].map(({ doc }: Person) => linesOf(doc))
    expect(shown).toEqual([world.lines, world.lines])
    return world.lines
  } finally {
    world.close()
  }
}

for (const [what, [act, expected]] of Object.entries(TAKING)) {
  test(`[M33] case 33.6: what one deletes beside a format stays deleted where the line ${what} meanwhile`, () => {
    for (let from = 2; from <= FORMAT[1]; from++) {
      const to = from + DELETED
      const line = LINE.slice(0, from) + LINE.slice(to)
      for (const adaFirst of [true, false]) {
        const found = meet(act, from, to, adaFirst)
        expect(found, `${from} to ${to}, Ada first: ${adaFirst}`).toBe(expected(line))
      }
    }
  })
}

/** Ada acts offline and Ben meanwhile; she hears of it, and her edits come only with her next connection. */
function comeTwice(adas: () => void, bens: () => void): string {
  const world = new LateWorld([LINE])
  try {
    const [ada, ben] = [world.join('ada'), world.join('ben')]
    // What was moved before tells such an edit from one that names all that was ever deleted.
    ben.edit(become($createQuoteNode))
    ben.edit(become(L.$createParagraphNode))
    world.settle()
    world.cutOff(ada)
    ada.edit(adas)
    ben.edit(bens)
    world.settle([ben])
    world.hearInVain(ada)
    world.settle()
    expect([ada, ben].map(({ doc }) => linesOf(doc))).toEqual([world.lines, world.lines])
    return world.lines
  } finally {
    world.close()
  }
}

for (const [what, [act, expected]] of Object.entries(TAKING)) {
  test(`[M34] case 30.6: an edit that comes once more, after its writer heard that the line ${what}, is the one they made`, () => {
    const line = LINE.slice(0, 2) + LINE.slice(2 + DELETED)
    expect(comeTwice(() => $select(2, 2 + DELETED).removeText(), act)).toBe(expected(line))
    for (const [other] of Object.values(TAKING)) {
      const words = comeTwice(other, act).split(LINE)
      expect(words, 'the line is there once').toHaveLength(2)
    }
  })
}
