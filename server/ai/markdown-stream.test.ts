import fc from 'fast-check'
import { expect, test } from 'vitest'
import { atBest } from '#server/testing/at-best.ts'
import type { Piece } from '#shared/document/piece.ts'
import { append } from './markdown-line.ts'
import { markdown, viewOf } from './markdown-pieces.ts'
import { MarkdownStream } from './markdown-stream.ts'

const HOSTS = new Set(['known.org'])

/** Pieces as one reads them: `[p]Some <b>bold</b>|` with `|` for a boundary. */
function show(pieces: readonly Piece[]): string {
  return pieces
    .map((piece) => {
      switch (piece.kind) {
        case 'block':
          return `[${Object.values(piece.block).join(' ')}]`
        case 'text':
          return (
            piece.text +
            (piece.format ? `{${piece.format}}` : '') +
            (piece.url ? `<${piece.url}>` : '')
          )
        case 'break':
          return '↵'
        default:
          return '|'
      }
    })
    .join('')
}

function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = []
  for (const piece of pieces) append(out, piece)
  return out
}

function stream(text: string, cuts: readonly number[] = []): Piece[] {
  const stream = new MarkdownStream(HOSTS)
  const out: Piece[] = []
  let from = 0
  for (const size of cuts) {
    out.push(...stream.push(text.slice(from, from + size)))
    from += size
  }
  out.push(...stream.push(text.slice(from)), ...stream.end())
  return joined(out)
}

const whole = (text: string): Piece[] => [...viewOf(markdown.parse(text, {}), HOSTS, false).pieces]
const withoutChunks = (pieces: readonly Piece[]) =>
  joined(pieces.filter((piece) => piece.kind !== 'chunk'))

test('[A32] markdown becomes the blocks and formats of the document', () => {
  const text = `# The *plan*

First **bold** and \`code\`, ~~gone~~. Second with
a line.\\
Third.

- one
- two
  1. deep
- [ ] open
- [x] done

> Quoted words. More.

\`\`\`js
const x = 1

f(*x*)
\`\`\`
---
End`

  expect(show(stream(text))).toBe(
    '[heading 1]The plan{2}|' +
      '[paragraph]First bold{1} and code{16}, gone{4}. |Second with a line.↵|Third.|' +
      '[listitem bullet 0]one|[listitem bullet 0]two|[listitem number 1]deep|' +
      '[listitem check false 0]open|[listitem check true 0]done|' +
      '[quote]Quoted words. |More.|' +
      '[code js]const x = 1↵↵f(*x*)|[divider]|[paragraph]End|',
  )
})

test('[A33] only a link to a host that the document knows is a link; no other is followed', () => {
  expect(
    show(stream('[a](https://known.org/x) [b](https://evil.io/?q=1) https://evil.io/2 end')),
  ).toBe('[paragraph]a<https://known.org/x> b (https://evil.io/?q=1) https://evil.io/2 end|')
  expect(
    show(stream('[c](javascript:alert(1)) [d](data:text/html,x) ![pic](https://evil.io/p)')),
  ).toBe('[paragraph]c d pic|')
  expect(show(stream('<b onclick="x()">hi</b> <script>alert(1)</script>'))).toBe(
    '[paragraph]<b onclick="x()">hi</b> <script>alert(1)</script>|',
  )
})

test('[A32] a table keeps its columns as code', () => {
  expect(show(stream('See:\n\n| a | b |\n|---|---|\n| 1 | *2* |\n\nDone.'))).toBe(
    '[paragraph]See:|[code ]| a | b |↵|---|---|↵| 1 | *2* ||[paragraph]Done.|',
  )
})

test('[A34] a delimiter without a partner holds text back for 240 characters at most', () => {
  const stream = new MarkdownStream()
  const text = `A *lone star ${'and more words '.repeat(40)}`

  let shown = 0
  let held = 0
  for (const [at, char] of [...text].entries()) {
    for (const piece of stream.push(char)) if (piece.kind === 'text') shown += piece.text.length
    held = Math.max(held, at - shown)
  }
  const rest = stream.end()

  expect(held).toBeLessThan(300)
  expect(show(rest)).not.toContain('*')
})

test('[A32] what was held back is never lost', () => {
  const star = `A *lone star ${'and more words '.repeat(40)}ends **here** well`
  expect(show(stream(star))).toBe(
    `[paragraph]A *lone star ${'and more words '.repeat(40)}ends here{1} well|`,
  )
})

const inline = fc.constantFrom(
  'word',
  'Word.',
  'snake_case_name',
  '**bold',
  'bold**',
  '*it',
  'it*',
  '`co',
  'de`',
  '2 * 3',
  '[label](https://known.org/a_b)',
  '[x](https://evil.io)',
  '[open',
  'close]',
  '](x',
  'Mr.',
  '~~s',
  's~~',
  '![alt](u)',
  'https://evil.io/a_b*c',
  '<b>',
  '&amp;',
  '\\*',
  '“Q.”',
  '日本語**粗体**です。',
  'e.g.',
  '1.',
  '-',
  '***both***',
  '!',
  '😀',
  '_u',
  'u_',
  '3.',
  '(4)',
  '|',
  '#',
  '\\',
)
const line = fc
  .tuple(
    fc.constantFrom(
      '',
      '',
      '',
      '',
      '- ',
      '- [ ] ',
      '- [x] ',
      '1. ',
      '2) ',
      '> ',
      '# ',
      '### ',
      '  - ',
      '   ',
      '```',
      '```js',
      '---',
      '***',
      '| a | b',
      '  1. ',
      '* ',
      '===',
      '> - ',
    ),
    fc.array(inline, { maxLength: 7 }),
  )
  .map(([mark, words]) => mark + words.join(' '))
const text = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\n\n', '\n', '\r\n', '  \n')), { maxLength: 10 })
  .map((lines) => lines.map((parts) => parts.join('')).join(''))

test('[A35] the same text gives the same pieces however it is cut', () => {
  fc.assert(
    fc.property(text, fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 80 }), (text, cuts) => {
      expect(show(stream(text, cuts))).toBe(show(stream(text)))
    }),
    { numRuns: 400 },
  )
})

test('[A32] what was streamed is what the whole text means', () => {
  fc.assert(
    fc.property(text, (text) => {
      const cleaned = text.replaceAll('\r', '')
      expect(show(withoutChunks(stream(text)))).toBe(show(withoutChunks(whole(cleaned))))
    }),
    { numRuns: 400 },
  )
})

test('[A50] no text makes the stream slow: its cost stays in proportion to its length', async () => {
  const took = (part: string, times: number) => {
    const begin = process.cpuUsage()
    stream(part.repeat(times), Array(times).fill(part.length))
    const { user, system } = process.cpuUsage(begin)
    return user + system
  }
  for (const part of ['Mr. ', '3. ', '` ', '> ', '[', '*a ', '- an item of a list\n', 'no end ']) {
    // Four times the length: four times the work, and sixteen times where each part reads it all.
    const ratio = await atBest(10, () => took(part, 1_600) / took(part, 400))
    expect(ratio, part).toBeLessThan(10)
  }
})

test('[A70] in a paragraph of two thousand characters a word waits for the next one, and not for more', () => {
  const words = Array.from({ length: 400 }, (_, n) => `word${n % 10}`)
  const markdown = new MarkdownStream()
  let waiting = 0
  let most = 0
  for (const [n, word] of words.entries()) {
    waiting++
    if (markdown.push(n === 0 ? word : ` ${word}`).length > 0) waiting = 1
    most = Math.max(most, waiting)
  }
  expect(most).toBe(1)
})
