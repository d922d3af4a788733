/**
 * The co-pilot's edits from a model's answer to the decided document: the real translators of
 * server/ai write into documents that real editors have open.
 */

import * as L from 'lexical'
import { describe, expect, test } from 'vitest'
import { findCommand } from '#server/ai/commands.ts'
import type { Translator } from '#server/ai/generate.ts'
import { MarkdownStream } from '#server/ai/markdown-stream.ts'
import { prepare } from '#server/ai/prepare.ts'
import { firstContent } from '#server/rooms/first-content.ts'
import { ownsBy } from '#server/suggestions/owns.ts'
import { Person } from '#server/testing/editors.ts'
import { Star } from '#server/testing/star.ts'
import { blockText } from '#shared/document/blocks.ts'
import { exportMarkdown } from '#shared/document/export-markdown.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'

const HOSTS = new Set(['a.b'])

/** Ada and Ben in a document, and one edit of it that can be streamed in parts. */
function world(markdown: string, command: string, { first = 0, last = 99 } = {}) {
  const stream = new MarkdownStream(HOSTS)
  const star = new Star(firstContent([...stream.push(markdown), ...stream.end()]).update)
  const join = (name: string, client: number) =>
    star.join((content, send) => new Person(name, { client, content, send }))
  const [ada, ben] = [join('ada', 101), join('ben', 102)]
  const original = [ada.view, read(star, 'without')]
  const answer = translator(star, command, first, last)
  const pen = star.run('s', 1000, { kind: 'edit' })

  const say = (text: string, size = 4) => {
    for (let at = 0; at < text.length; at += size) {
      star.write(pen, answer.push(text.slice(at, at + size)))
    }
    star.quiet()
  }
  const end = () => {
    star.write(pen, answer.end())
    star.end(pen)
    star.quiet()
  }
  const open = () => star.suggestions.list().flatMap(({ chunks }) => chunks.map(({ id }) => id))
  const decide = (decision: 'accepted' | 'rejected', chunks = open()) => {
    for (const chunk of chunks) ada.decide(chunk, decision)
    star.quiet()
  }
  const view = () => {
    star.quiet()
    expect(ben.view).toBe(ada.view)
    expect(ada.freshView).toBe(ada.view)
    expect([ada.echoes, ben.echoes, ...ada.errors, ...ben.errors]).toEqual([0, 0])
    return ada.view
  }
  return {
    star,
    ada,
    ben,
    original,
    say,
    end,
    open,
    decide,
    view,
    text: () => read(star, 'without'),
  }
}

function translator(star: Star, command: string, first: number, last: number): Translator {
  const blocks = readBlocks(star.doc, 'without', ownsBy(star.suggestions))
  return prepare({
    command: findCommand(command)!,
    instruction: 'as it should be',
    blocks,
    selection: blocks
      .slice(first, last + 1)
      .map((block) => ({ block: block.id, from: 0, to: blockText(block).length })),
    inLine: false,
    endpoint: { contextTokens: 32_000 },
    maxOutputTokens: 4_000,
  }).translator
}

const read = (star: Star, view: 'without' | 'accepted') =>
  exportMarkdown(readBlocks(star.doc, view, ownsBy(star.suggestions)))

/** One whole edit, decided once in each way; both outcomes are exact, and so is what readers see. */
function check(markdown: string, command: string, answer: string, accepted: string) {
  for (const decision of ['rejected', 'accepted'] as const) {
    const { star, original, say, end, decide, view, text } = world(markdown, command)
    say(answer)
    end()
    expect(read(star, 'accepted')).toBe(accepted)
    expect(text()).toBe(original[1])

    decide(decision)

    expect(text()).toBe(decision === 'accepted' ? accepted : original[1])
    if (decision === 'rejected') expect(view()).toBe(original[0])
    expect(view()).not.toContain('{')
    expect(view()).not.toMatch(/\[(paragraph|list|listitem)\]/)
  }
}

describe('a corrected sentence', () => {
  const markdown = 'First one. I definately agree with the the plan. Last one.\n'

  test('[S14] of which several words change is one chunk, and either outcome is exact', () => {
    const { say, end, open, view } = world(markdown, 'proofread')
    say('b1.2: I definitely agree with the plan.\n')
    end()
    expect(open()).toEqual(['s.1'])
    expect(view()).toBe(
      '[paragraph "First one. I " {del:s.1}"definately" {ins:s.1}"definitely" " agree with" ' +
        '{del:s.1}" the" " the plan. Last one."]',
    )
    check(
      markdown,
      'proofread',
      'b1.2: I definitely agree with the plan, now.\n',
      'First one. I definitely agree with the plan, now. Last one.\n',
    )
  })

  test('[S14] of two sentences one can be accepted and the other rejected', () => {
    const { say, end, open, decide, view, text } = world('Ons is. Tow are.\n', 'proofread')
    say('b1.1: One is.\nb1.2: Two are.\n')
    end()
    expect(open()).toEqual(['s.1', 's.2'])

    decide('accepted', ['s.1'])
    decide('rejected', ['s.2'])

    expect(text()).toBe('One is. Tow are.\n')
    expect(view()).toBe('[paragraph "One is. Tow are."]')
  })

  test('[S15] keeps the formats and links of the words that stay', () => {
    check(
      'We **do agre** with [the big plan](https://a.b/c) of _the_ next weak.\n',
      'proofread',
      'b1.1: We do agree with the huge plan of the next week.\n',
      'We **do agree** with [the huge plan](https://a.b/c) of _the_ next week.\n',
    )
  })

  test('[S15] leaves a link whose words it replaces', () => {
    check(
      'We love [the plan](https://a.b/c) so much.\n',
      'shorten',
      'b1.1: We love it.\n',
      'We love it.\n',
    )
    check(
      'Read [the plann now](https://a.b/c) please\n',
      'proofread',
      'b1.1: Read the plan now please',
      'Read [the plan now](https://a.b/c) please\n',
    )
    check('See: [all of it](https://a.b/c)\n', 'shorten', 'b1.1: See:\n', 'See:\n')
  })
})

describe('a rewritten block', () => {
  const markdown = 'Before.\n\nOld words. More of them.\n\nBehind.\n'
  const around = (blocks: string) => `Before.\n\n${blocks}\n\nBehind.\n`

  test.each([
    ['a paragraph', 'New words.'],
    ['several paragraphs', 'One.\n\nTwo.\n\nThree.'],
    ['a list', '- one\n- two\n  - deeper'],
    ['a heading', '## Words'],
    ['a heading and text', '## Words\n\nAnd text.'],
    ['code', '```js\nconst a = 1\nconst b = 2\n```'],
    ['a quote', '> Said.'],
  ])('[S16] may become %s, as one chunk', (_, blocks) => {
    check(markdown, 'edit', `@@ b2\n${blocks}\n`, around(blocks))
    const { say, end, open } = world(markdown, 'edit')
    say(`@@ b2\n${blocks}`)
    end()
    expect(open()).toEqual(['s.1'])
  })

  test('[S16] may go altogether, with its line breaks and links', () => {
    check(markdown, 'edit', '@@ b2\n', 'Before.\n\nBehind.\n')
    const lines = 'Before.\n\nA line\\\nand [a link](https://a.b/c) in it.\n\nBehind.\n'
    check(lines, 'edit', '@@ b2\n', 'Before.\n\nBehind.\n')
    check(lines, 'edit', '@@ b2\nOne line.\n', 'Before.\n\nOne line.\n\nBehind.\n')
  })

  test('[S16] may be the only one, and leaves no empty paragraph behind', () => {
    check('Only this.\n', 'edit', '@@ b1\n# This\n', '# This\n')
    const { say, end, decide, view } = world('Only this.\n', 'edit')
    say('@@ b1\n')
    end()
    decide('accepted')
    expect(view()).toBe('[paragraph]')
  })

  test('[S16] may be one of two, of which one is accepted and the other rejected', () => {
    const { say, end, open, decide, text } = world(markdown, 'edit', { first: 1 })
    say('@@ b2\n## New\n\nText.\n@@ b3\n- behind\n')
    end()
    expect(open()).toEqual(['s.1', 's.2'])

    decide('accepted', ['s.2'])
    decide('rejected', ['s.1'])

    expect(text()).toBe('Before.\n\nOld words. More of them.\n\n- behind\n')
  })

  test('[S16] comes back with its breaks when the decision is taken back', () => {
    const { say, end, decide, ada, star, original, view } = world('A\\\nb.\n\nEnd.\n', 'edit')
    say('@@ b1\n# New\n')
    end()
    decide('accepted')
    expect(view()).toBe('[heading "New"] [paragraph "End."]')
    ada.undo()
    star.quiet()
    decide('rejected')
    expect(view()).toBe(original[0])
  })
})

describe('a rewritten list item', () => {
  const markdown = 'Top.\n\n- one\n- two\n  - deep\n- three\n\nEnd.\n'
  const around = (items: string) => `Top.\n\n${items}\n\nEnd.\n`

  test.each([
    ['b2', '- ONE', '- ONE\n- two\n  - deep\n- three'],
    ['b2', '- a\n- b', '- a\n- b\n- two\n  - deep\n- three'],
    ['b3', '- a\n  - b', '- one\n- a\n  - b\n  * deep\n- three'],
    ['b4', '- a\n- b', '- one\n- two\n  - a\n  - b\n- three'],
    ['b3', '', '- one\n  - deep\n- three'],
    ['b4', '', '- one\n- two\n- three'],
    ['b5', 'Text.\n\nMore.', '- one\n- two\n  - deep\n- Text.\n\nMore.'],
    ['b5', '# Head', '- one\n- two\n  - deep\n\n# Head'],
    ['b2', '# Head', '# Head\n\n- two\n  - deep\n- three'],
  ])('[S17] stays in its list, or beside it where that keeps the order: %s %s', (at, blocks, result) => {
    check(markdown, 'edit', `@@ ${at}\n${blocks}\n`, around(result))
  })

  test('[S17] in the middle of a list becomes an item, whatever it should be', () => {
    check(markdown, 'edit', '@@ b3\n# Head\n', around('- one\n- Head\n  - deep\n- three'))
  })

  test('[S17] of which all are rewritten may be a list of another kind, or no list', () => {
    const list = 'Top.\n\n- one\n- two\n- three\n\nEnd.\n'
    check(
      list,
      'edit',
      '@@ b2\n1. one\n@@ b3\n1. two\n@@ b4\n1. three\n',
      around('1. one\n2. two\n3. three'),
    )
    check(
      list,
      'edit',
      '@@ b2\nOne.\n\nMore.\n@@ b3\n# Two\n@@ b4\n> three\n',
      around('- One.\n- More.\n- Two\n\n> three'),
    )
  })
})

describe('an edit among people', () => {
  const $text = (part: string) =>
    L.$getRoot()
      .getAllTextNodes()
      .find((text) => text.getTextContent().includes(part))!
  const type = (person: Person, part: string, at: number, typed: string) =>
    person.edit(() => {
      $text(part).select(at, at).insertText(typed)
    })
  const erase = (person: Person, part: string) =>
    person.edit(() => {
      const text = $text(part)
      const from = text.getTextContent().indexOf(part)
      text.select(from, from + part.length).removeText()
    })

  test.each([
    ['accepted', 'We quickX foxes run.\n'],
    ['rejected', 'We slow Xfoxes run.\n'],
  ] as const)('[S18] what they type into what it proposes is theirs: %s', (decision, result) => {
    const { ben, say, end, decide, view, text, star } = world('We slow foxes run.\n', 'proofread')
    say('b1.1: We quick foxes run.')
    end()
    star.goOffline(ben)
    type(ben, 'quick', 6, 'X')
    decide(decision)
    view()
    expect([...text()].sort()).toEqual([...result].sort())
    expect(text()).toContain('X')
  })

  test('[S18] a block in which somebody has typed stays with what they typed', () => {
    const { ben, say, end, open, decide, text, star } = world('Old.\n\nEnd.\n', 'edit')
    star.goOffline(ben)
    type(ben, 'Old', 2, 'MINE')
    say('@@ b1\n# New\n')
    end()
    decide('accepted')
    star.quiet()
    expect(text()).toBe('OlMINEd.\n\nEnd.\n')
    expect(open()).toEqual(['s.1'])
    decide('rejected')
    expect(text()).toBe('OlMINEd.\n\nEnd.\n')
  })

  test('[S19] what somebody takes away meanwhile is passed over with its replacement', () => {
    const { star, ben, say, end, open, decide, text, view } = world(
      'Wee go. Thay stay. End.\n\nLast.\n',
      'proofread',
    )
    erase(ben, 'Thay stay. ')
    star.quiet()
    say('b1.1: We go.\nb1.2: They stay.\nb1.3: The end.\n')
    end()
    expect(open()).toEqual(['s.1', 's.3'])
    decide('accepted')
    expect(text()).toBe('We go. The end.\n\nLast.\n')
    view()
  })

  test('[S19] a block that somebody takes away meanwhile gets no replacement', () => {
    const { star, ben, say, end, open, text, view } = world('Old.\n\nNext.\n\nEnd.\n', 'edit')
    ben.edit(() => L.$getRoot().getFirstChildOrThrow().remove())
    star.quiet()
    say('@@ b1\n# New\n\nMore.\n@@ b2\n- next\n')
    end()
    expect(open()).toEqual(['s.2'])
    expect(text()).toBe('Next.\n\nEnd.\n')
    view()
  })

  test('[S19] goes on in its place when somebody takes away what it has said', () => {
    const { star, ben, say, end, decide, text, view } = world('One tow thre four.\n', 'shorten')
    say('b1.1: One two th')
    erase(ben, 'wo')
    star.quiet()
    say('ree four.')
    end()
    decide('accepted')
    expect(text()).toBe('One t three four.\n')
    view()
  })
})
