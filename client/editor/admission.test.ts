// @vitest-environment jsdom
import { $createCodeNode, type CodeNode } from '@lexical/code'
import { $createLinkNode, $isLinkNode } from '@lexical/link'
import { $createListItemNode, $createListNode, $isListItemNode, registerList } from '@lexical/list'
import {
  $createParagraphNode,
  $createTextNode,
  $getRoot,
  $getSelection,
  SELECTION_INSERT_CLIPBOARD_NODES_COMMAND,
} from 'lexical'
import { expect, test } from 'vitest'
import { registerAdmission } from './admission.ts'
import { $setBlockType } from './blocks.ts'
import { $flagOf, $setFlag } from './flag-state.ts'
import { openSide, seededDoc } from './testing/pair.ts'

test('[V28] what a document may not hold becomes plain text before it is sent', () => {
  const side = openSide(seededDoc('x'))
  registerAdmission(side.editor)

  side.write(() => {
    const bad = $createLinkNode('javascript:alert(1)').append($createTextNode('bad'))
    const good = $createLinkNode('https://ok.com').append(
      $createTextNode('good').setStyle('color:red'),
    )
    const code = $createCodeNode().append($createCodeNode().append($createTextNode('code')))
    $getRoot().getFirstDescendant()?.insertAfter(bad)
    bad.insertAfter(good)
    $getRoot().append(code)
  })

  const sent = JSON.stringify(side.doc.get('root-v2').toJSON())
  expect(sent).not.toContain('javascript')
  expect(sent).not.toContain('color:red')
  expect(sent).toContain('https://ok.com')
  expect(sent.match(/<code/g)).toHaveLength(1)
  expect(side.read(() => $getRoot().getTextContent())).toBe('xbadgood\n\ncode')
  expect(
    side.read(() =>
      $getRoot()
        .getAllTextNodes()
        .some((text) => $isLinkNode(text.getParent())),
    ),
  ).toBe(true)
})

test('[V29] a pasted copy of provisional text is plain text', () => {
  const side = openSide(seededDoc('x'))
  registerAdmission(side.editor)

  side.write(() => {
    const copy = $createTextNode('copied')
    $setFlag(copy, 'ins:s.1')
    const selection = $getRoot().selectEnd()
    side.editor.dispatchCommand(SELECTION_INSERT_CLIPBOARD_NODES_COMMAND, {
      nodes: [copy],
      selection,
    })
    if ($getSelection()) selection.insertNodes([copy])
  })

  expect(side.read(() => $getRoot().getTextContent())).toBe('xcopied')
  expect(
    side.read(() =>
      $getRoot()
        .getAllTextNodes()
        .some((text) => $flagOf(text)),
    ),
  ).toBe(false)
})

test('[V40] what the server would refuse, or could not send, is made fit before it is sent', () => {
  const side = openSide(seededDoc('x'))
  registerAdmission(side.editor)

  side.write(() => {
    const long = $createLinkNode(`https://ok.com/${'x'.repeat(3_000)}`)
    $getRoot()
      .getFirstDescendant()
      ?.insertAfter(long.append($createTextNode('long')))
    $getRoot().append($createCodeNode('x'.repeat(3_000)))
    $getRoot().getLastChildOrThrow<CodeNode>().append($createTextNode('half \ud83d a smile'))
    $getRoot().getFirstChildOrThrow<CodeNode>().setTextStyle('a:b}')
  })

  const sent = JSON.stringify(side.doc.get('root-v2').toJSON())
  expect(sent).not.toContain('xxx')
  expect(sent).not.toContain('a:b')
  expect(side.read(() => $getRoot().getTextContent())).toBe('xlong\n\nhalf \ufffd a smile')
})

test('[E36] lines pasted into a nested item become items of its list, and stay when it is turned', () => {
  const side = openSide(seededDoc('x'))
  registerList(side.editor)
  registerAdmission(side.editor)
  const words = $createTextNode
  side.write(() => {
    const list = $createListNode('bullet')
    const nested = $createListNode('bullet')
    nested.append(...['three', 'four'].map((text) => $createListItemNode().append(words(text))))
    list.append($createListItemNode().append(words('one')), $createListItemNode().append(nested))
    $getRoot().append(list)
  })

  side.write(() => {
    const three = $getRoot().getAllTextNodes()[2]!
    const lines = ['an', 'other', ''].map((text) => $createParagraphNode().append(words(text)))
    three.select(3, 3).insertNodes(lines)
  })

  const lines = ['x', 'one', 'thran', 'other', 'ee', 'four']
  const texts = () => $getRoot().getAllTextNodes()
  expect(side.read(() => texts().map((text) => text.getTextContent()))).toEqual(lines)
  expect(
    side.read(() =>
      texts()
        .slice(1)
        .map((text) => text.getParent()),
    ),
  ).toSatisfy((parents: unknown[]) =>
    side.read(() => parents.every((one) => $isListItemNode(one as never))),
  )

  side.write(() => {
    texts()[2]!.select(0, 0)
    $setBlockType('paragraph')
  })

  expect(side.read(() => texts().map((text) => text.getTextContent()))).toEqual(lines)
})
