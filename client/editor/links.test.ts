import { $isLinkNode } from '@lexical/link'
import { $createRangeSelection, $getRoot, $isElementNode, $setSelection } from 'lexical'
import { expect, test } from 'vitest'
import { body } from '#shared/document/shape.ts'
import { $setBlockType } from './blocks.ts'
import { setLink } from './links.ts'
import { openSide, type Side, seededDoc } from './testing/pair.ts'

/** Selects from a character of the text, all lines together, to another one. */
function select(side: Side, from: number, to: number): void {
  side.write(() => {
    const selection = $createRangeSelection()
    for (const [end, place] of [
      ['anchor', from],
      ['focus', to],
    ] as const) {
      let offset = place
      const texts = $getRoot().getAllTextNodes()
      const text = texts.find((one) => {
        const size = one.getTextContentSize()
        if (offset <= size) return true
        offset -= size
        return false
      })
      if (text) selection[end].set(text.getKey(), offset, 'text')
    }
    $setSelection(selection)
  })
}

const links = (side: Side): string[][] =>
  side.read(() =>
    $getRoot()
      .getChildren()
      .map((block) =>
        $isElementNode(block)
          ? block
              .getChildren()
              .map((node) => `${$isLinkNode(node) ? '@' : ''}${node.getTextContent()}`)
          : [],
      ),
  )

test('[T4] words are taken out of their links wherever the selection begins and ends', () => {
  for (let from = 0; from < 12; from++) {
    for (let to = from + 1; to <= 12; to++) {
      const side = openSide(seededDoc('abc def', 'ghijk'))
      select(side, 0, 7)
      setLink(side.editor, 'https://a.example')
      side.write(() => undefined)
      select(side, 7, 12)
      setLink(side.editor, 'https://b.example')
      side.write(() => undefined)
      select(side, from, to)
      setLink(side.editor, null)
      side.write(() => undefined)

      const linked = [...'abc defghijk'].map((_, n) => n < from || n >= to)
      const shown = links(side).flatMap((line) =>
        line.flatMap((part) => [...part.replace('@', '')].map(() => part.startsWith('@'))),
      )
      expect(shown, `${from} to ${to}`).toEqual(linked)
      expect(side.content(), `${from} to ${to}`).toBe('abc def\n\nghijk')
    }
  }
})

test('[T5] a block that is made what it is already stays the same block', () => {
  const side = openSide(seededDoc('abc'))
  select(side, 1, 1)
  const before = body(side.doc).get(0)
  side.sent.length = 0

  side.write(() => $setBlockType('paragraph'))

  expect(body(side.doc).get(0)).toBe(before)
  expect(side.sent).toEqual([])
})
