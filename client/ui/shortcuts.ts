/** The keys of the page, as they are shown and as they are heard. */

const mac = /Mac|iPhone|iPad/.test(navigator.userAgent)

/** The command key of this machine, for people to read. */
export const MOD = mac ? '⌘' : 'Ctrl'

/** `keys('J')` is "Ctrl+J" or "⌘J". */
export const keys = (key: string): string => (mac ? `⌘${key}` : `Ctrl+${key}`)

export const hasMod = (event: KeyboardEvent): boolean =>
  (mac ? event.metaKey : event.ctrlKey) && !event.altKey

/** True where a single letter is text and not a command. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

export interface Shortcut {
  keys: readonly string[]
  does: string
}

export const SHORTCUTS: readonly { title: string; shortcuts: readonly Shortcut[] }[] = [
  {
    title: 'Everywhere',
    shortcuts: [
      { keys: [MOD, 'J'], does: 'Ask the co-pilot' },
      { keys: [MOD, 'K'], does: 'Find a document or a command' },
      { keys: ['F6'], does: 'Go between text, suggestions and ask bar' },
      { keys: ['?'], does: 'Show this list' },
    ],
  },
  {
    title: 'In the suggestions',
    shortcuts: [
      { keys: ['↑', '↓'], does: 'Previous or next suggestion' },
      { keys: ['Enter'], does: 'Accept it' },
      { keys: ['⌫'], does: 'Reject it' },
      { keys: ['Esc'], does: 'Back to the text' },
    ],
  },
  {
    title: 'In the text',
    shortcuts: [
      { keys: ['/'], does: 'Insert a block, or ask for one' },
      { keys: [MOD, 'B'], does: 'Bold' },
      { keys: [MOD, 'I'], does: 'Italic' },
      { keys: [MOD, 'U'], does: 'Underline' },
      { keys: [MOD, 'Z'], does: 'Take back what you did' },
      { keys: [MOD, 'Shift', 'Z'], does: 'Do it again' },
    ],
  },
  {
    title: 'As you type',
    shortcuts: [
      { keys: ['#', 'Space'], does: 'Heading; ## and ### for smaller ones' },
      { keys: ['-', 'Space'], does: 'List' },
      { keys: ['1.', 'Space'], does: 'Numbered list' },
      { keys: ['[ ]', 'Space'], does: 'Check list' },
      { keys: ['>', 'Space'], does: 'Quote' },
      { keys: ['```', 'Space'], does: 'Code block' },
      { keys: ['---', 'Enter'], does: 'Divider' },
    ],
  },
]
