import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { edited } from '#server/testing/edited.ts'

const LONG =
  'The meeting, which was held on Monday, was attended by everybody who had been invited.'
const SHORT = 'Everybody invited came to the meeting on Monday.'

/** Ways in which models give one text without saying what it is about. */
const WAYS: Record<string, string> = {
  'in plain prose': SHORT,
  'with a line of talk before it': `Sure! Here is a shorter version:\n\n${SHORT}`,
  'with talk on the same line': `Here's the shortened text: ${SHORT}`,
  'with talk on the line before': `Here is a tighter version:\n${SHORT}`,
  'with talk behind it': `${SHORT}\n\nLet me know if you want it shorter still!`,
  'with a list of what was changed': `${SHORT}\n\nChanges made:\n- shorter\n\n- plainer`,
  'in a fence': `\`\`\`\n${SHORT}\n\`\`\``,
  'in a fence with a language': `\`\`\`markdown\n${SHORT}\n\`\`\`\n`,
  'in a fence behind talk': `Certainly:\n\n\`\`\`\n${SHORT}\n\`\`\`\nI hope this helps.`,
  'in quotation marks': `"${SHORT}"`,
  'in curly quotation marks': `“${SHORT}”`,
  'behind the address of the block alone': `b1: ${SHORT}`,
  'behind the address of the block in bold': `**b1**: ${SHORT}`,
  'on the line of the address': `@@ b1 ${SHORT}`,
  'behind the address with a colon': `@@ b1:\n${SHORT}\n`,
  'behind an address as a heading': `### @@ b1\n${SHORT}\n`,
  'behind an address in brackets': `[b1]: ${SHORT}`,
  'as a range of sentences': `b1.1-1: ${SHORT}`,
  'in the form that was asked for': `b1.1: ${SHORT}`,
  'in a fence, in the form that was asked for': `\`\`\`\nb1.1: ${SHORT}\n\`\`\``,
}

describe('a plain answer for one block', () => {
  for (const [way, answer] of Object.entries(WAYS)) {
    test(`[P10] case 30.16: replaces it, ${way}`, () => {
      for (const size of [1, 11, 1_000]) {
        const { accepted, rejected, chunks } = edited(`${LONG}\n`, {
          command: 'shorten',
          answer,
          size,
        })
        expect({ accepted, rejected, chunks }).toEqual({
          accepted: `${SHORT}\n`,
          rejected: `${LONG}\n`,
          chunks: 1,
        })
      }
    })
  }

  for (const command of ['rewrite', 'translate', 'edit', 'tone', 'proofread', 'expand']) {
    test(`[P10] case 30.16: replaces it for the command ${command}`, () => {
      const others = '# Before\n\n- an item\n\n'
      const { accepted, rejected } = edited(`${others}${LONG}\n`, {
        ...{ command, answer: SHORT, first: 2, last: 2 },
      })
      expect([accepted, rejected]).toEqual([`${others}${SHORT}\n`, `${others}${LONG}\n`])
    })
  }

  test('[P10] keeps the block what it is, and its links and formats', () => {
    const item = '- Read [the long guide](https://a.b/c) **now**.\n'
    expect(
      edited(item, { command: 'shorten', answer: '- Read the long guide soon.' }).accepted,
    ).toBe('- Read [the long guide](https://a.b/c) **soon**.\n')
    expect(edited('## A long title\n', { command: 'rewrite', answer: '## Title' }).accepted).toBe(
      '## Title\n',
    )
  })

  test('[P11] replaces only the sentences that were marked, also where it gives the others too', () => {
    const text = 'First one stays. Second one is far too long. Last one stays.'
    const from = text.indexOf('Second')
    const ask = { command: 'shorten', from, to: from + 10 }
    const short = 'First one stays. Second is long. Last one stays.\n'
    for (const answer of [
      'Second is long.',
      short,
      'First one stays. Second is long.',
      '@@ b1\nNo.',
    ])
      expect(edited(`${text}\n`, { ...ask, answer }).accepted).toBe(
        answer.startsWith('@@') ? `${text}\n` : short,
      )
  })

  test('[P12] a refusal, or that nothing is to change, changes nothing', () => {
    const answers = [
      "I'm sorry, but I can't help with that.",
      'As an AI language model I cannot read minds.',
      'No changes needed.',
      'The text is already correct.',
      'Es tut mir leid, das geht nicht.',
      '@@ none',
      '@@ None.\n',
      '',
      '\n\n',
      '```\n```',
    ]
    for (const answer of answers)
      expect(edited(`${LONG}\n`, { command: 'tone', answer })).toMatchObject({ chunks: 0 })
    // What the text itself says is no talk of the model's.
    const sorry = "I'm sorry that I am late."
    const answer = "I'm sorry to be late."
    expect(edited(`${sorry}\n`, { command: 'shorten', answer }).accepted).toBe(`${answer}\n`)
  })
})

describe('a plain answer for several blocks', () => {
  const TWO = `# A title\n\n${LONG}\n\nThe end of it all.\n`

  test('[P13] goes to them in order, where it has as many paragraphs', () => {
    const answer = `Here you are:\n\nA name\n\n${SHORT}\n\nThe end.\n`
    for (const command of ['shorten', 'rewrite', 'translate']) {
      const { accepted, rejected, chunks } = edited(TWO, { command, answer })
      expect([accepted, rejected, chunks]).toEqual([`# A name\n\n${SHORT}\n\nThe end.\n`, TWO, 3])
    }
    expect(edited(TWO, { command: 'translate', answer: `A name\n${SHORT}\nThe end.` }).chunks).toBe(
      3,
    )
  })

  test('[P13] changes nothing where it has not: nobody can say what belongs where', () => {
    for (const answer of [SHORT, `${SHORT}\n\nThe end.`, `A\n\nB\n\nC\n\nD`])
      expect(edited(TWO, { command: 'rewrite', answer })).toMatchObject({
        chunks: 0,
        accepted: TWO,
      })
  })

  test('[P13] keeps what has an address, and leaves out what has none', () => {
    const answer = `The title is fine.\n\n@@ b2\n${SHORT}\n`
    const { accepted, chunks } = edited(TWO, { command: 'rewrite', answer })
    expect([accepted, chunks]).toEqual([`# A title\n\n${SHORT}\n\nThe end of it all.\n`, 1])
  })
})

test('[P14] whatever a model says, it does no harm: rejected it leaves the document as it was', () => {
  const part = fc.constantFrom(
    ...['b1.1: ', 'b2.1-2: ', 'b9: ', 'b1', '@@ b1\n', '@@ b2', '@@ none', '@@', '\n', '\n\n', ' '],
    ...['```', '```js\n', '# ', '- ', '> ', '1. ', '| a |', '**', '_', '[', '](', 'https://a.b/c)'],
    ...['\\', '<b>', '&lt;', 'words', 'Some more words.', '😀', '\ud800', '\ufdd0', '\u0000', ':'],
    ...['Here you are:', 'Let me know', '"', '\r\n', '\t', 'b1.1-99999: ', 'b1.0:', 'B1.1: x'],
  )
  const answer = fc.array(part, { maxLength: 30 }).map((parts) => parts.join(''))
  const markdown = `Read [this](https://a.b/c) **now**. Then go.\n\n- one\n- two\n\n\`\`\`js\nx\n\`\`\`\n`
  const command = fc.constantFrom('shorten', 'rewrite', 'translate', 'proofread', 'edit', 'to-list')
  fc.assert(
    fc.property(
      answer,
      command,
      fc.integer({ min: 1, max: 9 }),
      fc.boolean(),
      (said, id, size, cut) => {
        const result = edited(markdown, { command: id, answer: said, size, cut })
        expect(result.rejected).toBe(markdown)
      },
    ),
    { numRuns: 300 },
  )
})
