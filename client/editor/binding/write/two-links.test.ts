import { $isLinkNode, $toggleLink } from '@lexical/link'
import { $getRoot } from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { openSide, type Side, seededDoc } from '../../testing/pair.ts'

const link = (side: Side, words: string) =>
  side.write(() => {
    const text = $getRoot()
      .getAllTextNodes()
      .find((one) => one.getTextContent().includes(words))
    const at = text?.getTextContent().indexOf(words) ?? 0
    text?.select(at, at + words.length)
    $toggleLink('https://example.org')
  })

const linksOf = (side: Side) =>
  side.read(() =>
    $getRoot()
      .getAllTextNodes()
      .filter((text) => $isLinkNode(text.getParent()))
      .map((text) => text.getTextContent()),
  )

test.each([
  ['left middle right', 'left', 'right'],
  ['one two three four', 'one', 'two'],
  ['one two three four', 'one two', 'four'],
  ['one two three four', 'one', 'four'],
])('[U8] case 33.5: two people link words of `%s` apart, one of them the first: `%s`, `%s`', (line, first, other) => {
  for (const isFirstLower of [true, false]) {
    const seed = seededDoc(line)
    const [ada, ben] = [openSide(seed), openSide(seed)]
    // By their numbers Yjs decides whose of two links comes first.
    const [low, high] = [ada, ben].toSorted((a, b) => a.doc.clientID - b.doc.clientID) as [
      Side,
      Side,
    ]
    link(isFirstLower ? low : high, first)
    link(isFirstLower ? high : low, other)
    const [ofAda, ofBen] = [Y.encodeStateAsUpdate(ada.doc), Y.encodeStateAsUpdate(ben.doc)]
    Y.applyUpdate(ada.doc, ofBen, 'net')
    Y.applyUpdate(ben.doc, ofAda, 'net')

    for (const side of [ada, ben]) {
      expect(side.content()).toBe(line)
      expect(linksOf(side)).toEqual([first, other])
      expect(side.broken).toEqual([])
    }
  }
})
