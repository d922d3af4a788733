import { $createListItemNode, $createListNode } from '@lexical/list'
import { $createTextNode, $getRoot, $isElementNode, type TextNode } from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body, decisionKey, decisionMap, FLAG } from '#shared/document/shape.ts'
import { $flagOf } from './flag-state.ts'
import { join, NET, openSide, seededDoc } from './testing/pair.ts'

const $text = (n = 0): TextNode => $getRoot().getAllTextNodes()[n] as TextNode

test('[V10] what one types, the other reads, and an idle editor sends nothing', () => {
  const seed = seededDoc('Hello world', 'Second')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  join(ada, ben)

  ada.write(() => void $text().select(5, 5).insertText(' dear'))

  expect(ben.content()).toBe('Hello dear world\n\nSecond')
  expect(ben.sent).toEqual([])
  expect(ada.sent).toHaveLength(1)
})

test('[V11] an editor that is bound before its document has arrived takes nothing from it', () => {
  const side = openSide(new Y.Doc())
  side.write(() => {
    const line = $getRoot().getFirstChild()
    if ($isElementNode(line)) line.select().insertText('early')
  })

  Y.applyUpdate(side.doc, Y.encodeStateAsUpdate(seededDoc('Hello', 'World')), NET)

  expect(side.content().split('\n\n').toSorted()).toEqual(['Hello', 'World', 'early'])
  expect(openSide(side.doc).content()).toBe(side.content())
  expect(side.broken).toEqual([])
})

test('[V11] a document of which two people deleted all between them opens as an empty line', () => {
  const seed = seededDoc('One', 'Two')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  ada.write(() => $getRoot().getFirstChild()?.remove())
  ben.write(() => $getRoot().getLastChild()?.remove())
  Y.applyUpdate(ada.doc, Y.encodeStateAsUpdate(ben.doc), NET)
  expect(body(ada.doc).length).toBe(0)
  const sent = ada.sent.length

  const later = openSide(ada.doc)
  join(ada, later)
  later.write(() => {
    const line = $getRoot().getFirstChild()
    if ($isElementNode(line)) line.select().insertText('Three')
  })

  expect(ada.content()).toBe('Three')
  expect(ada.sent.length).toBe(sent)
  expect(body(later.doc).length).toBe(1)
})

test('[V12] what cannot be shown freezes this editor, and nothing it holds gets out', () => {
  const side = openSide(seededDoc('Hello'))
  const newer = new Y.Doc()
  Y.applyUpdate(newer, Y.encodeStateAsUpdate(side.doc))
  body(newer).insert(1, [new Y.XmlElement('hologram')])

  Y.applyUpdate(side.doc, Y.encodeStateAsUpdate(newer), NET)
  side.write(() => void $getRoot().clear())

  expect(side.broken).toHaveLength(1)
  expect(side.sent).toEqual([])
  expect(body(side.doc).length).toBe(2)
})

test('[V13] undo takes back one’s own typing alone, and a decision as a step of its own', () => {
  const seed = seededDoc('Hello')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  join(ada, ben)
  const key = decisionKey('s.1', 'ada')

  ada.write(() => void $text().select(5, 5).insertText(' Ada'))
  ada.text.step(() => decisionMap(ada.doc).set(key, { decision: 'accepted', at: 0 }))
  ada.write(() => void $text().select(0, 0).insertText('Oh. '))
  ben.write(() => void $text().select(0, 0).insertText('Ben: '))

  ada.text.undo.undo()
  expect(ben.content()).toBe('Ben: Hello Ada')
  expect(decisionMap(ben.doc).has(key)).toBe(true)
  ada.text.undo.undo()
  expect(decisionMap(ben.doc).has(key)).toBe(false)
  expect(ben.content()).toBe('Ben: Hello Ada')
  ada.text.undo.undo()
  expect(ben.content()).toBe('Ben: Hello')
  ada.text.undo.redo()
  ada.text.undo.redo()
  expect(decisionMap(ben.doc).has(key)).toBe(true)
})

test('[V14] the numbers of list items are counted by the page and not kept in the document', () => {
  const side = openSide(seededDoc('Hello'))

  side.write(() => {
    const list = $createListNode('number')
    for (const word of ['one', 'two', 'three']) {
      list.append($createListItemNode().append($createTextNode(word)))
    }
    $getRoot().append(list)
  })

  const list = body(side.doc).get(1) as Y.XmlElement
  const items = list.toArray() as Y.XmlElement[]
  expect(items.map((item) => item.getAttribute('__value'))).toEqual([
    undefined,
    undefined,
    undefined,
  ])
})

test('[V15] a flag comes and goes with the server’s attribute, without an echo', () => {
  const seed = seededDoc('Hello world')
  const side = openSide(seed)
  const paragraph = body(seed).get(0) as Y.XmlElement
  const text = paragraph.get(0) as Y.XmlText

  text.format(0, 5, { [FLAG]: 'ins:s.1' })
  paragraph.setAttribute(FLAG, 'ins:s.1')
  Y.applyUpdate(side.doc, Y.encodeStateAsUpdate(seed), NET)
  expect(side.read(() => $flagOf($text()))).toEqual({ op: 'ins', chunk: 's.1' })
  text.format(0, 5, { [FLAG]: null })
  paragraph.removeAttribute(FLAG)
  Y.applyUpdate(side.doc, Y.encodeStateAsUpdate(seed), NET)

  const fresh = openSide(seed)
  expect(side.editor.getEditorState().toJSON()).toEqual(fresh.editor.getEditorState().toJSON())
  expect(side.read(() => $getRoot().getAllTextNodes().length)).toBe(1)
  expect(side.sent).toEqual([])
})

test('[V16] whoever may only read sends nothing, whatever the editor tidies up', () => {
  const viewer = openSide(seededDoc('Hello'), { canWrite: false })

  viewer.write(() => {
    const first = $getRoot().getFirstChild()
    if ($isElementNode(first)) first.append($createTextNode(' there'))
  })

  expect(viewer.sent).toEqual([])
})
