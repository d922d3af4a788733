/** Proposed gives tests two people at a line in which a run has proposed something. */
import { expect } from 'vitest'
import * as Y from 'yjs'
import { Person } from '#server/testing/editors.ts'
import { Star } from '#server/testing/star.ts'
import type { Piece } from '#shared/document/piece.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body } from '#shared/document/shape.ts'
import { ownsBy } from '../../owns.ts'

export const say = (text: string, format = 0): Piece => ({ kind: 'text', text, format })
export const CHUNK: Piece = { kind: 'chunk' }
export const PARAGRAPH: Piece = { kind: 'block', block: { type: 'paragraph' } }
export const ITEM: Piece = {
  kind: 'block',
  block: { type: 'listitem', depth: 0, list: 'bullet' },
}

/** Ada and Ben in `plain  tail`, with what a run has proposed between the words and behind them. */
export function propose(pieces: Piece[]) {
  const doc = new Y.Doc()
  doc.clientID = 5
  const paragraph = new Y.XmlElement('paragraph')
  paragraph.insert(0, [new Y.XmlText('plain  tail')])
  body(doc).insert(0, [paragraph])
  const star = new Star(Y.encodeStateAsUpdate(doc))
  const join = (name: string, client: number) =>
    star.join((content, send) => new Person(name, { client, content, send }))
  const [ada, ben] = [join('ada', 101), join('ben', 102)]
  const line = (body(star.doc).get(0) as Y.XmlElement).get(0) as Y.XmlText
  const position = Y.createRelativePositionFromTypeIndex(line, 6)
  const pen = star.run('s', 1000, { kind: 'inline', position })
  star.write(pen, pieces)
  star.end(pen)
  star.quiet()
  const view = () => {
    star.quiet()
    expect(ben.view).toBe(ada.view)
    return ada.view
  }
  const without = () =>
    readBlocks(star.doc, 'without', ownsBy(star.suggestions)).map((block) =>
      block.inlines.map((inline) => (inline.kind === 'text' ? inline.text : '/')).join(''),
    )
  return { star, ada, ben, view, without }
}
