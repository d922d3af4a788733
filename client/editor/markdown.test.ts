// @vitest-environment jsdom
import {
  $createParagraphNode,
  $getRoot,
  $getSelection,
  $isRangeSelection,
  createEditor,
} from 'lexical'
import { afterEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { exportBlocks } from '#shared/document/export.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body, INLINE_TYPES, NODE_TYPES } from '#shared/document/shape.ts'
import { readUrl } from './links.ts'
import { registerMarkdown } from './markdown.ts'
import { NODES } from './nodes.ts'
import { openSide, type Side, seededDoc } from './testing/pair.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

function open(): Side {
  const editor = createEditor({
    nodes: [...NODES],
    onError: (error) => {
      throw error
    },
  })
  const root = document.createElement('div')
  root.contentEditable = 'true'
  document.body.append(root)
  editor.setRootElement(root)
  ends.push(registerMarkdown(editor), () => root.remove())
  const side = openSide(seededDoc('x'), { editor })
  side.write(() => void $getRoot().clear().append($createParagraphNode()).selectEnd())
  return side
}

/** As fingers do: one character, one update. */
async function type(side: Side, text: string): Promise<void> {
  for (const character of text) {
    side.write(() => {
      const selection = $getSelection()
      if ($isRangeSelection(selection)) selection.insertText(character)
    })
    await Promise.resolve()
  }
  await new Promise((resolve) => setTimeout(resolve))
}

const markdownOf = ({ doc }: Side): string =>
  exportBlocks(readBlocks(doc, 'inline'), 'markdown', { title: '' }).trim()

test.each([
  ['# Title', '# Title'],
  ['### Small', '### Small'],
  ['- one', '- one'],
  ['* one', '- one'],
  ['3. three', '3. three'],
  ['[ ] to do', '- [ ] to do'],
  ['- [x] done', '- [x] done'],
  ['> said', '> said'],
  ['``` let a', '```\nlet a\n```'],
  ['--- below', '---\n\nbelow'],
  ['so **bold** it', 'so **bold** it'],
  ['so *slant* it', 'so _slant_ it'],
  ['so `code` it', 'so `code` it'],
  ['so ~~gone~~ it', 'so ~~gone~~ it'],
  ['see [this](https://example.com/a?b=1) now', 'see [this](https://example.com/a?b=1) now'],
])('[V17] typed %j becomes %j', async (typed, expected) => {
  const side = open()

  await type(side, typed)

  expect(markdownOf(side).replaceAll('\\', '')).toBe(expected)
})

test.each([
  ['# ', '# words here'],
  ['> ', '> words here'],
  ['- ', '- words here'],
  ['2. ', '2. words here'],
  ['[x] ', '- [x] words here'],
  ['``` ', '```\nwords here\n```'],
  ['```js ', '```js\nwords here\n```'],
])('[V17] %j typed before the words of a line makes them %j', async (typed, expected) => {
  const side = open()
  await type(side, 'words here')
  side.write(() => void $getRoot().selectStart())

  await type(side, typed)

  expect(markdownOf(side).replaceAll('\\', '')).toBe(expected)
})

test('[V18] a link that may not be followed stays the text it is', async () => {
  const side = open()

  await type(side, 'see [this](javascript:alert(1)) now')

  expect(side.content()).toBe('see [this](javascript:alert(1)) now')
  expect(JSON.stringify(body(side.doc).toJSON())).not.toContain('<link')
})

test('[V19] what shortcuts make carries only the attributes that the server admits', async () => {
  for (const typed of [
    '# a',
    '- a',
    '2. a',
    '[x] a',
    '> a',
    '```js a',
    '--- a',
    '[a](https://b.c) ',
  ]) {
    const side = open()
    await type(side, typed)
    for (const element of elementsIn(body(side.doc))) {
      const admitted = NODE_TYPES[element.nodeName]
      expect(admitted, element.nodeName).toBeDefined()
      for (const name of Object.keys(element.getAttributes())) expect(admitted).toContain(name)
      expect(INLINE_TYPES.has(element.nodeName) && element.parent === body(side.doc)).toBe(false)
    }
  }
})

function* elementsIn(element: Y.XmlElement): Generator<Y.XmlElement> {
  for (const child of element.toArray()) {
    if (!(child instanceof Y.XmlElement)) continue
    yield child
    yield* elementsIn(child)
  }
}

test.each([
  ['example.com', 'https://example.com'],
  ['https://example.com/a?b', 'https://example.com/a?b'],
  ['ada@example.com', 'mailto:ada@example.com'],
  ['javascript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['two words', undefined],
  ['', undefined],
])('[V20] the address %j is read as %j', (typed, expected) => {
  expect(readUrl(typed)).toBe(expected)
})
