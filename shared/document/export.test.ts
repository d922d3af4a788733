import fc from 'fast-check'
import MarkdownIt, { type Token } from 'markdown-it'
import { describe, expect, test } from 'vitest'
import type { Block, Inline } from './blocks.ts'
import { exportBlocks } from './export.ts'
import { FORMAT } from './shape.ts'

describe('markdown', () => {
  test('[W20] what is exported reads back as the same blocks, whatever the characters', () => {
    fc.assert(
      fc.property(documents(), (blocks) => {
        const markdown = exportBlocks(blocks, 'markdown')

        expect(readBack(markdown), markdown).toEqual(
          blocks.map(essence).filter((line) => !/^p:\n*$/u.test(line)),
        )
      }),
      { numRuns: Number(process.env.EXPORT_RUNS ?? 1_000) },
    )
  })

  test('[W21] it looks like what a person would have written', () => {
    const blocks = [
      block('heading', [text('Title')], { level: 2 }),
      block('paragraph', [
        text('Some '),
        text('bold', FORMAT.bold),
        text(' and '),
        text('a link', 0, 'https://a.b/c'),
      ]),
      item('bullet', 0, 0, 'one'),
      item('number', 1, 0, 'inner'),
      item('bullet', 0, 1, 'two'),
      { ...item('check', 0, 0, 'done'), checked: true },
      block('quote', [text('said'), { kind: 'break' }, text('twice')]),
      block('code', [text('let x = 1'), { kind: 'break' }, text('  x++')], { language: 'js' }),
      block('divider', []),
    ]

    expect(exportBlocks(blocks, 'markdown', { title: 'Notes' })).toMatchInlineSnapshot(`
      "# Notes

      ## Title

      Some **bold** and [a link](https://a.b/c)

      - one
        1. inner
      - two

      * [x] done

      > said\\
      > twice

      \`\`\`js
      let x = 1
        x++
      \`\`\`

      ---
      "
    `)
  })

  test('[W22] pending text stands between the marks of CriticMarkup', () => {
    const blocks = [
      block('paragraph', [text('We '), struck('will'), proposed('shall'), text(' go.')]),
    ]

    expect(exportBlocks(blocks, 'markdown')).toBe('We {--will--}{++shall++} go.\n')
    expect(exportBlocks(blocks, 'text')).toBe('We {--will--}{++shall++} go.\n')
  })
})

describe('html', () => {
  test('[W23] no character of a document becomes markup', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 50 }), (words) => {
        const blocks = [
          block('paragraph', [text(`${words}<script>"'&`, 0, `https://a.b/"><script>${words}`)]),
          block('code', [text(words)], { language: `"><script>${words}` }),
          {
            ...block('quote', [proposed(words, `"><script>${words}`)]),
            flag: { op: 'ins' as const, chunk: `">${words}<` },
          },
        ]

        const html = exportBlocks(blocks, 'html', { title: `</title>${words}` })

        expect(
          html.match(/<\/?[a-z]+\d?/g)?.filter((tag) => !KNOWN_TAGS.has(tag.replace(/[</]/g, ''))),
        ).toEqual([])
        expect(html).not.toMatch(/<script/)
      }),
    )
  })

  test('[W24] lists nest, links are safe, suggestions are named', () => {
    const blocks = [
      item('bullet', 0, 0, 'one'),
      item('number', 1, 0, 'inner'),
      item('bullet', 0, 1, 'two'),
      { ...item('check', 0, 0, 'done'), checked: true },
      block('paragraph', [
        text('evil', 0, 'javascript:alert(1)'),
        text('good', FORMAT.bold | FORMAT.code, 'https://a.b/?x&y'),
      ]),
      block('paragraph', [struck('old'), proposed('new')]),
    ]

    expect(exportBlocks(blocks, 'html')).toMatchInlineSnapshot(`
      "<ul>
      <li>one
      <ol>
      <li>inner</li>
      </ol>
      </li>
      <li>two</li>
      </ul>
      <ul class="checklist">
      <li><input type="checkbox" disabled checked> done</li>
      </ul>
      <p>evil<a href="https://a.b/?x&amp;y" rel="noopener noreferrer nofollow"><strong><code>good</code></strong></a></p>
      <p><del class="suggestion-del" data-chunk="run.1" aria-label="suggested deletion">old</del><ins class="suggestion-ins" data-chunk="run.1" aria-label="suggested insertion">new</ins></p>
      "
    `)
  })

  test('[W25] with a title it is a page', () => {
    expect(exportBlocks([], 'html', { title: 'A & B' })).toMatch(
      /^<!doctype html>[\s\S]*<title>A &amp; B<\/title>/,
    )
  })
})

test('[W26] plain text keeps lines, bullets and numbers', () => {
  const blocks = [
    block('heading', [text('Title')], { level: 1 }),
    item('number', 0, 0, 'one', 3),
    item('bullet', 1, 0, 'inner'),
    block('paragraph', [text('a'), { kind: 'break' }, text('b')]),
  ]

  expect(exportBlocks(blocks, 'text', { title: 'Notes' })).toBe(
    'Notes\n\nTitle\n\n3. one\n  - inner\n\na\nb\n',
  )
})

test('[W27] JSON tells formats, links, numbers and suggestions by name', () => {
  const blocks = [
    item('number', 0, 1, 'two', 3),
    block('paragraph', [
      text('x', FORMAT.bold | FORMAT.code, 'https://a.b'),
      { kind: 'break' },
      proposed('y'),
    ]),
  ]

  expect(JSON.parse(exportBlocks(blocks, 'json', { title: 'Notes' }))).toEqual({
    version: 1,
    title: 'Notes',
    blocks: [
      {
        id: '1-1',
        type: 'listitem',
        level: 0,
        list: 'number',
        number: 4,
        content: [{ text: 'two' }],
      },
      {
        id: '1-1',
        type: 'paragraph',
        content: [
          { text: 'x', formats: ['bold', 'code'], url: 'https://a.b' },
          { break: true },
          { text: 'y', suggestion: { kind: 'insertion', chunk: 'run.1' } },
        ],
      },
    ],
  })
})

test('[W28] nothing comes to nothing', () => {
  expect(exportBlocks([], 'markdown')).toBe('')
  expect(exportBlocks([], 'text')).toBe('')
  expect(exportBlocks([], 'html')).toBe('')
})

const KNOWN_TAGS = new Set(
  'html head meta title body h1 p a br pre code blockquote ins del strong em s u sub sup mark'.split(
    ' ',
  ),
)

function text(words: string, format = 0, url?: string): Inline {
  return { kind: 'text', text: words, format, spans: [], ...(url !== undefined && { url }) }
}
const proposed = (words: string, chunk = 'run.1'): Inline => ({
  ...(text(words) as Inline & { kind: 'text' }),
  flag: { op: 'ins', chunk },
})
const struck = (words: string): Inline => ({
  ...(text(words) as Inline & { kind: 'text' }),
  flag: { op: 'del', chunk: 'run.1' },
})

function block(type: Block['type'], inlines: Inline[], more: Partial<Block> = {}): Block {
  return { id: '1-1', type, level: 0, inlines, ...more }
}

function item(
  list: 'bullet' | 'number' | 'check',
  level: number,
  index: number,
  words: string,
  start = 1,
): Block {
  return block('listitem', [text(words)], { list, level, index, start })
}

/** Documents as the editor makes them: neighbours differ, lists count, links may be followed. */
function documents(): fc.Arbitrary<Block[]> {
  const nasty = fc.constantFrom(
    ...[
      'a',
      'b',
      'word',
      '1',
      '.',
      '1. ',
      ' ',
      '  ',
      '\t',
      '\u00a0',
      '*',
      '**',
      '_',
      '__',
      '`',
      '``',
      '~',
      '~~',
      '[',
      ']',
      '(',
      ')',
    ],
    ...[
      '<',
      '>',
      '<b>',
      '&',
      '&amp;',
      '&#32;',
      '#',
      '##',
      '+',
      '-',
      '---',
      '=',
      '!',
      '|',
      '\\',
      '{',
      '}',
      ':',
      ':--',
      '"',
      'é',
      '漢',
      '😀',
      '{++',
      '++}',
    ],
  )
  const words = fc.array(nasty, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
  const run = fc.record({
    words,
    format: fc.nat(255),
    url: fc.option(
      fc.constantFrom(
        'https://a.b/c?d=e&f=g',
        'https://a.b/(x)',
        'mailto:a@b.c',
        'https://a.b/*_*',
      ),
      { freq: 5, nil: undefined },
    ),
  })
  const inlines = (max: number) =>
    fc
      .array(run, { minLength: 0, maxLength: max })
      .map((runs) =>
        runs
          .filter(
            (next, at) => next.format !== runs[at - 1]?.format || next.url !== runs[at - 1]?.url,
          )
          .map(({ words, format, url }) => text(words, format, url)),
      )
  const lines = fc
    .array(inlines(4), { minLength: 1, maxLength: 3 })
    .map((all) => all.flatMap((line, n): Inline[] => (n ? [{ kind: 'break' }, ...line] : line)))
  const code = fc.array(words, { maxLength: 3 }).map((all) => [text(all.join('\n'))])
  const single = fc.oneof(
    lines.map((inlines) => [block('paragraph', inlines)]),
    fc
      .tuple(inlines(4), fc.integer({ min: 1, max: 6 }))
      .map(([inlines, level]) => [block('heading', inlines, { level })]),
    lines.map((inlines) => [block('quote', inlines)]),
    fc
      .tuple(code, fc.constantFrom('', 'js', 'c++'))
      .map(([inlines, language]) => [block('code', inlines, language ? { language } : {})]),
    fc.constant([block('divider', [])]),
    fc
      .tuple(
        fc.constantFrom('bullet' as const, 'number' as const),
        fc.constantFrom(1, 3),
        fc.array(
          fc.tuple(
            lines,
            fc.option(fc.array(inlines(2), { minLength: 1, maxLength: 2 }), { nil: [] }),
          ),
          { minLength: 1, maxLength: 3 },
        ),
      )
      .map(([list, start, items]) =>
        items.flatMap(([inlines, inner], index) => [
          block('listitem', inlines, { list, level: 0, index, start }),
          ...inner.map((inlines, index) =>
            block('listitem', inlines, {
              list: list === 'bullet' ? 'number' : 'bullet',
              level: 1,
              index,
              start,
            }),
          ),
        ]),
      ),
  )
  return fc.array(single, { maxLength: 5 }).map((all) => all.flat())
}

/** A block in one line: what it is, and each character with what is on it. */
function essence(block: Block): string {
  if (block.type === 'code') {
    return `code ${block.language ?? ''}:${block.inlines.map((inline) => (inline.kind === 'text' ? inline.text : '')).join('')}`
  }
  const lines: string[] = ['']
  for (const inline of block.inlines) {
    if (inline.kind === 'break') lines.push('')
    else {
      for (const character of inline.text) {
        const blank = !/\S/u.test(character) && (inline.format & FORMAT.code) === 0
        // Nobody sees whether a space is bold.
        const marks = blank ? '' : marksOf(inline.format)
        lines[lines.length - 1] +=
          `${character}${marks}${inline.url && !blank ? `(${inline.url})` : ''}`
      }
    }
  }
  while (lines.length > 1 && lines.at(-1) === '') lines.pop()
  return `${name(block)}:${lines.join(block.type === 'heading' ? ' ' : '\n')}`
}

function name(block: Block): string {
  switch (block.type) {
    case 'heading':
      return `h${block.level}`
    case 'listitem':
      return `${block.list} ${block.level} ${block.list === 'number' ? (block.start ?? 1) + (block.index ?? 0) : ''}`
    case 'paragraph':
      return 'p'
    default:
      return block.type
  }
}

function marksOf(format: number): string {
  return Object.entries(FORMAT)
    .filter(([, bit]) => format & bit)
    .map(([mark]) => `<${mark}>`)
    .join('')
}

/** The same lines, from what markdown-it makes of the text. */
function readBack(markdown: string): string[] {
  const out: string[] = []
  const lists: { kind: string; number: number }[] = []
  let quotes = 0
  let heading = ''
  for (const token of new MarkdownIt({ html: true }).parse(markdown, {})) {
    switch (token.type) {
      case 'bullet_list_open':
        lists.push({ kind: 'bullet', number: 0 })
        break
      case 'ordered_list_open':
        lists.push({ kind: 'number', number: Number(token.attrGet('start') ?? 1) - 1 })
        break
      case 'bullet_list_close':
      case 'ordered_list_close':
        lists.pop()
        break
      case 'list_item_open': {
        const list = lists.at(-1)
        if (list) list.number++
        out.push(`${list?.kind} ${lists.length - 1} ${list?.kind === 'number' ? list.number : ''}:`)
        break
      }
      case 'blockquote_open':
        quotes++
        out.push('quote:')
        break
      case 'blockquote_close':
        quotes--
        break
      case 'heading_open':
        heading = token.tag
        out.push(`${heading}:`)
        break
      case 'heading_close':
        heading = ''
        break
      case 'hr':
        out.push('divider:')
        break
      case 'fence':
        out.push(`code ${token.info}:${token.content.replace(/\n$/, '')}`)
        break
      case 'inline': {
        const words = readInline(token.children ?? [])
        if (lists.length || quotes || heading) out[out.length - 1] += words
        else out.push(`p:${words}`)
        break
      }
      case 'paragraph_open':
      case 'paragraph_close':
      case 'list_item_close':
        break
      default:
        out.push(`? ${token.type}`)
    }
  }
  return out
}

function readInline(tokens: Token[]): string {
  let format = 0
  let url = ''
  let out = ''
  const add = (words: string, marks: number) => {
    for (const character of words) {
      const blank = !/\S/u.test(character) && (marks & FORMAT.code) === 0
      out += `${character}${blank ? '' : marksOf(marks)}${url && !blank ? `(${url})` : ''}`
    }
  }
  const bits: Record<string, number> = {
    strong: FORMAT.bold,
    em: FORMAT.italic,
    s: FORMAT.strikethrough,
    u: FORMAT.underline,
    sub: FORMAT.subscript,
    sup: FORMAT.superscript,
    mark: FORMAT.highlight,
    code: FORMAT.code,
  }
  for (const token of tokens) {
    const tag = token.type === 'html_inline' ? token.content.replace(/[</>]/g, '') : token.tag
    if (token.type === 'text' || token.type === 'text_special') add(token.content, format)
    else if (token.type === 'code_inline') add(token.content, format | FORMAT.code)
    else if (token.type === 'hardbreak') out += '\n'
    else if (token.type === 'link_open')
      url = String(token.attrGet('href') ?? '')
        .replace('%28', '(')
        .replace('%29', ')')
    else if (token.type === 'link_close') url = ''
    else if (bits[tag] !== undefined) {
      const closes = token.nesting === -1 || token.content.startsWith('</')
      format = closes ? format & ~bits[tag] : format | bits[tag]
    } else out += `?${token.type}`
  }
  return out
}
