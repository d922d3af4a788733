import { $toggleLink } from '@lexical/link'
import { $createParagraphNode, $createTextNode, $getRoot, type ParagraphNode } from 'lexical'
import { expect, test } from 'vitest'
import { addParagraph, changeTag } from '#server/testing/block-edits.ts'
import * as typing from '#server/testing/typing.ts'
import { playUndo } from '#server/testing/undo-history.ts'
import { $setBlockType } from '../blocks.ts'
import type { BlockType } from '../handle.ts'
import { join, openSide, type Side, seededDoc } from '../testing/pair.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 25)
const SEED = Number(process.env.FUZZ_SEED ?? 1)

/** The line that a word stands in. */
const $textWith = (words: string) => {
  const text = $getRoot()
    .getAllTextNodes()
    .find((one) => one.getTextContent().includes(words))
  if (!text) throw new Error(`nothing says ${words}`)
  return text
}
const $behind = (words: string) => {
  const text = $textWith(words)
  const at = text.getTextContent().indexOf(words) + words.length
  return text.select(at, at)
}
const $over = (words: string) => {
  const text = $textWith(words)
  const at = text.getTextContent().indexOf(words)
  return text.select(at, at + words.length)
}
const $turnInto = (type: BlockType) => {
  $over('red')
  $setBlockType(type)
}
const $linkRed = () => {
  $over('red')
  $toggleLink('https://example.org')
}
const $append = (words: string) => {
  const paragraph = $createParagraphNode()
  paragraph.append($createTextNode(words))
  $getRoot().append(paragraph)
}

const STEPS: Record<string, { ada: () => void; ben: () => void }> = {
  'a line begun by Enter, in which another wrote all': {
    ada: () => void $behind('red apples.').insertParagraph(),
    ben: () => void ($getRoot().getChildAtIndex(1) as ParagraphNode).select().insertText('BEN'),
  },
  'a line of one’s own': {
    ada: () => $append('pears'),
    ben: () => $behind('pe').insertText('BEN'),
  },
  'a split': {
    ada: () => void $behind('red').insertParagraph(),
    ben: () => $behind('app').insertText('BEN'),
  },
  'a heading': {
    ada: () => $turnInto('h2'),
    ben: () => $behind('red').insertText('BEN'),
  },
  'a quote': {
    ada: () => $turnInto('quote'),
    ben: () => $behind('apples.').insertText('BEN'),
  },
  'a code block': {
    ada: () => $turnInto('code'),
    ben: () => $behind('app').insertText('BEN'),
  },
  'a list': {
    ada: () => $turnInto('bullet'),
    ben: () => $behind('app').insertText('BEN'),
  },
  'a link, within it': {
    ada: $linkRed,
    ben: () => $behind('re').insertText('BEN'),
  },
  'a format': {
    ada: () => $over('red apples').formatText('bold'),
    ben: () => $behind('red').insertText('BEN'),
  },
}

const letters = ({ content }: Side) => [...content().replace(/\s/g, '')].toSorted().join('')

test.each(
  Object.entries(STEPS),
)('[U1] case 04: what others wrote stays when the step is undone that made its place: %s', (_, step) => {
  const seed = seededDoc('red apples.', 'Last.')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  join(ada, ben)
  const before = letters(ada)

  ada.write(step.ada)
  ben.write(step.ben)
  const both = ada.content()
  ada.text.undo.undo()

  expect(letters(ada)).toBe([...before, ...'BEN'].toSorted().join(''))
  expect(ben.content()).toBe(ada.content())
  ada.text.undo.redo()
  expect(ada.content()).toBe(both)
  expect(ben.content()).toBe(both)
})

test('[U3] undo from within an update of the editor, as a command runs, is shown on its own page', () => {
  const ada = openSide(seededDoc('red apples.'))
  ada.write(() => void $behind('apples.').insertParagraph())
  ada.write(() => ($getRoot().getLastChild() as ParagraphNode).select().insertText('pears'))
  ada.text.undo.stopCapturing()
  ada.write(() => $behind('pears').insertText('!'))

  for (const words of ['red apples.\n\npears', 'red apples.']) {
    ada.write(() => void ada.text.undo.undo())
    expect(ada.content()).toBe(words)
  }
})

test(`[U2] three people, a run and decisions: undoing all takes nobody else’s character, redoing brings all back (${RUNS} histories from seed ${SEED})`, () => {
  const own = [typing.type, typing.type, typing.bold, typing.erase, typing.enter, typing.enter]
  const ada = [...own, typing.merge, addParagraph, changeTag]
  for (let seed = SEED; seed < SEED + RUNS; seed++) {
    playUndo({ seed, ada, others: [typing.type, typing.type, typing.bold] })
  }
}, 120_000)
