import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Block } from '#shared/document/blocks.ts'
import type { Piece } from '#shared/document/piece.ts'
import { addressBlocks } from '../addresses.ts'
import type { Granularity } from '../edits/sentence-edit.ts'
import { EditStream, type EditWarning } from './edit-stream.ts'

/** Blocks whose characters are items `7, clock`; every block starts at a round thousand. */
function documentOf(...texts: (string | Partial<Block>)[]): Block[] {
  return texts.map((part, at) => {
    const text = typeof part === 'string' ? part : 'old text'
    const middle = Math.floor(text.length / 2)
    const inline = (from: number, to: number) => ({
      kind: 'text' as const,
      text: text.slice(from, to),
      format: 0,
      spans: [{ client: 7, clock: (at + 1) * 1000 + from, length: to - from }],
    })
    const inlines = [inline(0, middle), inline(middle, text.length)].filter(
      (one) => one.text !== '',
    )
    const base: Block = { id: `7-${at}`, type: 'paragraph', level: 0, inlines }
    return typeof part === 'string' ? base : { ...base, ...part }
  })
}

interface Options {
  granularity?: Granularity
  size?: number
  cut?: boolean
}
function edit(blocks: Block[], answer: string, options: Options = {}) {
  const { granularity = 'words', size = 3, cut = false } = options
  const warnings: EditWarning[] = []
  const stream = new EditStream({
    blocks: addressBlocks(blocks),
    granularity,
    hosts: new Set(),
    onWarning: (warning) => warnings.push(warning),
  })
  const pieces: Piece[] = []
  for (let at = 0; at < answer.length; at += size)
    pieces.push(...stream.push(answer.slice(at, at + size)))
  pieces.push(...stream.end(cut))
  return { pieces, warnings, text: accepted(blocks, pieces) }
}

/** What the paragraphs read once everything is accepted; new blocks stand in `«»`. */
function accepted(blocks: Block[], pieces: readonly Piece[]): string[] {
  let lines = blocks.map((block, at) =>
    [
      ...Array(
        block.inlines.reduce((sum, one) => sum + (one.kind === 'text' ? one.text.length : 1), 0),
      ).keys(),
    ].map((offset) => ({
      clock: ((at + 1) * 1000 + offset) as number | undefined,
      text: textAt(block, offset),
      struck: false,
    })),
  )
  let line = lines[0]!
  let pen = 0
  let begun = false
  const stand = (clock: number) => {
    line = lines.find((one) => one.some((char) => char.clock === clock))!
    pen = line.findIndex((char) => char.clock === clock) + 1
  }
  let before = structuredClone(lines)
  for (const piece of pieces) {
    const moves = piece.kind === 'strike' || piece.kind === 'after' || piece.kind === 'before'
    if (moves) expect('same' in piece).toBe(begun)
    if (!begun) before = structuredClone(lines)
    if (piece.kind !== 'chunk' && piece.kind !== 'drop' && piece.kind !== 'original') begun = true
    switch (piece.kind) {
      case 'strike':
        for (const { clock, length } of piece.spans)
          for (let at = clock; at < clock + length; at++) {
            stand(at)
            expect(line[pen - 1]!.struck, 'struck twice').toBe(false)
            line[pen - 1]!.struck = true
          }
        break
      case 'after':
        stand(piece.clock)
        break
      case 'before':
        stand(piece.clock)
        pen--
        break
      case 'chunk':
        begun = false
        break
      case 'drop':
        lines = before
        begun = false
        break
      case 'original':
        break
      default: {
        const text =
          piece.kind === 'text'
            ? piece.text
            : piece.kind === 'break'
              ? '\n'
              : `«${piece.block.type}»`
        line.splice(pen++, 0, { clock: undefined, text, struck: false })
      }
    }
  }
  expect(begun).toBe(false)
  return lines.map((one) =>
    one
      .filter((char) => !char.struck)
      .map((char) => char.text)
      .join(''),
  )
}

function textAt(block: Block, offset: number): string {
  return block.inlines.map((one) => (one.kind === 'text' ? one.text : '\n')).join('')[offset]!
}

const chunks = (pieces: readonly Piece[]) => pieces.filter((piece) => piece.kind === 'chunk').length

test('[A37] an addressed sentence is changed word by word, as one chunk', () => {
  const blocks = documentOf('First one. I definately agree with the the plan. Last one.', 'Other.')

  const { pieces, text } = edit(blocks, 'b1.2: I definitely agree with the plan.\n')

  expect(text).toEqual(['First one. I definitely agree with the plan. Last one.', 'Other.'])
  expect(chunks(pieces)).toBe(1)
  const struck = pieces.flatMap((piece) => (piece.kind === 'strike' ? piece.spans : []))
  expect(struck.reduce((sum, span) => sum + span.length, 0)).toBeLessThan(20)
})

test('[A37] an unchanged sentence yields nothing; an empty one goes with the space behind it', () => {
  const blocks = documentOf('One stays. Two goes. Three stays.')

  expect(edit(blocks, 'b1.1: One stays.\nb1.3: Three stays.').pieces).toEqual([])
  expect(edit(blocks, 'b1.2:\n').text).toEqual(['One stays. Three stays.'])
  expect(edit(blocks, 'b1.2:', { granularity: 'tail' }).text).toEqual(['One stays. Three stays.'])
})

test('[A38] what is not addressed, or wrongly, or twice, never reaches the document', () => {
  const blocks = documentOf('Only one.')
  const answer =
    'Sure, here you are:\n\nb9.1: Hacked.\nb1.1: Only 1.\nb1.1: Twice.\n```\n\nBye: now!'

  const { text, warnings } = edit(blocks, answer)

  expect(text).toEqual(['Only 1.'])
  expect(warnings).toEqual(['no-address', 'unknown-address', 'addressed-twice', 'no-address'])
  expect(edit(blocks, '@@ none\nNothing to change.').pieces).toEqual([])
})

test('[A39] a rewritten block keeps its place where it can, else the old block goes as a whole', () => {
  const item = { type: 'listitem', list: 'bullet', level: 1 } as const
  const blocks = documentOf('Old words here.', { type: 'heading', level: 2 }, item)

  const { pieces } = edit(blocks, '@@ b1\nNew. Words.\n\n@@ b2\n- a\n- b\n@@ b3\n- new\n')

  expect(pieces.filter((piece) => piece.kind === 'block').map((piece) => piece.block)).toEqual([
    { type: 'listitem', list: 'bullet', depth: 0 },
    { type: 'listitem', list: 'bullet', depth: 0 },
  ])
  const strikes = pieces.filter((piece) => piece.kind === 'strike')
  expect(strikes.map((piece) => piece.block)).toEqual([undefined, undefined, '7-1', undefined])
  expect(chunks(pieces)).toBe(3)
})

test('[A39] an answer that breaks off changes nothing that it had not finished', () => {
  const blocks = documentOf('One small step for all of them. Two.')

  expect(edit(blocks, 'b1.1: One big', { cut: true }).text[0]).toBe(
    'One small step for all of them. Two.',
  )
  expect(edit(blocks, '@@ b1\n', { cut: true }).pieces).toEqual([])
  expect(edit(blocks, '@@ b1\n').text).toEqual([''])
})

const sentence = fc
  .array(fc.constantFrom('the', 'plan', 'Is', '日本', '😀', 'don’t', ',', 'x: y', 'b1.1', '3.5'), {
    minLength: 1,
    maxLength: 12,
  })
  .map((words) => words.join(' '))

test('[A40] accepting an edit gives exactly the answer, however it is cut', () => {
  fc.assert(
    fc.property(
      sentence,
      sentence,
      fc.constantFrom<Granularity>('words', 'tail'),
      fc.integer({ min: 1, max: 9 }),
      (old, text, granularity, size) => {
        const blocks = documentOf(old)
        const all = addressBlocks(blocks)[0]!.sentences
        fc.pre(all.length === 1)

        expect(edit(blocks, `b1.1: ${text}`, { granularity, size }).text).toEqual([text])
      },
    ),
    { numRuns: 500 },
  )
})
