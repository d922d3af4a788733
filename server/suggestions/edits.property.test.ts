/** Random edits of random documents, from the words of an answer to the decided document. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { addressBlocks } from '#server/ai/addresses.ts'
import { EditStream } from '#server/ai/answers/edit-stream.ts'
import type { Granularity } from '#server/ai/edits/sentence-edit.ts'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { ownsBy } from '#server/suggestions/owns.ts'
import { blockText } from '#shared/document/blocks.ts'
import { exportMarkdown } from '#shared/document/export-markdown.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'
import { body, FLAG } from '#shared/document/shape.ts'
import { RunText } from './run-text.ts'
import { Suggestions } from './suggestions.ts'

const HOSTS = new Set(['a.b'])
const words = [
  'the',
  'plan',
  '**bold one**',
  '日本',
  '😀',
  '[a link](https://a.b/c)',
  'don’t',
  '3,5',
]
const sentence = fc
  .array(fc.constantFrom(...words), { minLength: 1, maxLength: 8 })
  .map((chosen) => `Then ${chosen.join(' ')}.`)
const paragraph = fc.array(sentence, { minLength: 1, maxLength: 3 }).map((all) => all.join(' '))
const block = fc.oneof(
  paragraph,
  sentence.map((text) => `## ${text}`),
  sentence.map((text) => `> ${text}`),
  sentence.map((text) => `- ${text}`),
)
const text = fc.array(block, { minLength: 1, maxLength: 4 }).map((all) => all.join('\n\n'))

/** The document with its formats left out: an answer by sentences has none. */
const bare = (markdown: string) => markdown.replace(/\*\*|\[|\]\([^)]*\)/g, '')

function documentOf(markdown: string) {
  const stream = new MarkdownStream(HOSTS)
  const doc = new Y.Doc()
  Y.applyUpdate(doc, firstContent([...stream.push(markdown), ...stream.end()]).update)
  const suggestions = new Suggestions(doc)
  const read = () => exportMarkdown(readBlocks(doc, 'without', ownsBy(suggestions)))
  const plain = () =>
    readBlocks(doc, 'without', ownsBy(suggestions)).map((one) => `${one.type}: ${blockText(one)}`)
  return { doc, suggestions, read, plain }
}

/** Both outcomes of an edit; the one asked for as a whole, or chunk by chunk from either end. */
function outcome(
  markdown: string,
  answer: (count: number) => string,
  { granularity = 'tail', size = 3, order = 0, decision = 'accepted' }: Options,
) {
  const { doc, suggestions, read, plain } = documentOf(markdown)
  const original = read()
  const blocks = addressBlocks(readBlocks(doc, 'without'))
  const stream = new EditStream({ blocks, granularity, hosts: HOSTS })
  const pen = new RunText(suggestions, { suggestion: 's', client: 9, place: { kind: 'edit' } })
  const said = answer(blocks.length)
  for (let at = 0; at < said.length; at += size)
    pen.write(stream.push(said.slice(at, at + size)), 'run')
  pen.write(stream.end(), 'run')
  pen.end('run')
  expect(read()).toBe(original)
  const open = suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
  if (order === 0) suggestions.settle(open, decision, 'ada', 'room')
  else
    for (const id of order > 0 ? open : open.reverse())
      suggestions.settle([id], decision, 'ada', 'room')
  suggestions.repair('room')
  expect(JSON.stringify(body(doc).toJSON())).not.toContain(FLAG)
  expect(suggestions.list()).toEqual([])
  return { original, result: read(), plain: plain() }
}
interface Options {
  granularity?: Granularity
  size?: number
  order?: number
  decision?: 'accepted' | 'rejected'
}
const options = fc.record({
  granularity: fc.constantFrom<Granularity>('words', 'tail'),
  size: fc.integer({ min: 1, max: 9 }),
  order: fc.integer({ min: -1, max: 1 }),
})

test('[S21] accepting all sentences of an edit gives its answer, rejecting them the original', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(sentence, sentence), { minLength: 1, maxLength: 4 }),
      options,
      (pairs, how) => {
        const markdown = pairs.map(([old]) => old).join(' ')
        const answer = () => pairs.map(([, fresh], n) => `b1.${n + 1}: ${bare(fresh)}`).join('\n')
        const accepted = outcome(markdown, answer, { ...how, decision: 'accepted' })
        expect(accepted.plain).toEqual([
          `paragraph: ${bare(pairs.map(([, fresh]) => fresh).join(' '))}`,
        ])
        const rejected = outcome(markdown, answer, { ...how, decision: 'rejected' })
        expect(rejected.result).toBe(rejected.original)
      },
    ),
    { numRuns: 100 },
  )
})

test('[S21] accepting all blocks of an edit gives its answer, rejecting them the original', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.oneof(
            paragraph,
            sentence.map((one) => `# ${one}`),
          ),
          text,
        ),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      options,
      (pairs, how) => {
        const markdown = pairs.map(([old]) => old).join('\n\n')
        const answer = () => pairs.map(([, fresh], n) => `@@ b${n + 1}\n${fresh}\n`).join('')
        const accepted = outcome(markdown, answer, { ...how, decision: 'accepted' })
        expect(accepted.plain).toEqual(
          pairs.flatMap(([old, fresh]) => documentOf(kept(old, fresh)).plain()),
        )
        const rejected = outcome(markdown, answer, { ...how, decision: 'rejected' })
        expect(rejected.result).toBe(rejected.original)
      },
    ),
    { numRuns: 100 },
  )
})

/** Plain text for a heading means its words, not that it be a paragraph. */
const kept = (old: string, fresh: string) =>
  old.startsWith('# ') && /^Then/.test(fresh) ? `# ${fresh}` : fresh
