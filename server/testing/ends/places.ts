/** Places names where a run can write, with a document, an answer for it, and what may come of it. */
import * as Y from 'yjs'
import type { Room } from '#server/rooms/room.ts'
import type { Target } from '#shared/protocol/api.ts'

export interface TriedPlace {
  name: string
  markdown: string
  command: string
  answer: string
  target(room: Room): Target
  /** So much is there that a part must be left of it, however it ends. */
  hasCome(text: string): boolean
  /** In the page's words what is left of it, wherever it was ended. */
  wordsFor(texts: readonly string[], isRejected: boolean): string
}

const BEFORE = 'as before'
const LATER = 'what came later'

/** Without what a view lays out: white space, and the dashes of items. */
const bare = (text: string): string => text.replace(/^\s*- /gm, '').replace(/\s+/g, '')

/** Words and their order matter; how lines are laid out, the views decide. */
function insertion(
  name: string,
  { markdown, at, answer }: { markdown: string; at: [number, number]; answer: string },
  [left, full, right]: [string, string, string],
): TriedPlace {
  const [start, all, end] = [bare(left), bare(full), bare(right)]
  const wordsOf = (text: string, isRejected: boolean) => {
    const shown = bare(text)
    if (shown === start + end) return BEFORE
    if (!shown.startsWith(start) || !shown.endsWith(end)) return undefined
    const written = shown.slice(start.length, shown.length - end.length)
    if (isRejected) return all.endsWith(written) ? LATER : undefined
    return all.startsWith(written) ? 'as far as it came' : undefined
  }
  const target = (room: Room): Target => {
    const block = room.reading.blocks('without')[at[0]]!
    if (at[1] < 0) return { block: block.id }
    let left = at[1] - 1
    for (const inline of block.inlines) {
      if (inline.kind !== 'text') left--
      else
        for (const { client, clock, length } of inline.spans) {
          if (left < length) {
            const id = Y.createID(client, clock + left)
            const position = new Y.RelativePosition(null, null, id, -1)
            return { at: Buffer.from(Y.encodeRelativePosition(position)).toString('base64url') }
          }
          left -= length
        }
    }
    throw new Error(`no such place: ${name}`)
  }
  const hasCome = (text: string) => bare(text).length > start.length + end.length + all.length / 2
  const wordsFor = widest(wordsOf)
  return { name, markdown, command: 'continue', answer, target, hasCome, wordsFor }
}

/** An edit of all parts, one after the other. */
function edit(
  name: string,
  {
    markdown,
    command,
    answer,
    parts,
  }: {
    markdown: string
    command: string
    answer: string
    /** Each part as it was and as it is to be. */
    parts: readonly [string, string][]
  },
): TriedPlace {
  const outcomes = Array.from({ length: parts.length + 1 }, (_, done) =>
    bare(parts.map(([old, fresh], n) => (n < done ? fresh : old)).join('')),
  )
  // Any first parts may have been rejected before the others came.
  const later = new Set(
    parts.map((_, from) => bare(parts.map(([old, fresh], n) => (n < from ? old : fresh)).join(''))),
  )
  const wordsOf = (text: string, isRejected: boolean) => {
    const done = outcomes.indexOf(bare(text))
    if (done === 0) return BEFORE
    if (isRejected) return later.has(bare(text)) ? LATER : undefined
    return done > 0 ? 'its whole parts' : undefined
  }
  const target = (): Target => ({ document: true })
  // The last but one is there, so the one before is whole.
  const hasCome = (text: string) => bare(text).startsWith(bare(parts[0]![1] + parts[1]![1]))
  return { name, markdown, command, answer, target, hasCome, wordsFor: widest(wordsOf) }
}

/** The same words wherever it was ended, but that nothing may have come yet. */
const widest =
  (wordsOf: (text: string, isRejected: boolean) => string | undefined) =>
  (texts: readonly string[], isRejected: boolean): string => {
    const words = new Set(texts.map((text) => wordsOf(text, isRejected) ?? `neither: ${text}`))
    if (words.size > 1 || isRejected) words.delete(BEFORE)
    return [...words].join(', ') || LATER
  }

const CODE = '```'

export const PLACES: readonly TriedPlace[] = [
  insertion(
    'in a sentence: insert',
    {
      markdown: 'One went out. Two came in.',
      at: [0, 8],
      answer: ' far away. It rained all day. Then it went back and',
    },
    ['One went', 'far away. It rained all day. Then it went back and', ' out. Two came in.'],
  ),
  edit('in a sentence: edit', {
    markdown: 'One went out. Two came in. Three stayed home.',
    command: 'tone',
    answer: 'b1.1: One has left us.\nb1.2: Two has arrived.\nb1.3: Three is asleep.\n',
    parts: [
      ['One went out.', 'One has left us.'],
      ['Two came in.', 'Two has arrived.'],
      ['Three stayed home.', 'Three is asleep.'],
    ],
  }),
  insertion(
    'of blocks: insert',
    {
      markdown: '# Plan\n\nOld words.',
      at: [0, -1],
      answer: 'First new words here.\n\n> Second new words here.\n\nThird new words here.',
    },
    ['Plan', 'First new words here. Second new words here. Third new words here.', 'Old words.'],
  ),
  edit('of blocks: edit', {
    markdown: '# Old plan\n\nOld words here.\n\n> Old quote here.',
    command: 'rewrite',
    answer: '@@ b1\n# New plan\n@@ b2\nNew words there.\n@@ b3\n> New quote there.\n',
    parts: [
      ['Old plan', 'New plan'],
      ['Old words here.', 'New words there.'],
      ['Old quote here.', 'New quote there.'],
    ],
  }),
  insertion(
    'in a list: insert',
    {
      markdown: '- one\n- two\n- three',
      at: [2, -1],
      answer: '- first inner\n- second inner\n- third inner',
    },
    ['one two three', 'first inner second inner third inner', ''],
  ),
  edit('in a list: edit', {
    markdown: '- old one\n- old two\n- old three',
    command: 'rewrite',
    answer: '@@ b1\n- new one\n@@ b2\n- new two\n@@ b3\n- new three\n',
    parts: [
      ['old one', 'new one'],
      ['old two', 'new two'],
      ['old three', 'new three'],
    ],
  }),
  insertion(
    'in code: insert',
    {
      markdown: `${CODE}\nold(1)\nold(2)\n${CODE}`,
      at: [0, 6],
      answer: '\nfresh(1)\nfresh(2)\nfresh(3)',
    },
    ['old(1)', 'fresh(1) fresh(2) fresh(3)', 'old(2)'],
  ),
  edit('in code: edit', {
    markdown: `${CODE}\nold(1)\nold(2)\n${CODE}\n\n${CODE}\nold(3)\n${CODE}\n\n${CODE}\nold(4)\n${CODE}`,
    command: 'rewrite',
    answer: [['fresh(1)', 'fresh(2)'], ['fresh(3)'], ['fresh(4)']]
      .map((lines, n) => `@@ b${n + 1}\n${CODE}\n${lines.join('\n')}\n${CODE}\n`)
      .join(''),
    parts: [
      ['old(1) old(2)', 'fresh(1) fresh(2)'],
      ['old(3)', 'fresh(3)'],
      ['old(4)', 'fresh(4)'],
    ],
  }),
]
