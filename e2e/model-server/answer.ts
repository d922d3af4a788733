/**
 * Makes up an answer when a scenario gives none: plausible markdown that differs with the prompt
 * and is the same for the same prompt. Edit commands are answered in the form the prompt asks
 * for: `b12.3: new text` a line, or `@@ b12` and markdown.
 */

export interface ChatMessage {
  role: string
  content: string
}

const SENTENCE_LINE = /^\s*(b[\w-]*\.\d+):\s+(\S.*)$/gm
const BLOCK_LINE = /^\s*(?:@@ )?(b[\w-]*\d):/gm
const MARKED_LINE = /^Marked: (b.*)$/m

/** The answer to these messages. Deterministic. */
export function answerTo(messages: readonly ChatMessage[]): string {
  const all = messages.map(({ content }) => content).join('\n')
  const data = messages.findLast(({ role }) => role === 'user')?.content ?? all
  const choose = chooser(all)
  const marked = MARKED_LINE.exec(data)?.[1]?.trim().split(/\s+/)
  const isMarked = (address: string | undefined) => !marked || marked.includes(address ?? '')

  if (/^@@ b\d/m.test(all)) {
    const [first] = [...data.matchAll(BLOCK_LINE)].map(([, address]) => address)
    const blocks = marked ?? (first ? [first] : [])
    return blocks.map((address) => `@@ ${address}\n${paragraph(choose)}\n`).join('')
  }
  const sentences = [...data.matchAll(SENTENCE_LINE)].filter(([, address]) => isMarked(address))
  const edits = sentences.map(([, address, text]) => `${address}: ${edited(text ?? '', choose)}\n`)
  return edits.length > 0 ? edits.join('') : document(choose)
}

/** Shortens a sentence a little, and keeps its first and last words. */
function edited(sentence: string, choose: Choose): string {
  const words = sentence.trim().split(/\s+/)
  if (words.length < 6) return `${words.join(' ').replace(/[.!?]?$/, '')}, in short.`
  const gone = 2 + choose(words.length - 4)
  return words.filter((_, index) => index !== gone).join(' ')
}

function document(choose: Choose): string {
  const parts = [paragraph(choose)]
  const more = [
    () => `## ${pick(HEADINGS, choose)}`,
    () => paragraph(choose),
    () => [0, 1, 2].map(() => `- ${clause(choose)}`).join('\n'),
    () => paragraph(choose),
    () => [1, 2, 3].map((n) => `${n}. ${clause(choose)}`).join('\n'),
    () => `> ${sentence(choose)}`,
  ]
  for (const part of more.slice(0, 3 + choose(more.length - 2))) parts.push(part())
  return `${parts.join('\n\n')}\n`
}

const paragraph = (choose: Choose) =>
  Array.from({ length: 2 + choose(3) }, () => sentence(choose)).join(' ')

const sentence = (choose: Choose) =>
  `${pick(OPENINGS, choose)} ${pick(SUBJECTS, choose)} ${pick(VERBS, choose)} ${pick(OBJECTS, choose)}.`

function clause(choose: Choose): string {
  const subject = pick(SUBJECTS, choose)
  return `**${subject[0]?.toUpperCase()}${subject.slice(1)}** ${pick(VERBS, choose)} ${pick(OBJECTS, choose)}`
}

const HEADINGS = ['What changes', 'Where to begin', 'What it costs', 'Open questions']
const OPENINGS = ['In practice,', 'After the first week,', 'For most readers,', 'On a quiet day,']
const SUBJECTS = [
  'the draft',
  'a shared page',
  'the small team',
  'every careful edit',
  'the second reader',
  'a plain list',
]
const VERBS = ['shows', 'keeps', 'makes room for', 'asks for', 'leads back to']
const OBJECTS = [
  'what was agreed before',
  'one clear next step',
  'the reasons behind a choice',
  'fewer words and more meaning',
  'a question worth asking',
  'the part that nobody owns — yet',
]

/** A number from 0 to below n. */
type Choose = (n: number) => number

const pick = (words: readonly string[], choose: Choose) => words[choose(words.length)] ?? ''

/** Chooses by the text it is given, so that a failing test fails again. */
function chooser(text: string): Choose {
  let state = 2_166_136_261
  for (const unit of text) state = Math.imul(state ^ (unit.codePointAt(0) ?? 0), 16_777_619)
  return (n) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_507) + 0x9e3779b9) | 0
    return ((state >>> 8) % 65_536) % n
  }
}
