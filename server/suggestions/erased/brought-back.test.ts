/** This test has people erase provisional text, the server start anew, and undo bring the text back. */
import * as L from 'lexical'
import { expect, test } from 'vitest'
import type * as Y from 'yjs'
import { Random } from '#server/testing/random.ts'
import type { Piece } from '#shared/document/piece.ts'
import { body } from '#shared/document/shape.ts'
import { CHUNK, ITEM, PARAGRAPH, propose, say } from './testing/proposed.ts'

const $find = (part: string) =>
  L.$getRoot()
    .getAllTextNodes()
    .find((text) => text.getTextContent().includes(part))!

const LINES = [say('One two.'), CHUNK, PARAGRAPH, say('Second three.'), CHUNK]
const ITEMS = [
  say('One two.'),
  CHUNK,
  ITEM,
  say('Alpha beta.'),
  CHUNK,
  ITEM,
  say('Gamma delta.'),
  CHUNK,
]

const erase: [string, Piece[], () => void][] = [
  ['words within a sentence', LINES, () => $find('One').select(2, 6).removeText()],
  ['a whole sentence', LINES, () => $find('One').select(0, 8).removeText()],
  ['its last characters', LINES, () => $find('One').select(4, 8).removeText()],
  ['words in a block', LINES, () => $find('Second').select(0, 7).removeText()],
  ['all words of a block', LINES, () => $find('Second').select(0, 13).removeText()],
  ['a block', LINES, () => $find('Second').getTopLevelElement()!.remove()],
  ['an item', ITEMS, () => $find('Alpha').getParent()!.remove()],
  ['a list', ITEMS, () => $find('Alpha').getTopLevelElement()!.remove()],
  [
    'people’s words with it',
    LINES,
    () => {
      const selection = $find('plain').select(2, 2)
      selection.focus.set($find('One').getKey(), 3, 'text')
      selection.removeText()
    },
  ],
  [
    'two blocks merged',
    LINES,
    () => {
      const selection = $find('One').select(2, 2)
      selection.focus.set($find('Second').getKey(), 3, 'text')
      selection.removeText()
    },
  ],
]

const WHEN = ['after the restart', 'before a chunk is known', 'before the log is read'] as const
const cases = erase.flatMap(([what, ...rest]) => WHEN.map((when) => [what, when, ...rest] as const))

test.each(
  cases,
)('[G23] case 30.7: undo brings back %s, %s: it is provisional again', (_, when, pieces, $erase) => {
  const { star, ben, view, without } = propose(pieces)
  const before = view()
  const plain = without()
  ben.edit($erase)
  expect(view()).not.toBe(before)
  const undo = () => {
    ben.undo()
    star.hear(ben)
  }

  if (when === 'before a chunk is known') star.restart({ meanwhile: undo })
  else if (when === 'before the log is read') star.restart({ untold: undo })
  else {
    star.restart()
    undo()
  }

  expect(view()).toBe(before)
  expect(without()).toEqual(plain)
  const chunks = star.suggestions.list().flatMap((one) => one.chunks.map(({ id }) => id))
  star.suggestions.settle(chunks, 'rejected', 'ada', { kind: 'room' })
  expect(view()).toBe('[paragraph "plain  tail"]')
})

/** Parts of a block's words first, then the block: undo makes it anew, and the parts in it later. */
test.each(
  WHEN.slice(1),
)('[G23] case 30.7: several steps of undo bring a block back part by part, %s', (when) => {
  const random = new Random(Number(process.env.FUZZ_SEED ?? 1))
  for (let round = 0; round < 8; round++) {
    const [pieces, word] = random.pick([[ITEMS, 'Al'] as const, [LINES, 'Se'] as const])
    const { star, ben, view, without } = propose(pieces)
    const before = view()
    const plain = without()
    const parts = 1 + random.below(3)
    for (let n = 0; n < parts; n++) {
      ben.edit(() => {
        const text = $find(word)
        const from = 2 + random.below(text.getTextContentSize() - 2)
        text
          .select(from, Math.min(text.getTextContentSize(), from + 1 + random.below(3)))
          .removeText()
      })
      view()
    }
    ben.edit(() => $find(word).getParent()!.remove())
    view()
    const undo = () => {
      for (let n = 0; n <= parts; n++) ben.undo()
      star.hear(ben)
    }

    if (when === 'before a chunk is known') star.restart({ meanwhile: undo })
    else star.restart({ untold: undo })

    expect({ round, view: view(), without: without() }).toEqual({
      round,
      view: before,
      without: plain,
    })
    const chunks = star.suggestions.list().flatMap((one) => one.chunks.map(({ id }) => id))
    star.suggestions.settle(chunks, 'rejected', 'ada', { kind: 'room' })
    expect(view()).toBe('[paragraph "plain  tail"]')
  }
})

test('[G23] a word that somebody typed where an equal one was erased stays theirs, also when it shows a flag', () => {
  const { star, ben, view, without } = propose(LINES)
  ben.edit(() => $find('One').select(4, 8).removeText())
  view()
  star.restart({
    meanwhile: () => {
      const line = (body(ben.doc).get(0) as Y.XmlElement).get(0) as Y.XmlText
      line.insert(0, 'two.', { s_sg: 'ins:s.1' })
      star.hear(ben)
    },
  })

  expect(without()[0]).toBe('two.plain  tail')
  view()
})
