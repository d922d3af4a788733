/** Two and three runs over the same words: one wins, none is lost, and a decision can be taken back. */
import { describe, expect, test } from 'vitest'
import { Meeting } from '#server/testing/meeting.ts'
import { noteOf } from '#shared/document/shape.ts'

type Ask = [command: string, answer: string]

/** A text, two edits of it, and what stands there when the first or the second one is accepted. */
const PAIRS: [string, { text: string; one: Ask; two: Ask; first: string; second: string }][] = [
  [
    'two new wordings of a sentence',
    {
      text: 'We ought to consider it. End.\n',
      one: ['shorten', 'b1.1: Let us chew on that.'],
      two: ['shorten', 'b1.1: We shall think.'],
      first: 'Let us chew on that. End.\n',
      second: 'We shall think. End.\n',
    },
  ],
  [
    'a sentence, and the block around it',
    {
      text: 'Some words here. More.\n\nEnd.\n',
      one: ['shorten', 'b1.1: Few words.'],
      two: ['edit', '@@ b1\n# Head\n\nText.\n'],
      first: 'Few words. More.\n\nEnd.\n',
      second: '# Head\n\nText.\n\nEnd.\n',
    },
  ],
  [
    'two replacements of a block by words',
    {
      text: 'Some words here.\n\nEnd.\n',
      one: ['edit', '@@ b1\nOne way.\n'],
      two: ['edit', '@@ b1\nAnother way.\n'],
      first: 'One way.\n\nEnd.\n',
      second: 'Another way.\n\nEnd.\n',
    },
  ],
  [
    'two replacements of a block by blocks',
    {
      text: 'Before.\n\nSome words here.\n\nEnd.\n',
      one: ['edit', '@@ b2\n- One\n- way\n'],
      two: ['edit', '@@ b2\n# Another\n\n> way\n'],
      first: 'Before.\n\n- One\n- way\n\nEnd.\n',
      second: 'Before.\n\n# Another\n\n> way\n\nEnd.\n',
    },
  ],
  [
    'corrections of the same word',
    {
      text: 'I definately agree with Thare plan.\n',
      one: ['proofread', 'b1.1: I definitely agree with Thare plan.'],
      two: ['proofread', 'b1.1: I surely agree with Their plan.'],
      first: 'I definitely agree with Thare plan.\n',
      second: 'I surely agree with Their plan.\n',
    },
  ],
  [
    'a removal and a new wording',
    {
      text: 'Keep this. Some words here. End.\n',
      one: ['shorten', 'b1.2:\n'],
      two: ['shorten', 'b1.2: Few words.'],
      first: 'Keep this. End.\n',
      second: 'Keep this. Few words. End.\n',
    },
  ],
  [
    'code',
    {
      text: '```js\nlet a = 1\n```\n\nEnd.\n',
      one: ['edit', '@@ b1\n```js\nlet b = 2\n```\n'],
      two: ['edit', '@@ b1\n```ts\nconst c = 3\nlet d\n```\n'],
      first: '```js\nlet b = 2\n```\n\nEnd.\n',
      second: '```ts\nconst c = 3\nlet d\n```\n\nEnd.\n',
    },
  ],
  [
    'an item of a list',
    {
      text: '- one\n- two\n  - deep\n- three\n',
      one: ['edit', '@@ b2\n- TWO\n'],
      two: ['edit', '@@ b2\n1. zwei\n2. drei\n'],
      first: '- one\n- TWO\n  - deep\n- three\n',
      second: '- one\n- zwei\n- drei\n  - deep\n- three\n',
    },
  ],
  [
    'a comma within what another one strikes',
    {
      text: 'Yes we ought to agree with it. End.\n',
      one: ['proofread', 'b1.1: Yes we ought to agree, with it.'],
      two: ['shorten', 'b1.1: Agreed.'],
      first: 'Yes we ought to agree, with it. End.\n',
      second: 'Agreed. End.\n',
    },
  ],
]

function met({ text, one, two }: (typeof PAIRS)[number][1]) {
  const m = new Meeting(text)
  const original = m.text()
  for (const suggestion of ['s1', 's2']) m.star.register(suggestion)
  const runs = [m.ask(one[0]), m.ask(two[0])]
  runs[0]!.answer(one[1])
  runs[1]!.answer(two[1])
  expect(m.states).toEqual(['s1.1 open', 's2.1 open'])
  return { m, original }
}

describe.each(PAIRS)('%s', (_, pair) => {
  test('[G4] case 30.4: accepting one makes the other stale in the same step', () => {
    for (const [winner, loser, result] of [
      ['s1.1', 's2.1', pair.first],
      ['s2.1', 's1.1', pair.second],
    ] as const) {
      const { m } = met(pair)
      m.decide(m.ada, winner, 'accepted')
      expect(m.text('without')).toBe(result)
      expect(m.text('accepted')).toBe(result)
      expect(m.states).toEqual([`${loser} stale`])
      expect(noteOf(m.ben.doc, loser)?.stale).toMatchObject({ kind: 'accepted', by: { id: 'ada' } })

      m.decide(m.ben, loser, 'accepted')
      expect(m.text('accepted')).toBe(result)
      expect(m.states).toEqual([`${loser} stale`])
      m.decide(m.ben, loser, 'rejected')
      expect(m.text('inline')).toBe(result)
      m.close()
    }
  })

  test('[G4] case 30.5: rejecting one leaves the other as it is', () => {
    for (const [loser, other, result] of [
      ['s1.1', 's2.1', pair.second],
      ['s2.1', 's1.1', pair.first],
    ] as const) {
      const { m, original } = met(pair)
      m.decide(m.ada, loser, 'rejected')
      expect(m.states).toEqual([`${other} open`])
      expect(m.text('without')).toBe(original)
      expect(m.text('accepted')).toBe(result)
      m.decide(m.ben, other, 'accepted')
      expect(m.text('inline')).toBe(result)
      m.close()
    }
  })

  test('[G4] accepting both at once, the first in the log wins; rejecting both gives the original', () => {
    const { m } = met(pair)
    expect(m.text('accepted')).toBe(pair.first)
    m.star.suggestions.settle(['s1.1', 's2.1'], 'accepted', 'ada', { kind: 'room' })
    m.star.quiet()
    expect(m.text()).toBe(pair.first)
    expect(m.states).toEqual(['s2.1 stale'])
    m.close()

    const other = met(pair)
    other.m.star.suggestions.settle(['s2.1', 's1.1'], 'rejected', 'ada', { kind: 'room' })
    other.m.star.quiet()
    expect(other.m.text('inline')).toBe(other.original)
    other.m.close()
  })

  test('[G4] taking the acceptance back makes both open again, also after a restart', () => {
    for (const restarts of [false, true]) {
      const { m, original } = met(pair)
      m.decide(m.ada, 's1.1', 'accepted')
      if (restarts) m.star.restart()
      m.ada.undo()
      m.star.quiet()
      expect(m.states).toEqual(['s1.1 open', 's2.1 open'])
      expect(m.text('without')).toBe(original)
      expect(m.text('accepted')).toBe(pair.first)

      m.decide(m.ada, 's2.1', 'accepted')
      expect(m.states).toEqual(['s1.1 stale'])
      expect(m.text()).toBe(pair.second)
      m.close()
    }
  })

  test('[G4] the second run never loses its text, however far it is when the first is accepted', () => {
    const { text, one, two, first } = pair
    for (let at = 0; at <= two[1].length; at += 3) {
      const m = new Meeting(text)
      const [a, b] = [m.ask(one[0]), m.ask(two[0])]
      a.answer(one[1])
      b.say(two[1].slice(0, at))
      m.decide(m.ada, 's1.1', 'accepted')
      b.answer(two[1].slice(at))
      expect(m.text('without')).toBe(first)
      expect(m.text('accepted')).toBe(first)
      expect(m.states).toEqual(['s2.1 stale'])
      m.decide(m.ben, 's2.1', 'rejected')
      expect(m.text('inline')).toBe(first)
      m.close()
    }
  })
})

test('[G4] edits of other words of one sentence are no rivals', () => {
  const m = new Meeting('I definately agree with Thare plan.\n')
  const runs = [m.ask('proofread'), m.ask('proofread')]
  runs[0]!.answer('b1.1: I definitely agree with Thare plan.')
  runs[1]!.answer('b1.1: I definately agree with Their plan.')
  m.decide(m.ada, 's1.1', 'accepted')
  expect(m.states).toEqual(['s2.1 open'])
  m.decide(m.ada, 's2.1', 'accepted')
  expect(m.text()).toBe('I definitely agree with Their plan.\n')
  m.close()
})

test('[Y23] words that a rival strikes apart from each other are never read as one word', () => {
  const m = new Meeting('We ought to consider it.\n')
  for (const suggestion of ['s1', 's2']) m.star.register(suggestion)
  const runs = [m.ask('proofread'), m.ask('proofread')]
  runs[0]!.answer('b1.1: We might ponder it.')
  runs[1]!.answer('b1.1: We will think it.')
  expect(noteOf(m.ben.doc, 's2.1')).toMatchObject({ strikes: 'ought to consider' })
  m.close()
})

test('[G4] of three for the same words one is accepted, and the other two are stale', () => {
  const m = new Meeting('Old words here.\n')
  const runs = ['One.', 'Two.', 'Three.'].map((answer, n) => {
    m.star.register(`s${n + 1}`)
    return { run: m.ask('shorten'), answer }
  })
  for (const { run, answer } of runs) run.answer(`b1.1: ${answer}`)
  expect(noteOf(m.ben.doc, 's2.1')).toEqual({
    rivals: ['s1.1', 's3.1'],
    strikes: 'Old words here.',
  })
  m.decide(m.ada, 's2.1', 'accepted')
  expect(m.text()).toBe('Two.\n')
  expect(m.states).toEqual(['s1.1 stale', 's3.1 stale'])
  m.ada.undo()
  m.star.quiet()
  expect(m.states).toEqual(['s1.1 open', 's2.1 open', 's3.1 open'])
  m.decide(m.ben, 's1.1', 'rejected')
  m.decide(m.ben, 's2.1', 'rejected')
  expect(noteOf(m.ben.doc, 's3.1')).toBeUndefined()
  m.decide(m.ben, 's3.1', 'accepted')
  expect(m.text('inline')).toBe('Three.\n')
  m.close()
})
