import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { formatWords } from './format-words.ts'

/** A text of three runs, the middle one flagged. */
function threeRuns() {
  const doc = new Y.Doc()
  const text = doc.get('text', Y.XmlText) as Y.XmlText
  text.insert(0, 'abc')
  text.insert(3, '<0>', { s_sg: 'ins:r.1' })
  text.insert(6, 'def', { s_sg: null })
  return { doc, text }
}

const runs = (...all: [number, Record<string, unknown>][]) =>
  all.map(([length, attributes]) => ({ length, attributes }))

test('[E6] formats that are there already write nothing', () => {
  const { doc, text } = threeRuns()
  const before = Y.encodeStateVector(doc)

  formatWords(text, runs([3, { s_sg: null }], [3, { s_sg: 'ins:r.1' }], [3, {}]))

  expect(Y.encodeStateVector(doc)).toEqual(before)
  expect(Y.encodeStateAsUpdate(doc, before)).toHaveLength(2)
})

test('[E6] what differs is formatted, and nothing around it', () => {
  const { text } = threeRuns()

  formatWords(
    text,
    runs([3, {}], [2, { s_sg: 'ins:r.1', p: { __format: 1 } }], [1, { s_sg: 'ins:r.1' }], [3, {}]),
  )

  expect(text.toDelta()).toEqual([
    { insert: 'abc' },
    { insert: '<0', attributes: { s_sg: 'ins:r.1', p: { __format: 1 } } },
    { insert: '>', attributes: { s_sg: 'ins:r.1' } },
    { insert: 'def' },
  ])
})

test('[E6] two tabs side by side stay two, also for a page that knows only the stock binding', () => {
  const doc = new Y.Doc()
  const text = doc.get('text', Y.XmlText) as Y.XmlText
  text.insert(0, 'a\t\t')

  formatWords(text, runs([1, {}], [1, { t: 'tab' }], [1, { t: 'tab' }]))

  expect(text.toDelta().map(({ insert }: { insert: string }) => insert)).toEqual(['a', '\t', '\t'])
})
