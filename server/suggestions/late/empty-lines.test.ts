/** Somebody types in an empty line while another changes what it is, or takes it away. */
import { $createCodeNode } from '@lexical/code'
import { $createListItemNode, $createListNode, $isListItemNode } from '@lexical/list'
import { $createHeadingNode, $createQuoteNode } from '@lexical/rich-text'
import * as L from 'lexical'
import { expect, test } from 'vitest'
import type { Person } from '#server/testing/editors.ts'
import { LateWorld, linesOf } from './testing/late-world.ts'

const KINDS = {
  paragraph: L.$createParagraphNode,
  heading: () => $createHeadingNode('h2'),
  quote: $createQuoteNode,
  code: $createCodeNode,
} satisfies Record<string, () => L.ElementNode>
type Kind = keyof typeof KINDS | 'item'

const MARKS: Record<Kind, string> = {
  paragraph: '',
  heading: '## ',
  quote: '> ',
  code: '',
  item: '- ',
}

/** The second line: an item counts, not its list. */
function $line(): L.ElementNode {
  const block = L.$getRoot().getChildAtIndex(1)
  const line = L.$isElementNode(block) && block.getType() === 'list' ? block.getFirstChild() : block
  if (!L.$isElementNode(line)) throw new Error('there is no second line')
  return line
}

/** A list goes with its only item. */
const $block = (): L.ElementNode => L.$getRoot().getChildAtIndex(1) as L.ElementNode

const become = (kind: Kind) => () =>
  void $block().replace(
    kind === 'item' ? $createListNode('bullet').append($createListItemNode()) : KINDS[kind](),
  )

const type = (person: Person, words: string, $caret?: () => void) => {
  for (const [n, letter] of [...words].entries()) {
    person.edit(() => {
      if (n === 0) $caret?.()
      L.$getSelection()?.insertText(letter)
    })
  }
}

/** Ben types in the empty line while Ada does that; his words arrive before or after it. */
function meet(kind: Kind, act: () => void, typesFirst: boolean, offline: boolean) {
  const world = new LateWorld(['front', '', 'back'])
  try {
    const [ada, ben] = [world.join('ada'), world.join('ben')] as const
    if (kind !== 'paragraph') ada.edit(become(kind))
    world.settle()
    if (offline) world.cutOff(typesFirst ? ada : ben)
    type(ben, 'XY', () => void $line().select())
    ada.edit(act)
    world.settle(typesFirst ? [ben, ada] : [ada, ben])
    if (world.rescued === 0) {
      type(ben, '12')
      world.settle()
    }
    for (const person of [ada, ben]) {
      expect(linesOf(person.doc)).toBe(world.lines)
      expect(person.view).toBe(ada.view)
      expect([person.echoes, person.errors]).toEqual([0, []])
    }
    return { lines: world.lines, rescued: world.rescued }
  } finally {
    world.close()
  }
}

const ORDERS = [
  [false, false],
  [false, true],
  [true, false],
  [true, true],
] as const

for (const kind of ['paragraph', 'heading', 'quote', 'code', 'item'] as const) {
  test(`[M26] case 33.6: words typed in an empty ${kind} stand in what it becomes at the same time`, () => {
    const others = ['paragraph', 'heading', 'quote', 'code', 'item'] as const
    for (const to of others.filter((one) => one !== kind)) {
      for (const [typesFirst, offline] of ORDERS) {
        const { lines, rescued } = meet(kind, become(to), typesFirst, offline)
        expect(lines, `${to}, types first: ${typesFirst}, offline: ${offline}`).toBe(
          `front / ${MARKS[to]}XY12 / back`,
        )
        expect(rescued).toBe(0)
      }
    }
  })

  test(`[M26] case 30.6: words typed in an empty ${kind} that goes at the same time are proposed in its place`, () => {
    for (const [typesFirst, offline] of ORDERS) {
      const { lines, rescued } = meet(kind, () => $block().remove(), typesFirst, offline)
      expect([lines, rescued > 0]).toEqual(['front / XY / back', true])
    }
  })
}

test('[M26] words typed in an empty item stand in it where it is indented at the same time', () => {
  for (const [typesFirst, offline] of ORDERS) {
    const $indent = () => {
      const line = $line()
      if ($isListItemNode(line)) line.setIndent(1)
    }
    const { lines, rescued } = meet('item', $indent, typesFirst, offline)
    expect([lines, rescued]).toEqual(['front / - XY12 / back', 0])
  }
})
