import { describe, expect, test } from 'vitest'
import { edited } from '#server/testing/edited.ts'

const CODE = 'Text.\n\n```js\nconst a = 1\nconst b = 2\nreturn a * b\n```\n\nEnd.\n'
const LINES = 'const a = *1*\n- const b = 2\n# return a_b_c'
const after = (code: string, language = 'js') =>
  `Text.\n\n\`\`\`${language}\n${code}\n\`\`\`\n\nEnd.\n`

describe('code', () => {
  const answers = {
    'as it is': `@@ b2\n${LINES}\n`,
    'in a fence': `@@ b2\n\`\`\`js\n${LINES}\n\`\`\`\n`,
    'in a fence without a language': `@@ b2\n\`\`\`\n${LINES}\n\`\`\``,
    'behind a line of talk': `@@ b2\nHere is the code:\n\n\`\`\`js\n${LINES}\n\`\`\`\nI hope it helps.\n`,
    'within a fence around the whole': `\`\`\`\n@@ b2\n${LINES}\n\`\`\`\n`,
    'with other line ends': `@@ b2\r\n${LINES.replaceAll('\n', '\r\n')}\r\n`,
    'without its address': LINES,
    'in a fence, without its address': `\`\`\`js\n${LINES}\n\`\`\``,
  }
  for (const [name, answer] of Object.entries(answers)) {
    for (const size of [1, 7, 1_000]) {
      test(`[P8] case 30.11: three lines stay three lines of code, ${name}, ${size} at a time`, () => {
        const result = edited(CODE, { command: 'rewrite', answer, size, first: 1, last: 1 })

        expect(result).toMatchObject({ chunks: 1, accepted: after(LINES), rejected: CODE })
      })
    }
  }

  test('[P8] blank lines and indentation are the code’s, those around it are not', () => {
    const code = 'if (a) {\n\n    b()\n\t}\n\nc()'
    const answer = `@@ b2\n\n${code}\n\n\n`
    expect(edited(CODE, { command: 'rewrite', answer, first: 1, last: 1 }).accepted).toBe(
      after(code),
    )
  })

  test('[P8] code that is only repeated changes nothing, and code for code of another language is that', () => {
    const same = '@@ b2\nconst a = 1\nconst b = 2\nreturn a * b\n'
    expect(edited(CODE, { command: 'rewrite', answer: same, first: 1, last: 1 }).chunks).toBe(0)
    const longer = `${same}\n// done`
    expect(edited(CODE, { command: 'rewrite', answer: longer, first: 1, last: 1 }).accepted).toBe(
      after('const a = 1\nconst b = 2\nreturn a * b\n\n// done'),
    )
    const python = '@@ b2\n```python\na = 1\n```'
    expect(edited(CODE, { command: 'edit', answer: python, first: 1, last: 1 }).accepted).toBe(
      after('a = 1', 'python'),
    )
  })

  test('[P8] an answer for code that is cut leaves the code as it was', () => {
    const answer = '@@ b2\nconst a = 3\nconst'
    const result = edited(CODE, { command: 'rewrite', answer, cut: true, first: 1, last: 1 })
    expect(result).toMatchObject({ chunks: 0, accepted: CODE })
  })

  test('[P8] a command that works by sentences takes a block of code as a whole', () => {
    const answer = '@@ b2\nreturn 2\n'
    expect(edited(CODE, { command: 'shorten', answer, first: 1, last: 1 }).accepted).toBe(
      after('return 2'),
    )
  })
})

describe('what is put into code', () => {
  /** With the caret behind `mark`. */
  const insert = (mark: string, answer: string, size = 3) => {
    const code = 'const a = 1\n\n  foo(bar)\nend()'
    const to = code.indexOf(mark) + mark.length
    return edited(`\`\`\`js\n${code}\n\`\`\`\n`, {
      command: 'continue',
      answer,
      size,
      from: to,
      to,
    })
  }
  const fenced = (code: string) => `\`\`\`js\n${code}\n\`\`\`\n`

  test('[P9] case 30.11: goes in as lines, where the caret is at the end of one', () => {
    const { accepted, rejected, before, chunks } = insert(
      'a = 1',
      '\n# not a *heading*\n- nor an item',
    )
    expect(accepted).toBe(
      fenced('const a = 1\n# not a *heading*\n- nor an item\n\n  foo(bar)\nend()'),
    )
    expect([rejected, chunks]).toEqual([before, 1])
    expect(insert('a = 1', ' + 2').accepted).toBe(fenced('const a = 1 + 2\n\n  foo(bar)\nend()'))
    expect(insert('a = 1', '```js\n + 2\n```').accepted).toBe(
      fenced('const a = 1 + 2\n\n  foo(bar)\nend()'),
    )
    expect(insert('end()', '\n\n  last()\n').accepted).toBe(
      fenced('const a = 1\n\n  foo(bar)\nend()\n  last()'),
    )
  })

  test('[P9] goes into the middle of a line as words, and below it as lines', () => {
    for (const size of [1, 100]) {
      expect(insert('foo(', 'x, ', size).accepted).toBe(
        fenced('const a = 1\n\n  foo(x, bar)\nend()'),
      )
      const { accepted, rejected, before } = insert('foo(', 'one()\ntwo()', size)
      expect(accepted).toBe(fenced('const a = 1\n\n  foo(bar)\none()\ntwo()\nend()'))
      expect(rejected).toBe(before)
    }
  })
})
