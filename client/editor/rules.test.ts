// @vitest-environment jsdom
import { createEditor } from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { NODES } from './nodes.ts'
import { registerRules } from './rules.ts'
import { openSide, seededDoc } from './testing/pair.ts'

/** A text in which each rule finds something that it would tidy. */
function untidy(): Y.Doc {
  const doc = seededDoc('Words', 'more')
  const [paragraph, other] = body(doc).toArray() as Y.XmlElement[]
  const text = paragraph!.get(0) as Y.XmlText
  text.format(0, 5, { p: { __style: 'color: red' } })
  const link = new Y.XmlElement('link')
  link.setAttribute('__url', 'javascript:alert(1)')
  const within = new Y.XmlText()
  within.insert(0, 'a link')
  link.insert(0, [within])
  other!.insert(1, [link])
  return doc
}

test('[Y1] an editor that opens a text sends nothing, whatever its rules would tidy there', () => {
  const editor = createEditor({ nodes: [...NODES] })
  registerRules(editor)
  editor.setRootElement(document.createElement('div'))
  const dirty: number[] = []
  editor.registerUpdateListener(({ dirtyLeaves, dirtyElements }) =>
    dirty.push(dirtyLeaves.size + dirtyElements.size),
  )

  const side = openSide(untidy(), { editor })

  // Reading makes an editor do at once what it has put off.
  editor.read(() => undefined)
  expect(side.sent).toEqual([])
  expect(side.content()).toContain('a link')
  // The flags made known to the node types, and the text itself: nothing goes over it again.
  expect(dirty).toHaveLength(2)
})
