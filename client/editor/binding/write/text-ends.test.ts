import fc from 'fast-check'
import * as L from 'lexical'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { openSide, seededDoc } from '../../testing/pair.ts'

/** The characters of the first line, and whether this page wrote them. */
function firstLine(doc: Y.Doc): { character: string; isNew: boolean }[] {
  const line = body(doc).get(0) as Y.XmlElement
  const found: { character: string; isNew: boolean }[] = []
  for (const text of line.toArray()) {
    for (let item = (text as Y.XmlText)._start; item; item = item.right) {
      if (item.deleted || !(item.content instanceof Y.ContentString)) continue
      const isNew = item.id.client === doc.clientID
      found.push(...[...item.content.str].map((character) => ({ character, isNew })))
    }
  }
  return found
}

/** Few different letters, so that both lines end alike. */
const words = fc.array(fc.constantFrom('a', 'b', ' '), { minLength: 1, maxLength: 6 })

test('[E25] who writes or erases over the border of two lines keeps the first one’s beginning, and all behind is new', () => {
  fc.assert(
    fc.property(
      words,
      words,
      fc.nat(),
      fc.nat(),
      fc.constantFrom('', 'N'),
      (one, two, n, m, typed) => {
        const [from, to] = [n % one.length, 1 + (m % two.length)]
        // A line of which all is written over with the same is the line that it was.
        fc.pre(from > 0 || typed !== '' || one.join('') !== two.slice(to).join(''))
        const page = openSide(seededDoc(one.join(''), two.join('')))

        page.write(() => {
          const [first, second] = L.$getRoot().getAllTextNodes() as [L.TextNode, L.TextNode]
          const selection = L.$createRangeSelection()
          selection.anchor.set(first.getKey(), from, 'text')
          selection.focus.set(second.getKey(), to, 'text')
          L.$setSelection(selection)
          if (typed) selection.insertText(typed)
          else selection.removeText()
        })

        expect(firstLine(page.doc)).toEqual([
          ...one.slice(0, from).map((character) => ({ character, isNew: false })),
          ...[typed, ...two.slice(to)]
            .filter(Boolean)
            .map((character) => ({ character, isNew: true })),
        ])
      },
    ),
    { numRuns: 60 },
  )
})

test('[E33] who pastes lines into a line leaves its beginning as it was, and all the rest is new', () => {
  fc.assert(
    fc.property(words, words, words, fc.nat(), (line, first, last, n) => {
      fc.pre(line.length > 1)
      const at = 1 + (n % (line.length - 1))
      const page = openSide(seededDoc(line.join('')))

      page.write(() => {
        const [text] = L.$getRoot().getAllTextNodes() as [L.TextNode]
        const paragraphs = [first, last].map((pasted) =>
          L.$createParagraphNode().append(L.$createTextNode(pasted.join(''))),
        )
        text.select(at, at).insertNodes(paragraphs)
      })

      expect(firstLine(page.doc)).toEqual([
        ...line.slice(0, at).map((character) => ({ character, isNew: false })),
        ...first.map((character) => ({ character, isNew: true })),
      ])
      expect(body(page.doc).get(1).toString()).toContain(
        `${last.join('')}${line.slice(at).join('')}`,
      )
    }),
    { numRuns: 60 },
  )
})
