import { expect, test } from 'vitest'
import type { CommandInfo } from '#shared/protocol/api.ts'
import { askFor, filterCommands, freeAsk } from './command-filter.ts'

const command = (id: string, label: string, more: Partial<CommandInfo> = {}): CommandInfo => ({
  id,
  label,
  kind: 'edit',
  hint: '',
  builtIn: true,
  instruction: 'none',
  ...more,
})
const COMMANDS = [
  command('continue', 'Continue writing', { kind: 'insert', hint: 'Goes on where the caret is' }),
  command('proofread', 'Proofread', { hint: 'Spelling, grammar and punctuation' }),
  command('shorten', 'Make shorter', { hint: 'Fewer words' }),
  command('translate', 'Translate', { instruction: 'required', hint: 'Say into which language' }),
  command('ask', 'Write what I ask', { kind: 'insert', instruction: 'required' }),
  command('edit', 'Change as I ask', { instruction: 'required' }),
]
const ids = (query: string) => filterCommands(COMMANDS, query).map(({ id }) => id)

test('[V53] an empty field lists every command in the order of the table', () => {
  expect(ids('  ')).toEqual(COMMANDS.map(({ id }) => id))
})

test('[V54] what begins a word of the label comes before what only stands in the hint', () => {
  expect(ids('wri')).toEqual(['continue', 'ask'])
  expect(ids('gram')).toEqual(['proofread'])
  expect(ids('SHÖRT')).toEqual(['shorten'])
  expect(ids('make short')).toEqual(['shorten'])
  expect(ids('as a pirate poem')).toEqual([])
})

test('[V55] a sentence that fits no command changes a selection and writes at a caret', () => {
  const words = 'say it like a pirate'

  expect(freeAsk(COMMANDS, words, true)).toEqual({ command: 'edit', instruction: words })
  expect(freeAsk(COMMANDS, words, false)).toEqual({ command: 'ask', instruction: words })
  expect(freeAsk(COMMANDS.slice(0, 3), words, false)).toBeUndefined()
  expect(freeAsk(COMMANDS, '   ', true)).toBeUndefined()
})

test('[V56] a command that needs words says which instead of starting without them', () => {
  const translate = COMMANDS[3]!

  expect(askFor(translate, ' ')).toEqual({ missing: 'Say into which language' })
  expect(askFor(translate, 'Danish ')).toEqual({ command: 'translate', instruction: 'Danish' })
  expect(askFor(COMMANDS[1]!, 'Danish')).toEqual({ command: 'proofread' })
})
