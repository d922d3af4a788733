import * as L from 'lexical'
import { expect, test } from 'vitest'
import type * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { openSide, seededDoc } from '../testing/pair.ts'

test('[E6] a letter that has come to lie between the marks of a tab is shown, and one can type beside it', () => {
  const seed = seededDoc('ab')
  const text = (body(seed).get(0) as Y.XmlElement).get(0) as Y.XmlText
  text.insert(1, '\tr\t', { t: 'tab' })
  const side = openSide(seed)

  expect(side.content()).toBe('a\tr\tb')
  side.write(() => {
    const letter = L.$getRoot()
      .getAllTextNodes()
      .find(({ __text }) => __text === 'r')
    letter?.select(1, 1).insertText('s')
  })

  expect(side.content()).toBe('a\trs\tb')
  expect(openSide(side.doc).content()).toBe('a\trs\tb')
})
