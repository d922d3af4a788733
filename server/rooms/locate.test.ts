import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { type Block, blockText } from '#shared/document/blocks.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body, FLAG } from '#shared/document/shape.ts'
import { locate } from './locate.ts'

/** Two paragraphs: "Hello <link>big</link> world⏎again", and "Second". */
function letter() {
  const doc = new Y.Doc()
  const first = new Y.XmlElement('paragraph')
  const second = new Y.XmlElement('paragraph')
  body(doc).insert(0, [first, second])
  const link = new Y.XmlElement('link')
  const [hello, big, world, again, other] = ['Hello ', 'big', ' world', 'again', 'Second'].map(
    (text) => new Y.XmlText(text),
  ) as [Y.XmlText, Y.XmlText, Y.XmlText, Y.XmlText, Y.XmlText]
  first.insert(0, [hello, link, world, new Y.XmlElement('linebreak'), again])
  link.insert(0, [big])
  second.insert(0, [other])
  return { doc, first, hello, big, world, again, other }
}

const at = (type: Y.XmlText | Y.XmlElement, index: number) =>
  Buffer.from(
    Y.encodeRelativePosition(Y.createRelativePositionFromTypeIndex(type, index)),
  ).toString('base64url')

function selected(doc: Y.Doc, target: Parameters<typeof locate>[2]) {
  const blocks: Block[] = readBlocks(doc, 'without')
  return locate(doc, blocks, target)?.selection.map(({ block, from, to }) => [
    blocks.findIndex(({ id }) => id === block),
    blockText(blocks.find(({ id }) => id === block)!).slice(from, to),
  ])
}

test('[R70] a range is found across links, line breaks and blocks, either way round', () => {
  const { doc, big, again, other } = letter()
  const [from, to] = [at(big, 1), at(other, 3)]

  const expected = [
    [0, 'ig world\nagain'],
    [1, 'Sec'],
  ]
  expect(selected(doc, { range: { from, to } })).toEqual(expected)
  expect(selected(doc, { range: { from: to, to: from } })).toEqual(expected)
  expect(selected(doc, { range: { from, to: at(again, 2) } })).toEqual([[0, 'ig world\nag']])
})

test('[R71] of a block where nothing is selected, nothing is meant', () => {
  const { doc, hello, other } = letter()

  const range = { from: at(hello, 0), to: at(other, 0) }

  expect(selected(doc, { range })).toEqual([[0, 'Hello big world\nagain']])
})

test('[R72] a caret is an empty selection, a block all of itself, a document every block', () => {
  const { doc, first, world } = letter()
  const { client, clock } = first._item!.id

  expect(selected(doc, { at: at(world, 2) })).toEqual([[0, '']])
  expect(locate(doc, readBlocks(doc, 'without'), { at: at(world, 2) })?.selection).toMatchObject([
    { from: 11, to: 11 },
  ])
  expect(selected(doc, { block: `${client}-${clock}` })).toEqual([[0, 'Hello big world\nagain']])
  expect(selected(doc, { document: true })).toHaveLength(2)
})

test('[R73] proposed text is not counted', () => {
  const { doc, hello, world } = letter()
  hello.insert(0, 'PROPOSED ', { [FLAG]: 'ins:r.1' })

  expect(selected(doc, { range: { from: at(hello, 11), to: at(world, 2) } })).toEqual([
    [0, 'llo big w'],
  ])
})

test('[R74] what is not in the document is not found', () => {
  const { doc } = letter()
  const { other } = letter()

  expect(selected(doc, { at: at(other, 1) })).toBeUndefined()
  expect(selected(doc, { at: 'AAAA' })).toBeUndefined()
  expect(selected(doc, { at: '' })).toBeUndefined()
  expect(selected(doc, { block: '1-1' })).toBeUndefined()
})

test('[R75] a garbled half of a range is no crash', () => {
  const { doc, other } = letter()

  expect(selected(doc, { range: { from: '_____', to: at(other, 1) } })).toEqual([])
})
