/** What the ask bar offers for what is typed: commands that fit, and the sentence as it stands. */
import type { SelectionState } from '#client/editor/handle.ts'
import type { CommandInfo } from '#shared/protocol/api.ts'
import { filterCommands, freeAsk } from './command-filter.ts'

export interface AskItem {
  key: string
  command: CommandInfo
  instruction: string
  label: string
  hint: string
}

/** The two that take any sentence: they are offered by typing one, not by name. */
const FREE: ReadonlySet<string> = new Set(['ask', 'edit'])

export function askItems(
  commands: readonly CommandInfo[],
  typed: string,
  selected: boolean,
): AskItem[] {
  const named = commands.filter(({ id }) => !FREE.has(id))
  const items = filterCommands(named, typed).map((command) => ({
    key: command.id,
    command,
    instruction: '',
    label: command.label,
    hint: command.hint,
  }))
  const free = freeAsk(commands, typed, selected)
  const command = free && 'command' in free && commands.find(({ id }) => id === free.command)
  if (!command) return items
  const instruction = typed.trim()
  const sentence = { key: 'free', command, instruction, label: `“${instruction}”`, hint: command.label }
  return [...items, sentence]
}

/** What a command will work on, in words. */
export function scopeWords({ kind, sentences }: SelectionState): string {
  if (kind === 'none') return 'Whole document'
  if (kind === 'caret') return 'At the caret'
  return sentences === 1 ? '1 sentence selected' : `${sentences} sentences selected`
}
