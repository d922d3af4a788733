/**
 * The co-pilot's commands, in the order of the menu: what each is called, what a model is told to
 * do, in which form it answers, and what the built-in engine does for it.
 */
import type { CommandInfo } from '#shared/protocol/api.ts'

/**
 * How the answer reaches the document: `insert` is markdown at a place, `sentences` and `blocks`
 * are addressed edits of what is there.
 */
export type AnswerForm = 'insert' | 'sentences' | 'blocks'

export interface Command {
  id: string
  label: string
  /** What the menu says below the label. */
  hint: string
  kind: 'insert' | 'edit'
  form: AnswerForm
  /** Corrections keep every equal word; a new wording replaces what differs as a whole. */
  granularity: 'words' | 'tail'
  instruction: 'none' | 'optional' | 'required'
  /** An address with nothing behind it takes away what it names. */
  mayRemove: boolean
  /** Each block changes: one that the answer leaves out was forgotten. */
  every: boolean
  /** Tokens of an answer for one token of what it is about, at most as a rule. */
  growth: number
  /** What it is called where the built-in engine does it; undefined where that cannot. */
  builtIn: { label: string; hint: string } | undefined
  /** The task in the words of the prompt. */
  rules: string
}

const COMMANDS: readonly Command[] = [
  {
    id: 'continue',
    label: 'Continue writing',
    hint: 'Goes on where the caret is',
    kind: 'insert',
    form: 'insert',
    granularity: 'words',
    instruction: 'optional',
    mayRemove: false,
    every: false,
    growth: 1,
    builtIn: {
      label: 'Continue writing',
      hint: 'Completes phrases of this document, or outlines what is missing',
    },
    rules:
      'Continue the text at the mark. Keep its language, voice, tense and form; write one to ' +
      'three paragraphs, or finish the sentence or list that is under way. Do not repeat what ' +
      'stands before the mark.',
  },
  {
    id: 'proofread',
    label: 'Proofread',
    hint: 'Spelling, grammar and punctuation',
    kind: 'edit',
    form: 'sentences',
    granularity: 'words',
    instruction: 'none',
    mayRemove: false,
    every: false,
    growth: 1.3,
    builtIn: { label: 'Proofread', hint: 'Spelling and grammar, English only' },
    rules:
      'Correct spelling, grammar and punctuation. Change nothing else: neither style nor meaning. ' +
      'Give only the sentences that need a correction.',
  },
  {
    id: 'rewrite',
    label: 'Rewrite',
    hint: 'Says the same better',
    kind: 'edit',
    form: 'blocks',
    granularity: 'tail',
    instruction: 'optional',
    mayRemove: true,
    every: false,
    growth: 1.5,
    builtIn: undefined,
    rules:
      'Rewrite the marked blocks so that they read clearly and well. Keep meaning, facts and ' +
      'language. Give only blocks that change.',
  },
  {
    id: 'shorten',
    label: 'Make shorter',
    hint: 'Fewer words, the same meaning',
    kind: 'edit',
    form: 'sentences',
    granularity: 'tail',
    instruction: 'none',
    mayRemove: true,
    every: false,
    growth: 1,
    builtIn: { label: 'Tighten', hint: 'Takes out filler words, English only' },
    rules:
      'Make the marked text about half as long. Keep what matters. A sentence that can go ' +
      'entirely gets an empty line behind its address. Give only sentences that change.',
  },
  {
    id: 'expand',
    label: 'Make longer',
    hint: 'More detail, from what is there',
    kind: 'edit',
    form: 'blocks',
    granularity: 'tail',
    instruction: 'optional',
    mayRemove: false,
    every: true,
    growth: 3,
    builtIn: undefined,
    rules:
      'Expand the marked blocks with detail and explanation that follow from the document. ' +
      'Invent no facts, names or figures.',
  },
  {
    id: 'tone',
    label: 'Change tone',
    hint: 'Say which: friendly, formal, plain …',
    kind: 'edit',
    form: 'sentences',
    granularity: 'tail',
    instruction: 'required',
    mayRemove: false,
    every: false,
    growth: 1.5,
    builtIn: undefined,
    rules:
      'Change the tone of the marked text as the person asks. Keep meaning, facts and language. ' +
      'Give only sentences that change.',
  },
  {
    id: 'translate',
    label: 'Translate',
    hint: 'Say into which language',
    kind: 'edit',
    form: 'blocks',
    granularity: 'tail',
    instruction: 'required',
    mayRemove: false,
    every: true,
    growth: 2,
    builtIn: undefined,
    rules: 'Translate the marked blocks into the language that the person names. Keep the form.',
  },
  {
    id: 'to-list',
    label: 'Turn into a list',
    hint: 'One point an item',
    kind: 'edit',
    form: 'blocks',
    granularity: 'tail',
    instruction: 'none',
    mayRemove: false,
    every: false,
    growth: 1.5,
    builtIn: { label: 'Turn into a list', hint: 'One sentence an item' },
    rules: 'Turn the marked blocks into bulleted lists, one point an item. Keep every point.',
  },
  {
    id: 'summarise',
    label: 'Summarise',
    hint: 'What matters, in a few sentences',
    kind: 'insert',
    form: 'insert',
    granularity: 'words',
    instruction: 'optional',
    mayRemove: false,
    every: false,
    growth: 1,
    builtIn: { label: 'Summarise', hint: 'Picks the most telling sentences' },
    rules:
      'Summarise the marked text, or the whole document where nothing is marked, in three to ' +
      'five sentences of its language. Say nothing that it does not say.',
  },
  {
    id: 'outline',
    label: 'Outline',
    hint: 'The structure as a list',
    kind: 'insert',
    form: 'insert',
    granularity: 'words',
    instruction: 'optional',
    mayRemove: false,
    every: false,
    growth: 1,
    builtIn: { label: 'Outline', hint: 'Headings and what stands under them' },
    rules:
      'Write an outline as a nested bulleted list: of what the person asks for, or of the ' +
      'document as it is.',
  },
  {
    id: 'ask',
    label: 'Write what I ask',
    hint: 'Say it in your own words',
    kind: 'insert',
    form: 'insert',
    granularity: 'words',
    instruction: 'required',
    mayRemove: false,
    every: false,
    growth: 1,
    builtIn: undefined,
    rules: 'Write at the mark what the person asks for, fitting the document around it.',
  },
  {
    id: 'edit',
    label: 'Change as I ask',
    hint: 'Say what to change',
    kind: 'edit',
    form: 'blocks',
    granularity: 'tail',
    instruction: 'required',
    mayRemove: true,
    every: false,
    growth: 2,
    builtIn: undefined,
    rules: 'Change the marked blocks as the person asks. Give only blocks that change.',
  },
]

/** Undefined for an id that is not in the table. */
export const findCommand = (id: string): Command | undefined =>
  COMMANDS.find((command) => command.id === id)

/** What the page's menu shows. An engine without a model names what it really does. */
export function commandInfos(builtInEngine: boolean): CommandInfo[] {
  return COMMANDS.filter((command) => !builtInEngine || command.builtIn !== undefined).map(
    ({ id, label, hint, kind, instruction, builtIn }) => ({
      id,
      kind,
      label: builtInEngine && builtIn ? builtIn.label : label,
      hint: builtInEngine && builtIn ? builtIn.hint : hint,
      builtIn: builtIn !== undefined,
      instruction: builtInEngine ? 'none' : instruction,
    }),
  )
}
