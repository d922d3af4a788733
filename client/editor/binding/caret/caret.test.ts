import { $toggleLink } from '@lexical/link'
import * as L from 'lexical'
import { expect, test } from 'vitest'
import { Awareness } from 'y-protocols/awareness'
import * as Y from 'yjs'
import { $setBlockType } from '../../blocks.ts'
import { announce } from '../../presence.ts'
import { join, NET, openSide, type Side, seededDoc } from '../../testing/pair.ts'

const $textWith = (words: string): L.TextNode => {
  const text = L.$getRoot()
    .getAllTextNodes()
    .find((one) => one.__text.includes(words))
  if (!text) throw new Error(`nothing says ${words}`)
  return text
}
const $behind = (words: string): L.RangeSelection => {
  const text = $textWith(words)
  const at = text.__text.indexOf(words) + words.length
  return text.select(at, at)
}
const $in = (n: number) => L.$getRoot().getChildAtIndex(n) as L.ElementNode
const $type = (words: string) => L.$getSelection()?.insertText(words)

/** Two people who hear each other at once. */
function two(...lines: string[]): [Side, Side] {
  const seed = seededDoc(...lines)
  const sides: [Side, Side] = [openSide(seed), openSide(seed)]
  join(...sides)
  return sides
}

const STORIES: Record<
  string,
  { lines: string[]; mine: () => void; theirs: () => void; type: string; result: string }
> = {
  'case 23: Enter in front of it in the same paragraph': {
    lines: ['It has support for a document today.'],
    mine: () => void $behind('support'),
    theirs: () => {
      $behind('It has').insertParagraph()
      $type('zz ')
    },
    type: 'X',
    result: 'It has\n\nzz  supportX for a document today.',
  },
  'Enter behind it': {
    lines: ['Alpha beta gamma.'],
    mine: () => void $behind('Alpha'),
    theirs: () => void $behind('beta').insertParagraph(),
    type: 'X',
    result: 'AlphaX beta\n\n gamma.',
  },
  'Enter right at it': {
    lines: ['Alpha beta.'],
    mine: () => void $behind('Alpha'),
    theirs: () => void $behind('Alpha').insertParagraph(),
    type: 'X',
    result: 'AlphaX\n\n beta.',
  },
  'case 33.1: its line becomes a quote': {
    lines: ['Wise words', 'After.'],
    mine: () => void $behind('Wise words'),
    theirs: () => {
      $textWith('Wise').select(0, 0)
      $setBlockType('quote')
    },
    type: ' of hers',
    result: 'Wise words of hers\n\nAfter.',
  },
  'case 33.2: its line becomes a heading': {
    lines: ['Before.', 'A line'],
    mine: () => void $behind('A line'),
    theirs: () => {
      $textWith('A line').select(0, 0)
      $setBlockType('h2')
    },
    type: ' that Bob makes longer',
    result: 'Before.\n\nA line that Bob makes longer',
  },
  'its empty line becomes a heading': {
    lines: ['Before.', ''],
    mine: () => void $in(1).select(),
    theirs: () => {
      $in(1).select()
      $setBlockType('h2')
    },
    type: 'Title',
    result: 'Before.\n\nTitle',
  },
  'its line is joined to the one before': {
    lines: ['Alpha.', 'Beta.'],
    mine: () => void $behind('Bet'),
    theirs: () => {
      const [first, second] = L.$getRoot().getChildren() as L.ElementNode[]
      first!.append(...second!.getChildren())
      second!.remove()
    },
    type: 'X',
    result: 'Alpha.BetXa.',
  },
  'the word it is in is deleted': {
    lines: ['one two three'],
    mine: () => void $behind('tw'),
    theirs: () => $textWith('two').select(4, 8).removeText(),
    type: 'X',
    result: 'one Xthree',
  },
  'its line is deleted': {
    lines: ['Alpha.', 'Beta.', 'Gamma.'],
    mine: () => void $behind('Bet'),
    theirs: () => $in(1).remove(),
    type: 'X',
    result: 'Alpha.X\n\nGamma.',
  },
  'the first line, with it, is deleted': {
    lines: ['Alpha.', 'Beta.'],
    mine: () => void $behind('Alp'),
    theirs: () => {
      L.$setSelection(null)
      $in(0).remove()
    },
    type: 'X',
    result: 'XBeta.',
  },
  'somebody types right at it': {
    lines: ['one three'],
    mine: () => void $behind('one '),
    theirs: () => $behind('one ').insertText('two '),
    type: 'X',
    result: 'one two Xthree',
  },
}

test.each(Object.entries(STORIES))('[E8] the caret stays by what stood beside it: %s', (_, {
  lines,
  mine,
  theirs,
  type,
  result,
}) => {
  const [ada, ben] = two(...lines)
  ada.write(mine)

  ben.write(theirs)
  // Letter by letter, as hands do it.
  for (const letter of type) ada.write(() => $type(letter))

  expect(ada.content()).toBe(result)
  expect(ben.content()).toBe(result)
  expect([ada.broken, ben.broken]).toEqual([[], []])
})

test('[E8] case 33.8: a link is taken away while somebody types in it, and the word stays together', () => {
  const [ada, ben] = two('Go right here now.')
  ada.write(() => {
    $textWith('right').select(3, 8)
    $toggleLink('https://example.org')
  })
  ben.write(() => void $behind('ri'))

  ada.write(() => {
    $textWith('right').select(0, 5)
    $toggleLink(null)
  })
  for (const letter of 'XYZ') ben.write(() => $type(letter))

  expect(ben.content()).toBe('Go riXYZght here now.')
  expect(ada.content()).toBe(ben.content())
})

test('[E24] two people who type at one place key by key keep their letters together', () => {
  const [ada, ben] = two('one two')
  for (const side of [ada, ben]) side.write(() => void $behind('one'))

  for (const n of [0, 1, 2]) {
    ada.write(() => $type('abc'[n]!))
    ben.write(() => $type('XYZ'[n]!))
  }

  expect(ada.content()).toMatch(/^one(abcXYZ|XYZabc) two$/)
  expect(ben.content()).toBe(ada.content())
})

test('[E24] whoever types in a line that is put elsewhere types on behind its words, before and after the room has answered', () => {
  const seed = seededDoc('Alpha.', 'Beta.')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  ada.write(() => void $behind('Beta.'))
  for (const letter of 'abc') ada.write(() => $type(letter))
  ben.write(() => {
    $in(0).insertBefore(L.$createParagraphNode().append(L.$createTextNode('Beta.')))
    $in(2).remove()
  })

  Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(ben.doc), NET)
  ada.write(() => $type('d'))
  expect(ada.content()).toBe('Beta.d\n\nAlpha.')
  // The room writes the letters again, one by one, before what was typed on.
  for (const n of [0, 1, 2]) {
    ben.write(() => $behind(`Beta.${'abc'.slice(0, n)}`).insertText('abc'[n]!))
  }
  Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(ben.doc), NET)
  ada.write(() => $type('e'))
  expect(ada.content()).toMatch(/^Beta\.(abcde|deabc)\n\nAlpha\.$/)
})

test('[E8] a selection keeps its two ends where others write, at them too, and split', () => {
  const [ada, ben] = two('Alpha beta gamma delta.')
  ada.write(() => void $textWith('beta').select(6, 16))
  const selected = () => ada.read(() => L.$getSelection()?.getTextContent())

  ben.write(() => $textWith('Alpha').select(0, 0).insertText('Oh, '))
  expect(selected()).toBe('beta gamma')
  ben.write(() => $behind('gamma').insertText('s of'))
  expect(selected()).toBe('beta gamma')
  ben.write(() => void $behind('beta').insertParagraph())
  expect(selected()).toBe('beta\n gamma')
})

/** Somebody whose caret others are told of. */
function announced(from: Y.Doc) {
  const awareness = new Awareness(new Y.Doc())
  announce(awareness, { id: 'ada', name: 'Ada', color: '#112233' })
  return { awareness, side: openSide(from, { awareness }) }
}

/** Where Ben reads Ada's caret: the text in front of it, in the same line. */
function toldPlace({ awareness }: ReturnType<typeof announced>, { doc }: Side): string {
  const told = awareness.getLocalState()?.anchorPos as Y.RelativePosition | null
  const place = told && Y.createAbsolutePositionFromRelativePosition(told, doc)
  if (!place) return 'nowhere'
  return place.type instanceof Y.XmlText ? place.type.toString().slice(0, place.index) : 'a block'
}

test('[E9] others are told of the caret when its person moves it or types, and when others move it', () => {
  const seed = seededDoc('It has support today.')
  const ada = announced(seed)
  const ben = openSide(seed)
  join(ada.side, ben)

  ada.side.write(() => void $behind('It has'))
  expect(toldPlace(ada, ben)).toBe('It has')
  ada.side.write(() => $type(' a'))
  expect(toldPlace(ada, ben)).toBe('It has a')
  ada.side.write(() => void $behind('support'))
  ben.write(() => void $behind('It has').insertParagraph())
  expect(toldPlace(ada, ben)).toBe(' a support')
})

test('[E9] a caret that stays is told once', () => {
  const seed = seededDoc('One', 'Two')
  const ada = announced(seed)
  const ben = openSide(seed)
  join(ada.side, ben)
  ada.side.write(() => void $behind('Tw'))
  let told = 0
  ada.awareness.on('change', () => told++)

  for (const letter of 'more and more') ben.write(() => $behind('One').insertText(letter))

  expect(told).toBe(0)
})
