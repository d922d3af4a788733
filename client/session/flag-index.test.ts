import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body, FLAG } from '#shared/document/shape.ts'
import { FlagIndex } from './flag-index.ts'

function paragraph(words: string, attributes = {}) {
  const element = new Y.XmlElement('paragraph')
  const text = new Y.XmlText()
  text.insert(0, words, attributes)
  element.insert(0, [text])
  return { element, text }
}

test('[V39] a keystroke in plain text is no news, one in or beside provisional text is', () => {
  const doc = new Y.Doc()
  const plain = paragraph('plain')
  const flagged = paragraph('proposed', { [FLAG]: 'ins:r.1' })
  body(doc).insert(0, [plain.element, flagged.element])
  let news = 0
  const index = new FlagIndex(doc, () => news++)

  plain.text.insert(5, '!')
  expect(news).toBe(0)
  flagged.text.insert(4, 'x')
  expect(news).toBe(1)
  expect(index.read().get('r.1')).toEqual([{ op: 'ins', text: 'propxosed', apart: false }])
  flagged.text.format(0, flagged.text.length, { [FLAG]: null })
  expect(news).toBe(2)
  plain.text.format(0, 3, { [FLAG]: 'del:r.2' })
  expect(news).toBe(3)
  body(doc).delete(0, 2)
  expect([news, index.read().size]).toEqual([4, 0])
  index.close()
})
