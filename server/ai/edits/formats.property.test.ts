/**
 * Random edits of random formatted text, from the words of an answer to the decided document:
 * rejected it is the original, accepted it reads as the answer, in the looks that the rule gives.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { firstContent } from '#server/rooms/first-content.ts'
import { ownsBy } from '#server/suggestions/owns.ts'
import { RunText } from '#server/suggestions/run-text.ts'
import { Suggestions } from '#server/suggestions/suggestions.ts'
import type { Block } from '#shared/document/blocks.ts'
import type { Piece } from '#shared/document/piece.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body, FLAG } from '#shared/document/shape.ts'
import { addressBlocks } from '../addresses.ts'
import { EditStream } from '../answers/edit-stream.ts'
import { writeInline } from '../answers/write-inline.ts'
import { type Dressed, dressedBlock, dressedIn, joined, type Look } from './looks.ts'
import type { Granularity } from './sentence-edit.ts'

const RUNS = Number(process.env.FUZZ_RUNS ?? 100)

const A = 'https://a.b/one'
const B = 'https://a.b/two?x=(1)_2'
const HOSTS = new Set(['a.b'])

/** Bold, italic, struck, code and any of them together; underline, which markdown cannot say. */
const look: fc.Arbitrary<Look> = fc.record({
  format: fc.constantFrom(0, 0, 1, 2, 4, 16, 3, 5, 7, 17, 8, 9),
  url: fc.constantFrom(undefined, undefined, undefined, A, B),
})
const word = fc.constantFrom(
  ...['plan', 'the', 'a', 'of', '日本', '😀', 'don’t', 'snake_case', '2*3*4', '[1]', '*', 'a`b'],
  ...['<b>', '&amp;', '~x~', '\\n', '(see', 'it)', '3,5', '-', '#', '1.', '_', '![x](y)'],
)
const dressedWord = fc.tuple(word, look).map(([text, one]) => dressedIn(text, one))
const spaced = (words: readonly Dressed[]): Dressed =>
  joined(
    words.flatMap((one, n) => {
      const before = words[n - 1]
      // Between two words of one look the space has that look too: they are one stretch.
      const same = before && JSON.stringify(before.looks[0]) === JSON.stringify(one.looks[0])
      return n === 0 ? [one] : [dressedIn(' ', same ? one.looks[0]! : undefined), one]
    }),
  )
const text = fc.array(dressedWord, { minLength: 1, maxLength: 9 }).map(spaced)

function documentOf(line: Dressed) {
  const pieces: Piece[] = [{ kind: 'block', block: { type: 'paragraph' } }]
  for (let at = 0; at < line.text.length; at++) {
    const { format, url } = line.looks[at]!
    const last = pieces.at(-1)
    const character = line.text[at]!
    if (last?.kind === 'text' && last.format === format && last.url === url) last.text += character
    else pieces.push({ kind: 'text', text: character, format, ...(url && { url }) })
  }
  const doc = new Y.Doc()
  Y.applyUpdate(doc, firstContent([...pieces, { kind: 'chunk' }]).update)
  const suggestions = new Suggestions(doc)
  const read = () => readBlocks(doc, 'without', ownsBy(suggestions))
  return { doc, suggestions, read }
}

interface Asked {
  answer: (block: Block) => string
  granularity?: Granularity
  size: number
  asShown?: boolean
}

/** The block after an edit of it was accepted or rejected. */
function outcome(line: Dressed, asked: Asked, decision: 'accepted' | 'rejected') {
  const { doc, suggestions, read } = documentOf(line)
  const blocks = read()
  const stream = new EditStream({
    blocks: addressBlocks(blocks),
    granularity: asked.granularity ?? 'tail',
    hosts: HOSTS,
    asShown: asked.asShown ?? false,
  })
  const pen = new RunText(suggestions, { suggestion: 's', client: 9, place: { kind: 'edit' } })
  const said = asked.answer(blocks[0]!)
  for (let at = 0; at < said.length; at += asked.size)
    pen.write(stream.push(said.slice(at, at + asked.size)), 'run')
  pen.write(stream.end(), 'run')
  pen.end('run')
  expect(characters(read()[0])).toEqual(characters(blocks[0]))
  const open = suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
  expect(open.length).toBeLessThanOrEqual(1)
  suggestions.settle(open, decision, 'ada', 'room')
  suggestions.repair('room')
  expect(JSON.stringify(body(doc).toJSON())).not.toContain(FLAG)
  return { before: blocks[0]!, after: read() }
}

const characters = (block: Block | undefined): string[] => charactersOf(dressedBlock(block!))

/** Character by character; of a space only what can be seen. */
function charactersOf({ text: words, looks }: Dressed): string[] {
  return looks.map(({ format, url }, at) => {
    const seen = words[at] === ' ' ? format & ~3 : format
    return `${words[at]}|${seen}|${url ?? ''}`
  })
}

const how = fc.record({
  granularity: fc.constantFrom<Granularity>('words', 'tail'),
  form: fc.constantFrom('sentence', 'block'),
  size: fc.integer({ min: 1, max: 9 }),
})
/** As a block, or as all its sentences at once, however many full stops there are. */
function said(form: string, block: Block, markdown: string): string {
  if (form === 'block') return `@@ b1\n${markdown}\n`
  return `b1.1-${addressBlocks([block])[0]!.sentences.length}: ${markdown}`
}

describe('an answer to formatted text', () => {
  test('[P5] case 30.12: rejected it leaves exactly the original, accepted exactly its words', () => {
    fc.assert(
      fc.property(text, text, how, (old, fresh, { form, ...more }) => {
        const answer = (block: Block) => said(form, block, writeInline(fresh, dressedBlock(block)))
        const rejected = outcome(old, { answer, ...more }, 'rejected')
        expect(rejected.after).toHaveLength(1)
        expect(characters(rejected.after[0])).toEqual(characters(rejected.before))
        const accepted = outcome(old, { answer, ...more }, 'accepted')
        const [only, ...others] = accepted.after
        // As a block, an answer that begins with a mark may be blocks of other kinds.
        if (form === 'block' && (others.length > 0 || only?.type !== 'paragraph')) return
        if (form === 'block' && only?.id !== accepted.before.id) return
        expect(dressedBlock(only!).text).toBe(fresh.text)
        expectShown(dressedBlock(accepted.before), fresh, dressedBlock(only!))
      }),
      { numRuns: RUNS },
    )
  })

  test('[P6] case 30.12: plain words keep the formats and links of what stays, and inherit what they replace', () => {
    fc.assert(
      fc.property(edits, how, fc.boolean(), ({ old, fresh }, { form, ...more }, marked) => {
        const line = spaced(old)
        const wanted = spaced(fresh)
        fc.pre(wanted.text !== line.text)
        const answer = (block: Block) =>
          said(form, block, marked ? writeInline(wanted, dressedBlock(block)) : wanted.text)
        const accepted = outcome(line, { answer, ...more }, 'accepted')
        expect(accepted.after).toHaveLength(1)
        expect(spacesAside(characters(accepted.after[0]))).toEqual(
          spacesAside(charactersOf(wanted)),
        )
        const rejected = outcome(line, { answer, ...more }, 'rejected')
        expect(characters(rejected.after[0])).toEqual(characters(rejected.before))
      }),
      { numRuns: RUNS },
    )
  })

  test('[P7] where a change of formats is asked for, the same words in other marks are it', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (old, size) => {
        const bare = dressedIn(old.text)
        const answer = (block: Block) =>
          said('block', block, writeInline(bare, dressedBlock(block)))
        const { before, after } = outcome(old, { answer, size, asShown: true }, 'accepted')
        fc.pre(after.length === 1 && after[0]!.id === before.id)
        const looks = dressedBlock(after[0]!).looks
        expect(looks.map(({ format, url }) => [format & 23, url])).toEqual(
          old.looks.map(() => [0, undefined]),
        )
      }),
      { numRuns: RUNS },
    )
  })
})

/** Which of two spaces stays is all one. */
const spacesAside = (all: readonly string[]): string[] =>
  all.map((one) => (one.startsWith(' ') ? ' ' : one))

/** What the answer shows is as it shows it; what all of the old text had, all of the new one has. */
function expectShown(old: Dressed, fresh: Dressed, result: Dressed): void {
  const shown = fresh.looks.reduce((bits, { format }) => bits | format, 0)
  const words = [...result.text].flatMap((_, at) => (/\s/.test(result.text[at] ?? ' ') ? [] : [at]))
  for (const bit of [1, 2, 4, 16, 8]) {
    const everywhere = old.looks.every(({ format }, at) => /\s/.test(old.text[at]!) || format & bit)
    for (const at of words) {
      if (bit !== 8 && shown & bit)
        expect(result.looks[at]!.format & bit).toBe(fresh.looks[at]!.format & bit)
      else if (everywhere) expect(result.looks[at]!.format & bit).toBe(bit)
    }
  }
}

/** A space between two looks is in no link; its formats cannot be seen. */
const between = (a: Look, b: Look): Look =>
  JSON.stringify(a) === JSON.stringify(b) ? a : { format: a.format & b.format, url: undefined }

/** Words that are all different, some of them replaced, taken out or added, none beside another. */
const edits = fc
  .array(
    fc.record({
      look,
      act: fc.constantFrom('keep', 'replace', 'delete', 'insert'),
    }),
    { minLength: 1, maxLength: 6 },
  )
  .map((all) => {
    const old: Dressed[] = [dressedIn('begin', all[0]!.look)]
    const fresh: Dressed[] = [old[0]!]
    for (const [n, { look: one, act }] of all.entries()) {
      const stays = dressedIn(`stays${n}`, all[(n + 1) % all.length]!.look)
      const before = old.at(-1)!.looks[0]!
      if (act === 'insert') {
        fresh.push(dressedIn(`new${n}`, between(before, stays.looks[0]!)), stays)
        old.push(stays)
        continue
      }
      old.push(dressedIn(`word${n}`, one), stays)
      if (act === 'keep') fresh.push(dressedIn(`word${n}`, one))
      if (act === 'replace') fresh.push(dressedIn(`other${n}`, one))
      fresh.push(stays)
    }
    return { old, fresh }
  })
