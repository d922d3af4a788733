/** Which of the co-pilot's commands fit what somebody types, and what Enter would ask for. */
import type { CommandInfo } from '#shared/protocol/api.ts'

/** Letters that begin words first, then anywhere in the label, then in the hint. */
export function filterCommands(commands: readonly CommandInfo[], query: string): CommandInfo[] {
  const words = fold(query).split(/\s+/).filter(Boolean)
  if (words.length === 0) return [...commands]
  return commands
    .map((command, index) => ({ command, index, rank: rank(command, words) }))
    .filter(({ rank }) => rank < NO_MATCH)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map(({ command }) => command)
}

const NO_MATCH = 3

function rank(command: CommandInfo, words: readonly string[]): number {
  const label = fold(command.label)
  const starts = label.split(/\s+/)
  const ranks = words.map((word) => {
    if (starts.some((start) => start.startsWith(word))) return 0
    if (label.includes(word)) return 1
    return fold(command.hint).includes(word) ? 2 : NO_MATCH
  })
  return Math.max(...ranks)
}

const fold = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .trim()

/** What is asked of the co-pilot, or why it cannot be asked yet. */
export type Ask = { command: string; instruction?: string } | { missing: string }

/** A chosen command; words typed behind it are its instruction where it takes one. */
export function askFor(command: CommandInfo, instruction: string): Ask {
  const words = instruction.trim()
  if (command.instruction === 'required' && words === '') return { missing: command.hint }
  return command.instruction === 'none' || words === ''
    ? { command: command.id }
    : { command: command.id, instruction: words }
}

/**
 * A sentence of one's own: a change of what is selected, new text at a caret. Undefined where no
 * command of this engine takes one.
 */
export function freeAsk(
  commands: readonly CommandInfo[],
  words: string,
  selected: boolean,
): Ask | undefined {
  const takes = (id: string) =>
    commands.some((command) => command.id === id && command.instruction !== 'none')
  const wanted = selected ? ['edit', 'ask'] : ['ask', 'edit']
  const command = wanted.find(takes)
  const instruction = words.trim()
  return command === undefined || instruction === '' ? undefined : { command, instruction }
}
