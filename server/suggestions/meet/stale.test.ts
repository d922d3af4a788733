/** Edits whose text was changed: while the model thinks, while it writes, and while they wait. */
import { describe, expect, test } from 'vitest'
import { Meeting } from '#server/testing/meeting.ts'
import { noteOf } from '#shared/document/shape.ts'

const BUDGET = 'Before. The budget is 100 euros. Behind.\n'
const REWRITE = 'b1.2: The budget amounts to 100 euros.'

/** What Ada does to the sentence, and what then stands there. */
const CHANGES: [string, (m: Meeting) => void, string][] = [
  ['writes within it', (m) => m.type(m.ada, '100', '00'), 'The budget is 10000 euros.'],
  [
    'writes at its end',
    (m) => m.type(m.ada, 'euros', ' a year'),
    'The budget is 100 euros a year.',
  ],
  ['writes behind its end', (m) => m.type(m.ada, 'euros.', '!!'), 'The budget is 100 euros.!!'],
  ['writes at its beginning', (m) => m.type(m.ada, 'The', 'So ', 0), 'So The budget is 100 euros.'],
  ['erases in it', (m) => m.erase(m.ada, '0 '), 'The budget is 10euros.'],
  ['erases its beginning', (m) => m.erase(m.ada, 'The '), 'budget is 100 euros.'],
  ['erases its end', (m) => m.erase(m.ada, ' euros.'), 'The budget is 100'],
  ['replaces a word', (m) => m.replace(m.ada, '100', '250'), 'The budget is 250 euros.'],
  ['replaces the kept words', (m) => m.replace(m.ada, 'budget', 'plan'), 'The plan is 100 euros.'],
  [
    'writes all of it anew',
    (m) => m.rewrite(m.ada, 'The budget', '100 euros.', 'We are broke.'),
    'We are broke.',
  ],
]

const around = (sentence: string) => `Before. ${sentence} Behind.\n`

describe('while the model thinks', () => {
  test.each(
    CHANGES,
  )('[G1] case 30.3: nothing is struck of a sentence in which somebody %s', (_, change, present) => {
    const m = new Meeting(BUDGET)
    const run = m.ask('shorten')
    change(m)
    run.answer(REWRITE)

    expect(m.states).toEqual(['s1.1 stale'])
    expect(m.text('without')).toBe(around(present))
    expect(m.text('accepted')).toBe(around(present))
    expect(m.text('inline')).toMatch(/\{\+\+.*100 euros.*\+\+\}\{>>out of date<<\}/)
    expect(m.text('inline')).not.toContain('{--')

    m.decide(m.ben, 's1.1', 'accepted')
    expect(m.states).toEqual(['s1.1 stale'])
    m.decide(m.ben, 's1.1', 'rejected')
    expect(m.states).toEqual([])
    expect(m.text('inline')).toBe(around(present))
    m.close()
  })

  test.each([
    ['in another sentence', (m: Meeting) => m.type(m.ada, 'Before', ' all')],
    ['a sentence in front', (m: Meeting) => m.type(m.ada, 'Before. ', 'New one. ')],
    ['a sentence behind', (m: Meeting) => m.type(m.ada, 'euros.', ' New one.')],
    [
      'bold letters of it',
      (m: Meeting) =>
        m.ada.edit(() => {
          const [text] = m.ada.texts()
          text!.select(12, 18).formatText('bold')
        }),
    ],
  ])('[G1] the edit stands where others change nothing of its words: %s', (_, change) => {
    const m = new Meeting(BUDGET)
    const run = m.ask('shorten')
    change(m)
    m.star.quiet()
    run.answer(REWRITE)
    expect(m.states).toEqual(['s1.1 open'])
    m.decide(m.ben, 's1.1', 'accepted')
    expect(m.text().replaceAll('*', '')).toContain('The budget amounts to 100 euros.')
    m.close()
  })

  test('[G3] of a sentence that somebody took away wholly nothing is proposed', () => {
    const m = new Meeting(BUDGET)
    const run = m.ask('shorten')
    m.erase(m.ada, 'The budget is 100 euros. ')
    run.answer(REWRITE)
    expect(m.states).toEqual([])
    expect(m.text('inline')).toBe('Before. Behind.\n')
    m.close()
  })

  test.each([
    ['a paragraph', 'Old words. More.\n\nEnd.\n', '@@ b1\nNew words.\n'],
    ['a paragraph that becomes a list', 'Old words.\n\nEnd.\n', '@@ b1\n- New\n- words\n'],
    ['a heading', '# Old words\n\nEnd.\n', '@@ b1\n# New words\n'],
    ['a quote', '> Old words\n\nEnd.\n', '@@ b1\nNew words\n'],
    ['code', '```js\nOld words\n```\n\nEnd.\n', '@@ b1\n```js\nNew words\n```\n'],
    ['an item', '- Old words\n- End.\n', '@@ b1\n- New words\n'],
    ['an item that becomes a heading', '- Old words\n- End.\n', '@@ b1\n# New words\n'],
    ['a nested item', '- Top\n  - Old words\n- End.\n', '@@ b2\n- New words\n'],
    ['a block that goes', 'Old words.\n\nEnd.\n', '@@ b1\n'],
    ['a block with a break', 'Old words\\\nmore\n\nEnd.\n', '@@ b1\nNew words\n'],
    ['a block with a link', 'Old [words](https://a.b/c)\n\nEnd.\n', '@@ b1\nNew words\n'],
  ])('[G1] nothing is struck of a whole block that somebody changed: %s', (_, markdown, answer) => {
    for (const size of [1, 7, 100]) {
      const m = new Meeting(markdown)
      const run = m.ask('edit')
      m.type(m.ada, 'Old', 'er')
      const present = m.text()
      run.say(answer, size)
      run.end()
      expect(m.states).toEqual(['s1.1 stale'])
      expect(m.text('without')).toBe(present)
      expect(m.text('accepted')).toBe(present)
      m.decide(m.ben, 's1.1', 'rejected')
      expect(m.text('inline')).toBe(present)
      m.close()
    }
  })
})

describe('while it writes', () => {
  test.each(
    CHANGES,
  )('[G1] what was struck is there again once somebody %s', (_, change, present) => {
    const m = new Meeting(BUDGET)
    const run = m.ask('shorten')
    run.say('b1.2: The budget amounts')
    expect(m.text('inline')).toContain('{--')
    change(m)
    run.say(' to 100 euros.')
    expect(m.text('inline')).not.toContain('{--')
    run.end()
    expect(m.states).toEqual(['s1.1 stale'])
    expect(m.text('without')).toBe(around(present))
    expect(m.text('accepted')).toBe(around(present))
    m.close()
  })

  test('[G1] it strikes again once the change is taken back', () => {
    const m = new Meeting(BUDGET)
    const run = m.ask('shorten')
    run.say('b1.2: The budget amounts')
    m.type(m.ada, '100', '00')
    run.say(' to')
    expect(m.states).toEqual(['s1.1 stale'])
    m.ada.undo()
    m.star.quiet()
    run.answer(' 100 euros.')
    expect(m.states).toEqual(['s1.1 open'])
    m.decide(m.ben, 's1.1', 'accepted')
    expect(m.text()).toBe(around('The budget amounts to 100 euros.'))
    m.close()
  })
})

describe('while it waits', () => {
  const waiting = () => {
    const m = new Meeting(BUDGET)
    m.ask('shorten').answer(REWRITE)
    expect(m.states).toEqual(['s1.1 open'])
    return m
  }

  test.each([
    ['writes among it', (m: Meeting) => m.type(m.ada, '100', '00')],
    ['erases a part of it', (m: Meeting) => m.erase(m.ada, 'is 1')],
    ['replaces a part of it', (m: Meeting) => m.replace(m.ada, 'is 100', 'was 7')],
  ])('[G2] it is stale once somebody %s, and open again when that is undone', (_, change) => {
    const m = waiting()
    change(m)
    const present = m.text()
    expect(m.states).toEqual(['s1.1 stale'])
    expect(m.text('accepted')).toBe(present)
    expect(m.text('inline')).not.toContain('{--')
    m.star.restart()
    m.star.quiet()
    expect(m.states).toEqual(['s1.1 stale'])

    m.ada.undo()
    m.star.quiet()

    expect(m.text()).toBe(BUDGET)
    m.close()
  })

  test.each([
    ['writes among it', (m: Meeting) => m.type(m.ada, '100', '00')],
    ['erases a part of it', (m: Meeting) => m.erase(m.ada, 'is 1')],
    ['replaces a part of it', (m: Meeting) => m.replace(m.ada, 'is 100', 'was 7')],
  ])('[G2] taking the change back makes it open again: %s', (_, change) => {
    const m = waiting()
    change(m)
    for (let n = 0; n < 2 && m.states[0] !== 's1.1 open'; n++) {
      m.ada.undo()
      m.star.quiet()
    }
    expect(m.states).toEqual(['s1.1 open'])
    m.decide(m.ben, 's1.1', 'accepted')
    expect(m.text()).toBe(around('The budget amounts to 100 euros.'))
    m.close()
  })

  test.each([
    ['before what it strikes', (m: Meeting) => m.type(m.ada, 'The budget', 'ARY')],
    ['at the end of what it strikes', (m: Meeting) => m.type(m.ada, 'is 100 euros.', ' Yes.')],
    ['into what it proposes', (m: Meeting) => m.type(m.ada, 'amounts', ' MINE')],
  ])('[G2] it stays open while somebody writes %s', (_, change) => {
    const m = waiting()
    change(m)
    expect(m.states).toEqual(['s1.1 open'])
    m.close()
  })

  test('[G2] it stays open while somebody presses Enter in the paragraph, also in what it strikes', () => {
    for (const part of ['Before.', 'The budget is', 'Behind.']) {
      const m = waiting()
      m.ada.edit(() => {
        for (const text of m.ada.texts()) {
          const at = text.getTextContent().indexOf(part.slice(-3))
          if (at >= 0) return text.select(at + 3, at + 3).insertParagraph()
        }
      })
      m.star.quiet()
      expect(m.states).toEqual(['s1.1 open'])
      m.close()
    }
  })

  test('[G2] it is decided as an insertion where people have taken away all that it strikes', () => {
    const m = waiting()
    m.erase(m.ada, 'is 100 euros.')
    expect(m.states).toEqual(['s1.1 open'])
    m.decide(m.ben, 's1.1', 'accepted')
    expect(m.text()).toContain('amounts to 100 euros.')
    m.close()
  })

  test('[G6] the document says why it is stale: whose change, and both texts', () => {
    const m = new Meeting(BUDGET)
    m.star.register('s1')
    m.ask('shorten').answer(REWRITE)
    m.type(m.ada, '100', '00')
    expect(noteOf(m.ben.doc, 's1.1')).toMatchObject({
      stale: {
        kind: 'changed',
        by: { id: 'ada' },
        original: 'The budget is 100 euros.',
        proposal: 'The budget amounts to 100 euros.',
      },
    })
    m.decide(m.ben, 's1.1', 'rejected')
    expect(noteOf(m.ben.doc, 's1.1')).toBeUndefined()
    m.close()
  })
})
