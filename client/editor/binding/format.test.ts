import { readFileSync } from 'node:fs'
import { createHeadlessEditor } from '@lexical/headless'
import {
  createBindingV2__EXPERIMENTAL as createBinding,
  syncYjsStateToLexicalV2__EXPERIMENTAL as showDocument,
} from '@lexical/yjs'
import * as L from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import * as blocks from '#server/testing/block-edits.ts'
import { Person } from '#server/testing/editors.ts'
import { Random } from '#server/testing/random.ts'
import * as typing from '#server/testing/typing.ts'
import { body } from '#shared/document/shape.ts'
import { NODES } from '../nodes.ts'
import { providerOf } from '../presence.ts'
import { NET, openSide } from '../testing/pair.ts'
import { showBlocks } from './testing/show-nodes.ts'

/** Written at commit 1b814ab by the stock binding: every kind of block, format, flag, link and list. */
const OLD = readFileSync(new URL('testing/document-1b814ab.bin', import.meta.url))

const SHOWN = [
  '[heading "Title"]',
  '[paragraph "Plain " 1 "bold" " " 2 "italic" " " 4 "struck" " " 16 "code" " and " [link "a " 1 "link"] " behind."]',
  '[quote "A " 8 "quote"]',
  '[list [listitem "one"] [listitem "two"] [listitem [list [listitem "nested"] [listitem [list [listitem "deeper"]]]]] [listitem "three"] [listitem 8 "four 😀"]]',
  '[list [listitem "third"] [listitem "fourth"]]',
  '[list [listitem "done"] [listitem "open"]]',
  '[code "let x = 1" <linebreak> "let y = 2"]',
  '<horizontalrule>',
  '[paragraph "Last line" <linebreak> [link "after"] " a break" tab "\\t\\t" "tabs."]',
  '[paragraph "Proposed" 8 " my own" " words here."]',
]

function oldDocument(): Y.Doc {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, OLD, NET)
  return doc
}

/** Types in the format of the text, as a caret that was put there by hand does. */
function $type(text: L.TextNode, offset: number, words: string): void {
  const selection = text.select(offset, offset)
  selection.setFormat(text.getFormat())
  selection.insertText(words)
}

/** What a page of the stock binding shows of a document. */
function stockView(doc: Y.Doc): string[] {
  const copy = new Y.Doc()
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  const editor = createHeadlessEditor({
    nodes: [...NODES],
    onError: (error) => {
      throw error
    },
  })
  const ignore = () => undefined
  const awareness = {
    clientID: 0,
    getLocalState: () => null,
    setLocalState: ignore,
    setLocalStateField: ignore,
    getStates: () => new Map(),
    on: ignore,
    off: ignore,
  }
  const binding = createBinding(editor, 'main', copy, new Map([['main', copy]]))
  showDocument(binding, providerOf(awareness))
  return showBlocks(editor)
}

test('[E10] a document of 1b814ab opens as it is and is written into, and an old page reads what was written', () => {
  const side = openSide(oldDocument())
  expect(showBlocks(side.editor)).toEqual(SHOWN)
  expect(side.sent).toEqual([])
  const before = Y.encodeStateVector(side.doc)

  const count = side.read(() => L.$getRoot().getAllTextNodes().length)
  for (let n = 0; n < count; n++) {
    side.write(() => {
      const text = L.$getRoot().getAllTextNodes()[n]
      if (text?.getType() === 'text') $type(text, 1, '\u4e00')
    })
  }

  expect(side.broken).toEqual([])
  const written = showBlocks(side.editor)
  expect(written.map((line) => line.replaceAll('\u4e00', ''))).toEqual(SHOWN)
  expect(showBlocks(openSide(side.doc).editor)).toEqual(written)
  expect(stockView(side.doc)).toEqual(written)
  // One character in each text and nothing else: no marker, no copy.
  const { structs, ds } = Y.decodeUpdate(Y.encodeStateAsUpdate(side.doc, before))
  const own = structs.filter(({ id }) => id.client === side.doc.clientID)
  expect(own.every((item) => (item as Y.Item).content instanceof Y.ContentString)).toBe(true)
  const deleted = (doc: Y.Doc) => Y.createDeleteSetFromStructStore(doc.store)
  expect(Y.equalDeleteSets(ds, deleted(oldDocument()))).toBe(true)
})

const { type, erase, bold, enter, merge } = typing
const ACTIONS = [
  ...[type, type, erase, bold, enter, merge, blocks.changeBlock, blocks.link, blocks.unlink],
  ...[blocks.breakLine, blocks.dropBreak, blocks.indent, blocks.dropBlock],
]

test('[E10] an old page reads whatever a new one writes (30 histories from seed 1)', () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = new Random(seed)
    const alphabet = new typing.Alphabet(0x4e00, 0x9fff)
    const content = new Y.Doc()
    const line = new Y.XmlElement('paragraph')
    line.insert(0, [new Y.XmlText('abcdefgh ijkl.')])
    body(content).insert(0, [line])
    const ada = new Person('ada', { client: 1, content: Y.encodeStateAsUpdate(content) })
    for (let n = 0; n < 40; n++) random.pick(ACTIONS)(ada, random, alphabet)

    expect(stockView(ada.doc), `seed ${seed}`).toEqual(showBlocks(ada.editor))
    ada.close()
  }
})

/** The bytes of one character that is typed into a text by Yjs itself. */
function plainBytes(doc: Y.Doc, index: number): number {
  const copy = new Y.Doc()
  copy.clientID = doc.clientID
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc))
  let size = 0
  copy.on('update', (update: Uint8Array) => {
    size = update.length
  })
  const text = (body(copy).get(0) as Y.XmlElement).get(0) as Y.XmlText
  text.insert(index, 'x')
  return size
}

test('[E11] a keystroke costs as many bytes as its character costs Yjs, wherever it is typed', () => {
  const sizes: number[] = []
  const doc = new Y.Doc()
  const line = new Y.XmlElement('paragraph')
  const text = new Y.XmlText('plain bold')
  line.insert(0, [text])
  body(doc).insert(0, [line])
  text.format(6, 4, { p: { __format: 1 } })
  const ada = new Person('ada', {
    client: 3,
    content: Y.encodeStateAsUpdate(doc),
    send: (update) => sizes.push(update.length),
  })

  for (const [node, index] of [
    [0, 0],
    [0, 4],
    [1, 10],
    [1, 12],
  ] as const) {
    const expected = plainBytes(ada.doc, index)
    ada.edit(() => {
      const texts = L.$getRoot().getAllTextNodes()
      const offset = index - (node === 0 ? 0 : texts[0]!.__text.length)
      $type(texts[node]!, offset, 'x')
    })
    expect(sizes.at(-1), `at ${index}`).toBeLessThanOrEqual(expected)
  }
  expect(sizes).toHaveLength(4)
})
