/** Scripts that once broke something are played again, and end as their people meant. */
import { expect, test } from 'vitest'
import { replay, replayAll } from './replay.ts'
import type { Step } from './script.ts'

const [ada, ben, cy] = [0, 1, 2]

test('[T8] undo of a deletion over two lines brings each back where it was', () => {
  const steps: Step[] = [
    { who: ada, do: 'erase', from: 0, length: 6 },
    { who: ada, do: 'undo' },
  ]

  expect(replay('Head\n\nitem', 2, steps)).toEqual({
    page: '[paragraph "Head"] | [paragraph "item"]',
    broke: [],
  })
})

test('[T8] undo of two breaks leaves what others wrote behind the word they wrote it behind', () => {
  const steps: Step[] = [
    { who: ada, do: 'enter', at: 3 },
    { who: ada, do: 'enter', at: 8 },
    { who: ben, do: 'type', at: 15, text: 'B' },
    { who: ada, do: 'undo' },
    { who: ada, do: 'undo' },
  ]

  expect(replay('one two three four', 2, steps)).toEqual({
    page: '[paragraph "one two threeB four"]',
    broke: [],
  })
})

test('[T8] case 33.7: an item that two people indent, one of them offline, is there once', () => {
  const steps: Step[] = [
    { who: cy, do: 'enter' },
    { who: cy, do: 'offline' },
    { who: ada, do: 'indent', at: 6901 },
    { who: cy, do: 'replace', from: 8, length: 1, text: '不a' },
    { who: cy, do: 'indent', at: 422 },
  ]

  const markdown = 'Line one  \nline two\n\nsame\n\nsame\n\nsame\n\n1. first\n2. second'
  expect(replay(markdown, 3, steps).broke).toEqual([])
})

test('[G32] what two runs wrote in lines that somebody parts late stays proposed', () => {
  const steps: Step[] = [
    { who: ben, do: 'enter', at: 2 },
    { who: ada, do: 'ask', command: 'tone', from: 3000, length: 0, words: '#' },
    { who: ben, do: 'enter', at: 1763 },
    { who: ada, do: 'ask', command: 'tone', from: 704, length: 10, words: '# 갋' },
  ]

  const found = replay('Abc def.\n\nGhi jkl.', 2, steps, { seed: 60, calm: false })
  expect(found.broke).toEqual([])
})

test.each([
  ['two', 'four', 4, 14, '"one " [link a "two"] " three " [link b "four"]'],
  ['four', 'two', 14, 4, '"one " [link b "two"] " three " [link a "four"]'],
])('[E26] case 33.5: two people link words of one line offline, neither its first: `%s`, `%s`', (one, other, from, at, line) => {
  const steps: Step[] = [
    { who: ada, do: 'offline' },
    { who: ben, do: 'offline' },
    { who: ada, do: 'link', from, length: one.length, url: 'https://a.example' },
    { who: ben, do: 'link', from: at, length: other.length, url: 'https://b.example' },
    { who: ada, do: 'online' },
    { who: ben, do: 'online' },
    { do: 'quiet' },
  ]

  const expected = line.replaceAll(/link (.)/g, 'link https://$1.example')
  expect(replay('one two three four', 2, steps)).toEqual({
    page: `[paragraph ${expected}]`,
    broke: [],
  })
})

test('[G32] what a run wrote on one instance stays proposed where another one moves it', () => {
  const steps: Step[] = [
    { who: ben, do: 'offline' },
    { who: ada, do: 'ask', command: 'proofread', from: 8, length: 1, words: '-' },
    { who: ben, do: 'enter' },
    { do: 'reopen-room' },
  ]

  expect(replay('Abc def.', 2, steps, { seed: 284, instances: 2 }).broke).toEqual([])
})

test('[T8] editors are those of a browser: a deletion over two lines joins what is left of them', () => {
  const steps: Step[] = [{ who: ada, do: 'erase', from: 0, length: 8 }]

  expect(replay('Head\n\nTail `code` end.', 2, steps)).toEqual({
    page: '[paragraph "l " /16 "code" " end."]',
    broke: [],
  })
})

test('[S101] what a run wrote is accepted too where its last word and the decision come at once', () => {
  const steps: Step[] = [
    { who: cy, do: 'ask', command: 'rewrite', from: 0, length: 0, words: '갂갃' },
    { do: 'say', run: 0, tokens: 3 },
    { who: ben, do: 'decide', chunk: 0, decision: 'accepted' },
  ]

  expect(replay('Abc def.', 3, steps, { seed: 671 }).broke).toEqual([])
})

test('[S105] lines pasted in front of proposed words take none of their letters', () => {
  const steps: Step[] = [
    { who: cy, do: 'ask', command: 'continue', from: 0, length: 0, words: '- one two. three' },
    { do: 'say', run: 0, tokens: 3 },
    { who: cy, do: 'paste', at: 1, lines: ['la la', 'la la'] },
  ]

  const { page, broke } = replay('', 3, steps, { seed: 395 })
  expect(page).toMatch(/\[item "la la"\] \[item "la la" \{ins:[^}]*\}"one two\."\]/)
  expect(broke).toEqual([])
})

test('[M40] the space that makes a heading is not taken for an equal one of the line', () => {
  const steps: Step[] = [
    { who: ada, do: 'delete', at: 8 },
    { who: ben, do: 'mark', block: 1, mark: '# ' },
    { do: 'quiet' },
  ]

  expect(replay('la la\n\nla la', 2, steps, { calm: false })).toEqual({
    page: '[paragraph "la la"] | [h1 "lala"]',
    broke: [],
  })
})

test.each([
  ['one two', 'two three'],
  ['two three', 'one two'],
])('[E55] case 33.10: bold on `%s` and italics on `%s`, offline, leave the words and one format on `two`', (bold, italic) => {
  const format = (who: number, words: string, format: 'bold' | 'italic'): Step => {
    return { who, do: 'format', from: 'one two three'.indexOf(words), length: words.length, format }
  }
  const steps: Step[] = [
    { who: ada, do: 'offline' },
    { who: ben, do: 'offline' },
    format(ada, bold, 'bold'),
    format(ben, italic, 'italic'),
    { who: ada, do: 'online' },
    { who: ben, do: 'online' },
    { do: 'quiet' },
  ]
  const { page, broke } = replay('one two three', 2, steps)
  const parts = [...page!.matchAll(/(?:\/(\d) )?"([^"]*)"/g)].map(([, look, words]) => ({
    look: look === '1' ? 'bold' : look === '2' ? 'italic' : look,
    words: words!,
  }))

  expect(broke).toEqual([])
  expect(parts.map(({ words }) => words).join('')).toBe('one two three')
  const overlap = parts.find(({ words }) => words.includes('two'))
  expect(['bold', 'italic']).toContain(overlap?.look)
})

test('[E42] undo of a blank that somebody joining the line had not seen leaves the blank in front', () => {
  const steps: Step[] = [
    { who: cy, do: 'join', block: 0, forward: true },
    { who: cy, do: 'carry', up: 1, down: 0 },
    { who: ada, do: 'type', text: 'X ', at: 10 },
    { who: ada, do: 'carry', up: 0, down: 1 },
    { who: ada, do: 'undo' },
    { do: 'quiet' },
  ]

  const { page, broke } = replay('# Plan\n\nRead [this](https://a.example) now.', 3, steps, {
    calm: false,
  })

  expect(broke).toEqual([])
  expect(page).toContain('"PlanRead ')
})

test.each([
  1, 2,
])('[S113] words of a run that somebody deletes whole, and brings back while more is written, stay proposed: %s instances', (instances) => {
  const start = 'Start here.\n\n- item a\n- item b'
  const steps: Step[] = [
    {
      who: ada,
      do: 'ask',
      command: 'continue',
      from: 20,
      length: 0,
      words: 'Quiz foxy. Jump vow.',
    },
    { do: 'say', run: 0, tokens: 3 },
    { do: 'wait', ms: 300 },
    { who: ada, do: 'carry', up: 6, down: 6 },
    { who: ben, do: 'carry', up: 6, down: 6 },
    { who: ben, do: 'erase', from: 12, length: 1_000 },
    { do: 'say', run: 0, tokens: 2 },
    { who: ben, do: 'carry', up: 3, down: 2 },
    { do: 'wait', ms: 208 },
    { who: ben, do: 'undo' },
    { do: 'quiet' },
    { do: 'say', run: 0, tokens: 60 },
    { do: 'quiet' },
    { who: ada, do: 'decide-all', run: 0, decision: 'rejected' },
    { do: 'quiet' },
  ]

  const { page } = replay(start, 2, steps, { instances, calm: false })

  expect(page).toBe('[paragraph "Start here."] | [bullet [item "item a"] [item "item b"]]')
})

test.each([
  '# ',
  '> ',
])('[M37] undo takes all that one typed while somebody made the line another block by %s', (mark) => {
  const steps: Step[] = [
    { who: ben, do: 'type', text: ' B', at: 4 },
    { who: ben, do: 'carry', up: 1, down: 3 },
    { who: ben, do: 'type', text: 'OB' },
    { who: ben, do: 'carry', up: 1, down: 3 },
    { who: ada, do: 'carry', up: 3, down: 6 },
    { who: ada, do: 'mark', block: 0, mark },
    { who: ben, do: 'type', text: 'SG' },
    { who: ada, do: 'carry', up: 2, down: 2 },
    { who: ben, do: 'type', text: 'OO' },
    { who: ben, do: 'carry', up: 2, down: 2 },
    { who: ben, do: 'type', text: 'DX' },
    { do: 'quiet' },
    { who: ben, do: 'undo' },
    { do: 'quiet' },
  ]

  const { page, broke } = replay('Plan words stand.\n\nEnd.', 2, steps, { calm: false })

  expect(broke).toEqual([])
  expect(page).toContain('"Plan words stand."')
})

test('[M45] case 30.6: late words stay that one instance writes while another one moves or deletes their place', () => {
  const links = '[left](https://a.example) middle [right](https://b.example)\n\n'
  const joined: Step[] = [
    { do: 'restart' },
    { who: ben, do: 'backspace', at: 2930 },
    { who: cy, do: 'carry', up: 2, down: 2 },
    { who: ben, do: 'type', text: '𠀂七', at: 3880 },
    { who: ada, do: 'carry', up: 1, down: 2 },
    { who: ben, do: 'carry', up: 0, down: 2 },
    { who: cy, do: 'join', block: 2448, forward: true },
    { who: ada, do: 'replace', from: 2452, length: 3, text: '专𠀔丕' },
    { do: 'quiet' },
  ]
  const retyped: Step[] = [
    { who: ada, do: 'type', text: '一丁', at: 144 },
    { who: cy, do: 'type', text: '丆', at: 57 },
    { who: ada, do: 'offline' },
    { who: ben, do: 'block', at: 6320, type: 'h2' },
    { who: ada, do: 'type', text: '三', at: 434 },
    { who: ben, do: 'offline' },
    { who: ben, do: 'join', block: 3328, forward: false },
    { who: ada, do: 'online' },
    { who: ben, do: 'online' },
    { do: 'quiet' },
  ]
  const markdown = 'Line one  \nline two\n\nsame\n\nsame\n\nsame\n\n1. first\n2. second'
  const both = replayAll(
    [
      { seed: 2597, markdown: `${links}## Head\n\nTail \`code\` end.`, steps: joined, calm: false },
      { seed: 2670, markdown, steps: retyped },
    ].map((script) => ({ ...script, people: 3, instances: 2 })),
  )

  expect(both.map(({ broke }) => broke)).toEqual([[], []])
  expect(both[0]?.page).toContain('𠀂七')
  expect(both[1]?.page).toContain('[paragraph "samefirst三"]')
})
