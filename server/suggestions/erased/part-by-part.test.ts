/** This test has undo bring provisional text back part by part after the server began anew. */
import * as L from 'lexical'
import { expect, test } from 'vitest'
import { Random } from '#server/testing/random.ts'
import type { Piece } from '#shared/document/piece.ts'
import { CHUNK, ITEM, PARAGRAPH, propose, say } from './testing/proposed.ts'

const WORDS = ['one two.', 'Alpha beta alpha.', 'la la la', 'aaa', 'Gamma, delta!', 'x'] as const
const PLAIN = '[paragraph "plain  tail"]'

/** Sentences, paragraphs and items; some have bold words within. */
function generatePieces(random: Random): Piece[] {
  const write = (): Piece[] => {
    const text = random.pick(WORDS)
    if (random.below(3) > 0) return [say(text), CHUNK]
    const at = 1 + random.below(text.length)
    const end = text.slice(at)
    return [say(text.slice(0, at)), say(random.pick(WORDS), 1), ...(end ? [say(end)] : []), CHUNK]
  }
  const blocks = Array.from({ length: 1 + random.below(3) }, () => random.pick([PARAGRAPH, ITEM]))
  return [...write(), ...blocks.flatMap((block) => [block, ...write()])]
}

/** Takes some letters out, or all of a text, a block, or what two carets have between them. */
function $erase(random: Random): void {
  const texts = L.$getRoot().getAllTextNodes()
  const text = random.pick(texts)
  const size = text.getTextContentSize()
  const at = random.below(size)
  const kind = random.below(6)
  const block = text.getParent()!
  if (kind === 0) text.select(0, size).removeText()
  else if (kind === 1 && block.getTextContent() && !block.is(L.$getRoot().getFirstChild())) {
    block.remove()
  } else if (kind === 2) {
    const [other, selection] = [random.pick(texts), text.select(at, at)]
    selection.focus.set(other.getKey(), random.below(other.getTextContentSize() + 1), 'text')
    selection.removeText()
  } else text.select(at, Math.min(size, at + 1 + random.below(4))).removeText()
}

/** Somebody writes words of their own within what is proposed. */
function $writeWithin(random: Random): void {
  const long = L.$getRoot()
    .getAllTextNodes()
    .filter((text) => text.getTextContentSize() > 3 && !/plain|tail/.test(text.getTextContent()))
  if (long.length > 0) random.pick(long).select(2, 2).insertText(' OWN ')
}

const ROUNDS = Number(process.env.ROUNDS ?? 5)
test.each(
  ['after the restart', 'before a chunk is known', 'before the log is read'].flatMap((when) => [
    [when, 'alone', false] as const,
    [when, 'with somebody’s own words between', true] as const,
  ]),
)('[S106] case 30.7: %s each step of undo brings back what it was, %s', (when, _, isSplit) => {
  const random = new Random(Number(process.env.FUZZ_SEED ?? 1))
  for (let round = 0; round < ROUNDS; round++) {
    const { star, ada, ben, view, without } = propose(generatePieces(random))
    if (isSplit) ada.edit(() => $writeWithin(random))
    const look = () => ({ round, view: view(), without: without() })
    const looks = [look()]
    for (let steps = 1 + random.below(4); steps > 0; steps--) {
      const { length } = ben.undoManager.undoStack
      ben.edit(() => $erase(random))
      if (ben.undoManager.undoStack.length > length) looks.push(look())
      if (random.below(3) === 0) star.restart()
    }
    star.restart()

    looks.pop()
    for (const before of looks.reverse()) {
      const undo = () => {
        ben.undo()
        star.hear(ben)
      }
      if (when === 'before a chunk is known') star.restart({ meanwhile: undo })
      else if (when === 'before the log is read') star.restart({ untold: undo })
      else undo()
      expect(look()).toEqual(before)
    }

    const chunks = star.suggestions.list().flatMap((one) => one.chunks.map(({ id }) => id))
    star.suggestions.settle(chunks, 'rejected', 'ada', { kind: 'room' })
    if (!isSplit) expect(view()).toBe(PLAIN)
    star.close()
  }
})

test.each([
  'p',
  'hello',
])('[S106] case 30.7: %s that somebody types in a block which undo brought back is theirs', (typed) => {
  const { star, ada, ben, view, without } = propose([
    say('One.'),
    CHUNK,
    PARAGRAPH,
    say('Alpha beta.'),
    CHUNK,
  ])
  const $alpha = () =>
    L.$getRoot()
      .getAllTextNodes()
      .find((text) => text.getTextContent().startsWith('A'))!
  ben.edit(() => $alpha().select(1, 4).removeText())
  view()
  ben.edit(() => $alpha().getParent()!.remove())
  view()
  star.restart()
  ben.undo()
  view()

  ada.edit(() => $alpha().select(1, 1).insertText(typed))

  view()
  expect(without()).toEqual(['plain  tail', typed])
  ben.undo()
  view()
  expect(without()).toEqual(['plain  tail', typed])
  star.close()
})
