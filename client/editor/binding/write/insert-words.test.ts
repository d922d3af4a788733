import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { insertWords } from './insert-words.ts'

/** A document of one text. */
function open(words: string, client = 1) {
  const doc = new Y.Doc()
  doc.clientID = client
  const line = new Y.XmlElement('paragraph')
  const text = new Y.XmlText(words)
  line.insert(0, [text])
  body(doc).insert(0, [line])
  return { doc, text }
}

/** The item in which the character at an index lies. */
function itemAt(text: Y.XmlText, index: number): Y.Item {
  let rest = index
  for (let item = text._start; item; item = item.right) {
    if (item.deleted || !item.countable) continue
    if (rest < item.length) return item
    rest -= item.length
  }
  throw new Error('nothing is there')
}

test('[E7] typing at the end of a line that somebody has split is typing into its head', () => {
  const { doc, text } = open('headtail')
  text.delete(4, 4)

  insertWords(text, 4, '!', {})

  const { origin } = itemAt(text, 4)
  const before: Y.Item | Y.GC = Y.getItem(doc.store, origin!)
  expect(text.toString()).toBe('head!')
  expect(before.deleted).toBe(false)
})

test('[E7] what is typed beside a format becomes part of it without a new marker, or stays out of it', () => {
  const { doc, text } = open('plain')
  text.insert(5, 'bold', { p: { __format: 1 } })
  const markers = () => Y.encodeStateAsUpdate(doc).length

  const before = markers()
  insertWords(text, 5, 'a', {})
  insertWords(text, 6, 'b', { p: { __format: 1 } })

  expect(text.toDelta()).toEqual([
    { insert: 'plaina' },
    { insert: 'bbold', attributes: { p: { __format: 1 } } },
  ])
  expect(markers() - before).toBeLessThan(24)
})

/** What is done to a text: characters go or come at a place. */
const edits = fc.array(
  fc.record({ at: fc.nat(), take: fc.nat(3), who: fc.nat(1), sync: fc.boolean() }),
  { maxLength: 30 },
)

test('[E7] whatever goes and comes, in whichever order pages hear of it, all read the same', () => {
  fc.assert(
    fc.property(edits, (all) => {
      const first = open('abcdefgh')
      const second = new Y.Doc()
      second.clientID = 2
      Y.applyUpdate(second, Y.encodeStateAsUpdate(first.doc))
      const docs = [first.doc, second]
      const exchange = () => {
        const [one, two] = docs as [Y.Doc, Y.Doc]
        Y.applyUpdate(one, Y.encodeStateAsUpdate(two, Y.encodeStateVector(one)))
        Y.applyUpdate(two, Y.encodeStateAsUpdate(one, Y.encodeStateVector(two)))
      }
      for (const [n, { at, take, who, sync }] of all.entries()) {
        const text = textOf(docs[who]!)
        const index = at % (text.length + 1)
        text.delete(index, Math.min(take, text.length - index))
        insertWords(text, index, String.fromCharCode(0x4e00 + n), {})
        if (sync) exchange()
      }
      exchange()
      const fresh = new Y.Doc()
      Y.applyUpdate(fresh, Y.encodeStateAsUpdate(first.doc))
      expect(textOf(second).toString()).toBe(first.text.toString())
      expect(textOf(fresh).toString()).toBe(first.text.toString())
    }),
  )
})

const textOf = (doc: Y.Doc) => (body(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText
