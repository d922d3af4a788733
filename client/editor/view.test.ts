// @vitest-environment jsdom
import { $getRoot, createEditor, type TextNode } from 'lexical'
import { afterEach, expect, test } from 'vitest'
import * as Y from 'yjs'
import { body, FLAG } from '#shared/document/shape.ts'
import type { Target } from '#shared/protocol/api.ts'
import { NODES, THEME } from './nodes.ts'
import { countWords } from './overview.ts'
import { paintFlags } from './paint-flags.ts'
import { vouched } from './presence.ts'
import { $spotOf, $target } from './targets.ts'
import { join, NET, openSide, type Side, seededDoc } from './testing/pair.ts'

afterEach(() => document.body.replaceChildren())

function openPainted(seed: Y.Doc): { side: Side; root: HTMLElement } {
  const root = document.createElement('div')
  document.body.append(root)
  const editor = createEditor({
    nodes: [...NODES],
    theme: THEME,
    onError: (error) => {
      throw error
    },
  })
  editor.setRootElement(root)
  const side = openSide(seed, { editor })
  paintFlags({ editor, describe: () => 'asked by Ada', onPaint: () => undefined })
  return { side, root }
}

test('[V21] provisional text is marked for the eye and for the ear, until it is decided', () => {
  const seed = seededDoc('Hello world')
  const { side, root } = openPainted(seed)
  const text = (body(seed).get(0) as Y.XmlElement).get(0) as Y.XmlText

  text.format(0, 6, { [FLAG]: 'del:s.2' })
  text.insert(6, 'Dear ', { [FLAG]: 'ins:s.2' })
  Y.applyUpdate(side.doc, Y.encodeStateAsUpdate(seed), NET)

  const struck = root.querySelector('.prov-del')
  const proposed = root.querySelector('.prov-ins')
  expect(struck?.textContent).toBe('Hello ')
  expect(struck?.getAttribute('role')).toBe('deletion')
  expect(proposed?.textContent).toBe('Dear ')
  expect(proposed?.getAttribute('role')).toBe('insertion')
  expect(proposed?.getAttribute('data-chunk')).toBe('s.2')
  expect(proposed?.getAttribute('aria-description')).toBe('proposed, asked by Ada')

  text.delete(0, 6)
  text.format(0, 5, { [FLAG]: null })
  Y.applyUpdate(side.doc, Y.encodeStateAsUpdate(seed), NET)

  expect(root.textContent).toBe('Dear world')
  expect(root.querySelector('[data-chunk], .prov-ins, .prov-del, [role]')).toBeNull()
})

test('[V22] a proposed block is marked as a whole', () => {
  const seed = seededDoc('One')
  const { side, root } = openPainted(seed)
  const rule = new Y.XmlElement('horizontalrule')
  rule.setAttribute(FLAG, 'ins:s.3')

  body(seed).insert(1, [rule])
  Y.applyUpdate(side.doc, Y.encodeStateAsUpdate(seed), NET)

  expect(root.querySelector('hr.prov-block-ins')?.getAttribute('data-chunk')).toBe('s.3')
})

test('[V24] a target names the selected characters, also across formats', () => {
  const seed = seededDoc('Hello brave world')
  const text = (body(seed).get(0) as Y.XmlElement).get(0) as Y.XmlText
  text.format(6, 5, { p: { __format: 1 } })
  const side = openSide(seed)

  side.write(() => {
    const [hello, , world] = $getRoot().getAllTextNodes() as TextNode[]
    const selection = hello?.select(2, 2)
    if (world) selection?.focus.set(world.getKey(), 3, 'text')
  })
  const { target, basis } = side.read(() => $target(side.text.binding))

  const range = 'range' in target ? target.range : undefined
  const index = (position = '') => {
    const decoded = Y.decodeRelativePosition(Buffer.from(position, 'base64url'))
    return Y.createAbsolutePositionFromRelativePosition(decoded, side.doc)?.index
  }
  expect([index(range?.from), index(range?.to)]).toEqual([2, 14])
  expect(new Uint8Array(Buffer.from(basis, 'base64url'))).toEqual(Y.encodeStateVector(side.doc))
})

test('[V25] without a selection the document is meant', () => {
  const side = openSide(seededDoc('Hello'))
  expect(side.read(() => $target(side.text.binding)).target).toEqual({ document: true })
})

test('[V207] the place that a target names is found by everybody, wherever others’ words have moved it', () => {
  const seed = seededDoc('Hello world', '')
  const [ada, ben] = [openSide(seed), openSide(seed)]
  join(ada, ben)
  ada.write(() => void ($getRoot().getFirstDescendant() as TextNode).select(6, 11))
  const { target } = ada.read(() => $target(ada.text.binding))
  ben.write(
    () => void ($getRoot().getFirstDescendant() as TextNode).select(0, 0).insertText('Oh. '),
  )

  const spotOf = (side: Side, of: Target) => side.read(() => $spotOf(side.text.binding, of))
  const keyOf = (side: Side, n: number) => side.read(() => $getRoot().getChildAtIndex(n)?.getKey())
  for (const side of [ada, ben]) {
    const text = side.read(() => $getRoot().getFirstDescendant()?.getKey())
    expect(spotOf(side, target)).toEqual({ text, offset: 10 })
    // An empty last block is where the text goes on; a block of words is written after.
    expect(spotOf(side, { document: true })).toEqual({ start: keyOf(side, 1) })
    const { client, clock } = (body(side.doc).get(0) as Y.XmlElement)._item!.id
    expect(spotOf(side, { block: `${client}-${clock}` })).toEqual({ end: keyOf(side, 0) })
  }
})

test('[V208] a target that names nothing here has no place, whatever it says', () => {
  const side = openSide(seededDoc('Hello'))
  const targets: Target[] = [{ at: '' }, { at: '____' }, { block: 'x' }, { block: '999-9' }]
  for (const target of targets) {
    expect(side.read(() => $spotOf(side.text.binding, target))).toBeUndefined()
  }
})

test('[V26] a caret shows only the name and colour that the server vouches for', () => {
  expect(vouched({ name: 'Mallory', color: 'red' })).toBeUndefined()
  expect(vouched({ user: { name: 'Ada', color: 'url(x)' } })).toBeUndefined()
  expect(vouched({ user: { name: 'Ada', color: '#123abc' }, name: 'Mallory' })).toEqual({
    name: 'Ada',
    color: '#123abc',
    copilot: false,
  })
})

test('[V27] words are what people count as words', () => {
  expect(countWords("It's one – two, 3 and naïve.")).toBe(6)
  expect(countWords('—')).toBe(0)
})
