import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { type Block, blockText } from './blocks.ts'
import { documentHash } from './hash.ts'
import { readBlocks } from './read-blocks.ts'
import { body, FORMAT, seedEmpty } from './shape.ts'

test('[W29] every kind of block is read, with its links, breaks, formats and items', () => {
  const doc = new Y.Doc()
  doc.clientID = 7
  const link = element('link', { __url: 'https://a.b' }, words(['there']))
  body(doc).insert(0, [
    element('heading', { __tag: 'h3' }, words(['Title'])),
    element('heading', {}, words(['First'])),
    element(
      'paragraph',
      {},
      words(['go ', ['bold', { p: { __format: 1 } }]]),
      link,
      element('linebreak'),
      words(['end']),
    ),
    element('quote', {}, words(['said'])),
    element('code', { __language: 'js' }, words(['x']), element('linebreak'), words(['y'])),
    element('horizontalrule'),
    element('strange', {}, words(['kept'])),
    element(
      'list',
      { __listType: 'check' },
      element('listitem', { __checked: true }, words(['done'])),
      element('listitem', {}, words(['open'])),
    ),
    element(
      'list',
      { __start: 3 },
      element('listitem', {}, words(['three'])),
      element(
        'listitem',
        {},
        element('list', { __listType: 'bullet' }, element('listitem', {}, words(['deep']))),
      ),
      element('listitem', {}, words(['four'])),
    ),
  ])

  const blocks = readBlocks(doc, 'without')

  expect(blocks.map((block) => [block.type, block.level, blockText(block)])).toEqual([
    ['heading', 3, 'Title'],
    ['heading', 1, 'First'],
    ['paragraph', 0, 'go boldthere\nend'],
    ['quote', 0, 'said'],
    ['code', 0, 'x\ny'],
    ['divider', 0, ''],
    ['unknown', 0, 'kept'],
    ['listitem', 0, 'done'],
    ['listitem', 0, 'open'],
    ['listitem', 0, 'three'],
    ['listitem', 1, 'deep'],
    ['listitem', 0, 'four'],
  ])
  expect(blocks[2]?.inlines).toMatchObject([
    { text: 'go ', format: 0 },
    { text: 'bold', format: FORMAT.bold },
    { text: 'there', format: 0, url: 'https://a.b' },
    { kind: 'break' },
    { text: 'end' },
  ])
  expect(blocks[4]).toMatchObject({ language: 'js' })
  expect(
    blocks.slice(7).map(({ list, checked, start, index }) => [list, checked, start, index]),
  ).toEqual([
    ['check', true, 1, 0],
    ['check', false, 1, 1],
    ['number', undefined, 3, 0],
    ['bullet', undefined, 1, 0],
    ['number', undefined, 3, 1],
  ])
  expectSpans(doc, blocks)
})

describe('suggestions', () => {
  const document = () => {
    const doc = new Y.Doc()
    body(doc).insert(0, [
      element(
        'paragraph',
        {},
        words([
          'We ',
          ['will', { s_sg: 'del:r.1' }],
          ['shall', { s_sg: 'ins:r.1' }],
          [' go.', { s_sg: null }],
        ]),
      ),
      element('paragraph', { s_sg: 'ins:r.2' }, words([['All new.', { s_sg: 'ins:r.2' }]])),
      element(
        'heading',
        { s_sg: 'ins:r.3' },
        words([
          ['New, ', { s_sg: 'ins:r.3' }],
          ['and typed', { s_sg: null }],
        ]),
      ),
      element('horizontalrule', { s_sg: 'ins:r.4' }),
      element('paragraph', { s_sg: 'del:r.5' }, words([['Old.', { s_sg: 'del:r.5' }]])),
    ])
    return doc
  }
  const read = (view: 'without' | 'accepted') => readBlocks(document(), view).map(blockText)

  test('[W30] without them it reads as if each were rejected', () => {
    expect(read('without')).toEqual(['We will go.', 'and typed', 'Old.'])
    expect(JSON.stringify(readBlocks(document(), 'without'))).not.toContain('flag')
  })

  test('[W31] accepted, it reads as if each were accepted', () => {
    expect(read('accepted')).toEqual(['We shall go.', 'All new.', 'New, and typed', ''])
  })

  test('[W32] inline it has both, each with its flag', () => {
    const blocks = readBlocks(document(), 'inline')

    expect(blocks[0]?.inlines).toMatchObject([
      { text: 'We ' },
      { text: 'will', flag: { op: 'del', chunk: 'r.1' } },
      { text: 'shall', flag: { op: 'ins', chunk: 'r.1' } },
      { text: ' go.' },
    ])
    expect(blocks.map(({ flag }) => flag?.op)).toEqual([undefined, 'ins', 'ins', 'ins', 'del'])
  })

  test('[W33] who owns the items decides, whatever the flags say', () => {
    const doc = new Y.Doc()
    doc.clientID = 7
    body(doc).insert(0, [element('paragraph', {}, words(['abcdef']))])
    const first = readBlocks(doc, 'without')[0]?.inlines[0]
    const from = first?.kind === 'text' ? (first.spans[0]?.clock ?? 0) : 0
    const owns = (client: number, clock: number) => {
      if (client !== 7) return {}
      if (clock >= from + 1 && clock < from + 3) return { ins: 'r.1', until: from + 3 }
      return clock >= from + 4 && clock < from + 5 ? { del: 'r.2' } : {}
    }

    expect(readBlocks(doc, 'without', owns).map(blockText)).toEqual(['adef'])
    expect(readBlocks(doc, 'accepted', owns).map(blockText)).toEqual(['abcdf'])
    expect(readBlocks(doc, 'inline', owns)[0]?.inlines).toMatchObject([
      { text: 'a' },
      { text: 'bc', flag: { op: 'ins' } },
      { text: 'd' },
      { text: 'e', flag: { op: 'del' } },
      { text: 'f' },
    ])
    expectSpans(doc, readBlocks(doc, 'without', owns))
  })
})

describe('fingerprint', () => {
  test('[W34] copies that show the same have the same, however Yjs cut their items', () => {
    const doc = new Y.Doc()
    seedEmpty(doc)
    const text = new Y.XmlText()
    ;(body(doc).get(0) as Y.XmlElement).insert(0, [text])
    text.insert(0, 'Hello')
    text.insert(2, 'XX')
    text.delete(2, 2)
    text.format(1, 3, { p: { __format: 1 } })
    const copy = new Y.Doc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))

    expect(documentHash(copy)).toBe(documentHash(doc))
    expect(documentHash(doc)).toMatch(/^[0-9a-f]{14}$/)
  })

  test('[W35] a character, a format, an attribute or a block makes a difference', () => {
    const doc = new Y.Doc()
    body(doc).insert(0, [element('paragraph', {}, words(['Hello']))])
    const seen = new Set([documentHash(doc)])
    const paragraph = body(doc).get(0) as Y.XmlElement
    const text = paragraph.get(0) as Y.XmlText

    for (const change of [
      () => text.insert(5, '!'),
      () => text.format(0, 2, { p: { __format: 1 } }),
      () => paragraph.setAttribute('__dir', 'rtl'),
      () => body(doc).insert(1, [element('paragraph')]),
    ]) {
      change()
      expect(seen).not.toContain(documentHash(doc))
      seen.add(documentHash(doc))
    }
  })
})

type Words = (string | [string, Record<string, unknown>])[]

function words(parts: Words): Y.XmlText {
  const text = new Y.XmlText()
  text.applyDelta(
    parts.map((part) =>
      typeof part === 'string' ? { insert: part } : { insert: part[0], attributes: part[1] },
    ),
  )
  return text
}

function element(
  type: string,
  attributes: Record<string, unknown> = {},
  ...children: (Y.XmlElement | Y.XmlText)[]
): Y.XmlElement {
  const element = new Y.XmlElement(type)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value as string)
  element.insert(0, children)
  return element
}

/** Each character's span names the very item that holds it. */
function expectSpans(doc: Y.Doc, blocks: Block[]): void {
  for (const inline of blocks.flatMap((block) => block.inlines)) {
    if (inline.kind === 'break') continue
    const characters = inline.spans.flatMap(({ client, clock, length }) =>
      Array.from({ length }, (_, n) => {
        const item = Y.getItem(doc.store, Y.createID(client, clock + n))
        return (item.content as Y.ContentString).str[clock + n - item.id.clock]
      }),
    )
    expect(characters.join('')).toBe(inline.text)
  }
}
