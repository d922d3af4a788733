import { $getRoot, type TextNode } from 'lexical'
import { expect, test } from 'vitest'
import { join, openSide, seededDoc } from '../testing/pair.ts'

test('[E12] what is typed while changes are held leaves as one change, and goes in one step of undo', () => {
  const seed = seededDoc('Hello.', 'Other.')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  join(ada, ben)
  const $compose = (words: string) => {
    const text = $getRoot().getFirstDescendant() as TextNode
    text.setTextContent(`Hello.${words}`)
    text.select(6 + words.length, 6 + words.length)
  }

  ada.text.composing(true)
  for (const words of ['n', 'ni', 'nihao', '你好']) ada.write(() => $compose(words))
  expect(ada.sent).toEqual([])
  expect(ben.content()).toBe('Hello.\n\nOther.')
  ada.text.composing(false)

  expect(ada.sent).toHaveLength(1)
  expect(ben.content()).toBe('Hello.你好\n\nOther.')
  ada.text.undo.undo()
  expect(ben.content()).toBe('Hello.\n\nOther.')
})

test('[E12] what others write while changes are held stays, and so does what was held', () => {
  const seed = seededDoc('Hello.')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  join(ada, ben)

  ada.text.composing(true)
  ada.write(() => ($getRoot().getFirstDescendant() as TextNode).select(6, 6).insertText('你'))
  ben.write(() => ($getRoot().getFirstDescendant() as TextNode).select(0, 0).insertText('Oh. '))
  ada.text.composing(false)

  expect(ben.content()).toBe('Oh. Hello.你')
  expect(ada.content()).toBe(ben.content())
  expect([ada.broken, ben.broken]).toEqual([[], []])
})
