/**
 * People's edits meet before they know of each other: each pair of edits is played with either one
 * arriving first, and what must come out does not depend on that but where two changes of type meet.
 */
import { $isListItemNode } from '@lexical/list'
import { $createHeadingNode, $createQuoteNode } from '@lexical/rich-text'
import * as L from 'lexical'
import { afterEach, describe, expect, test } from 'vitest'
import type { Person } from '#server/testing/editors.ts'
import { LateWorld, linesOf } from './testing/late-world.ts'

type Edit = (person: Person) => void

const worlds: LateWorld[] = []

afterEach(() => {
  for (const world of worlds.splice(0)) world.close()
})

function $find(words: string): L.TextNode {
  const found = L.$getRoot()
    .getAllTextNodes()
    .find((text) => text.getTextContent().includes(words))
  if (!found) throw new Error(`${words} is not there`)
  return found
}

/** The caret goes behind these words. */
const at =
  (words: string): Edit =>
  (person) =>
    person.edit(() => {
      const text = $find(words)
      const offset = text.getTextContent().indexOf(words) + words.length
      text.select(offset, offset)
    })

const type =
  (words: string): Edit =>
  (person) => {
    for (const letter of words) person.edit(() => L.$getSelection()?.insertText(letter))
  }

const enter: Edit = (person) =>
  person.edit(() => {
    const selection = L.$getSelection()
    if (L.$isRangeSelection(selection)) selection.insertParagraph()
  })

const erase =
  (from: string, offset: number, to: string, end: number): Edit =>
  (person) =>
    person.edit(() => {
      const selection = L.$createRangeSelection()
      selection.anchor.set($find(from).getKey(), offset, 'text')
      selection.focus.set($find(to).getKey(), end, 'text')
      L.$setSelection(selection)
      selection.removeText()
    })

/** The block at this place joins the one in front of it. */
const merge =
  (place: number): Edit =>
  (person) =>
    person.edit(() => {
      const blocks = L.$getRoot().getChildren().filter(L.$isElementNode)
      blocks[place - 1]?.append(...(blocks[place]?.getChildren() ?? []))
      blocks[place]?.remove()
    })

const become =
  (make: () => L.ElementNode, place = 0): Edit =>
  (person) =>
    person.edit(() => {
      const block = L.$getRoot().getChildAtIndex(place)
      if (L.$isElementNode(block)) block.replace(make().append(...block.getChildren()))
    })

const indent =
  (words: string): Edit =>
  (person) =>
    person.edit(() => {
      const item = $find(words).getParent()
      if ($isListItemNode(item)) item.setIndent(1)
    })

const heading = () => $createHeadingNode('h2')
const both =
  (...edits: Edit[]): Edit =>
  (person) => {
    for (const edit of edits) edit(person)
  }

/** [title, lines, what Ada does, what Ben does meanwhile, what Ben does once he has seen it, result] */
const MEETINGS: [string, string[], Edit, Edit, Edit | undefined, string][] = [
  [
    'case 23: typing beside an Enter',
    ['Alpha beta gamma delta.'],
    both(at('Alpha'), enter),
    both(at('gamma'), type('12345')),
    type('678'),
    'Alpha /  beta gamma12345678 delta.',
  ],
  [
    'typing at the end of what an Enter takes along',
    ['Alpha beta.'],
    both(at('Alpha'), enter),
    both(at('beta.'), type('12')),
    type('34'),
    'Alpha /  beta.1234',
  ],
  [
    'typing at the end of what an Enter leaves',
    ['Alpha beta.'],
    both(at('Alpha'), enter),
    both(at('Alpha'), type('kk')),
    undefined,
    'Alphakk /  beta.',
  ],
  [
    'case 30.6: typing in a paragraph that is merged away',
    ['Alpha.', 'Beta.'],
    merge(1),
    both(at('Beta'), type('12')),
    type('34'),
    'Alpha.Beta1234.',
  ],
  [
    'case 33.4: both split at the same place',
    ['abcdef'],
    both(at('abc'), enter),
    both(at('abc'), enter),
    undefined,
    'abc / def',
  ],
  [
    'case 33.4: both split at the same place, and one goes on',
    ['abcdef'],
    both(at('abc'), enter),
    both(at('abc'), enter, type('zz ')),
    undefined,
    'abc / zz def',
  ],
  ['case 33.4: both join the same lines', ['abc', 'def'], merge(1), merge(1), undefined, 'abcdef'],
  [
    'two splits of one line',
    ['abcdef'],
    both(at('ab'), enter),
    both(at('abcd'), enter),
    undefined,
    'ab / cd / ef',
  ],
  [
    'case 33.2: typing in a line that becomes a heading',
    ['A line'],
    become(heading),
    both(at('A line'), type(' that Bob makes longer')),
    type(' and longer'),
    '## A line that Bob makes longer and longer',
  ],
  [
    'case 33.1: typing in a line that becomes a quote',
    ['Wise words', 'After.'],
    become($createQuoteNode),
    both(at('Wise words'), type(' of')),
    type(' hers'),
    '> Wise words of hers / After.',
  ],
  [
    'case 33.6: deletions that overlap over three lines',
    ['Aa one', 'Bb two', 'Cc three'],
    erase('Aa', 2, 'Bb', 2),
    erase('Bb', 3, 'Cc', 2),
    undefined,
    'Aa  three',
  ],
  [
    'case 33.7: typing in an item that is indented',
    ['- one', '- two'],
    indent('two'),
    both(at('two'), type('XYZ')),
    undefined,
    '- one twoXYZ',
  ],
  [
    'a merge and a split of the same line',
    ['xy', 'abcdef'],
    merge(1),
    both(at('abc'), enter),
    undefined,
    'xyabc / def',
  ],
  ['merges of three lines', ['xy', 'abcdef', 'zz'], merge(1), merge(2), undefined, 'xyabcdefzz'],
]

describe('late words', () => {
  for (const [title, lines, adasEdit, bensEdit, afterwards, result] of MEETINGS) {
    for (const first of ['Ada', 'Ben']) {
      test(`[M7] ${title}, ${first} first`, () => {
        const world = new LateWorld(lines)
        worlds.push(world)
        const ada = world.join('Ada')
        const ben = world.join('Ben')
        adasEdit(ada)
        bensEdit(ben)
        const order = first === 'Ada' ? [ada, ben] : [ben, ada]
        world.settle(order)
        afterwards?.(ben)
        world.settle(order)
        expect(world.lines).toBe(result)
        for (const person of [ada, ben]) {
          expect(linesOf(person.doc)).toBe(result)
          expect(person.echoes).toBe(0)
          expect(person.errors).toEqual([])
        }
      })
    }
  }

  for (let n = 1; n <= 6; n++) {
    test(`[M19] case 33.2: ${n} late letters stand before what is typed on at the copy`, () => {
      const world = new LateWorld(['Lazy dogs', 'end'], 'by chance')
      worlds.push(world)
      const ada = world.join('Ada')
      const ben = world.join('Ben')
      at('dogs')(ben)
      type(' night'.slice(0, n))(ben)
      become(heading)(ada)
      world.send(ada)
      world.hear(ben)
      type('abc')(ben)
      world.settle()
      const expected = `## Lazy dogs${' night'.slice(0, n)}abc / end`
      expect([world.lines, linesOf(ada.doc), linesOf(ben.doc)]).toEqual([
        expected,
        expected,
        expected,
      ])
    })
  }
})
