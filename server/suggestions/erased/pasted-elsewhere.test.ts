/** This test cuts words that a run proposed, and pastes them in another line. */
import * as L from 'lexical'
import { expect, test } from 'vitest'
import { $flagOf, $setFlag } from '#client/editor/flag-state.ts'
import { formatFlag } from '#shared/document/shape.ts'
import { CHUNK, propose, say } from './testing/proposed.ts'

const FIRST = 'The first one stands. '

/** Takes a part of the proposal out as a cut does; the flag is what the clipboard keeps. */
function $cut(from: number, to: number): { text: string; flag: string | null } {
  const node = L.$getRoot()
    .getAllTextNodes()
    .find((text) => text.getTextContent().includes('first'))!
  const shown = $flagOf(node)
  const flag = shown ? formatFlag(shown) : null
  const text = node.getTextContent().slice(from, to)
  node.select(from, to).removeText()
  return { text, flag }
}

function $paste(words: string, text: string, flag: string | null): void {
  const paragraph = L.$createParagraphNode()
  L.$getRoot().append(paragraph.append(L.$createTextNode(words)))
  const copy = L.$createTextNode(text)
  $setFlag(copy, flag)
  paragraph.append(copy)
}

test.each([
  ['all', 0, FIRST.length],
  ['its beginning', 0, 9],
  ['its middle', 4, 13],
  ['two letters', 4, 6],
])('[S123] %s of a proposal, cut and pasted elsewhere, stays proposed', (_, from, to) => {
  const { star, ada, view, without } = propose([say(FIRST), CHUNK, say('More.'), CHUNK])
  let cut = { text: '', flag: null as string | null }
  ada.edit(() => {
    cut = $cut(from, to)
  })
  star.quiet()
  ada.edit(() => $paste('Own. ', cut.text, cut.flag))
  star.quiet()
  expect(cut.text).toBe(FIRST.slice(from, to))
  expect(view()).toContain(cut.text)
  expect(without()).toEqual(['plain  tail', 'Own. '])
})

test('[S123] a copy of a proposal that nobody cut is plain', () => {
  const { star, ada, without } = propose([say(FIRST), CHUNK])
  let flag: string | null = null
  ada.edit(() => {
    flag = $cut(0, 0).flag
  })
  ada.edit(() => $paste('Own. ', FIRST, flag))
  star.quiet()
  expect(flag).not.toBeNull()
  expect(without()).toEqual(['plain  tail', `Own. ${FIRST}`])
})
