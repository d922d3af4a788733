import { expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { Random } from '#server/testing/random.ts'
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

/** Blocks that come, go and change, with words and flags, as people, runs and decisions make them. */
function change(doc: Y.Doc, random: Random): void {
  const root = body(doc)
  const flags = [null, null, `ins:r.${random.below(4)}`, `del:r.${random.below(4)}`]
  const attributes = () => ({ [FLAG]: random.pick(flags) })
  const at = random.below(root.length)
  const block = root.get(at) as Y.XmlElement
  const text = block.toArray().find((child) => child instanceof Y.XmlText)
  const actions: (() => void)[] = [
    () => root.insert(at, [paragraph('some new words', attributes()).element]),
    () => void (root.length > 1 && root.delete(at, 1)),
    () => text?.insert(random.below(text.length + 1), 'xyz', attributes()),
    () => text && text.length > 2 && text.format(0, 2, attributes()),
    () => text && text.length > 1 && text.delete(0, 1),
    () => block.insert(block.length, [paragraph('inside', attributes()).element]),
    () => {
      const flag = random.pick(flags)
      if (flag) block.setAttribute(FLAG, flag)
      else block.removeAttribute(FLAG)
    },
  ]
  random.pick(actions)()
}

test.each([
  1, 2, 3, 4, 5, 6,
])('[Y8] what is known of the changed blocks is what reading all of it would tell (seed %i)', (seed) => {
  const random = new Random(seed)
  const doc = new Y.Doc()
  body(doc).insert(0, [paragraph('one').element, paragraph('two').element])
  const index = new FlagIndex(doc, () => undefined)
  for (let round = 0; round < 80; round++) {
    doc.transact(() => {
      for (let n = random.below(3); n >= 0; n--) change(doc, random)
    })
    const anew = new FlagIndex(doc, () => undefined)
    const sorted = (of: FlagIndex) => [...of.read()].toSorted(([a], [b]) => (a < b ? -1 : 1))
    expect(sorted(index)).toEqual(sorted(anew))
    anew.close()
  }
})

test('[Y10] a new block in a long document has that block read, and not the others', () => {
  const doc = new Y.Doc()
  body(doc).insert(
    0,
    Array.from({ length: 500 }, () => paragraph('proposed', { [FLAG]: 'ins:r.1' }).element),
  )
  const index = new FlagIndex(doc, () => undefined)
  const read = vi.spyOn(Y.XmlText.prototype, 'toDelta')

  body(doc).insert(250, [paragraph('one more', { [FLAG]: 'ins:r.2' }).element])

  expect(read).toHaveBeenCalledTimes(1)
  expect(index.read().get('r.2')).toEqual([{ op: 'ins', text: 'one more', apart: false }])
  read.mockRestore()
})
