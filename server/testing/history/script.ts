/**
 * A script says who does what, step by step; the same script gives the same history. Places are
 * numbers that are taken modulo what is there, so that any step may be left out of a script.
 */
import type { BlockType, TextFormat } from '#client/editor/handle.ts'

/** What one person does in their editor, as hands do it. */
export type Gesture =
  /** Types behind caret place `at`, or where the caret stands; each character is a key. */
  | { do: 'type'; text: string; at?: number }
  /** Composes with an input method: what it shows on the way, and what comes of it. */
  | { do: 'compose'; states: string[]; text: string; at: number }
  /** Types or erases over a selection. */
  | { do: 'replace'; from: number; length: number; text: string }
  | { do: 'erase'; from: number; length: number }
  | { do: 'backspace' | 'delete' | 'enter' | 'break'; at?: number }
  /** Backspace at a block's beginning, or Delete at its end. */
  | { do: 'join'; block: number; forward: boolean }
  | { do: 'format'; from: number; length: number; format: TextFormat }
  | { do: 'link'; from: number; length: number; url: string | null }
  | { do: 'block'; at: number; type: BlockType }
  /** Types a mark of markdown, such as `# `, at a block's beginning. */
  | { do: 'mark'; block: number; mark: string }
  | { do: 'indent' | 'outdent' | 'divider'; at: number }
  /** Copies a selection and pastes it elsewhere. */
  | { do: 'copy'; from: number; length: number; to: number }
  /** Pastes blocks of plain text. */
  | { do: 'paste'; at: number; lines: string[] }
  /** Cuts a selection, and pastes it where the caret stands. */
  | { do: 'cut'; from: number; length: number }
  | { do: 'paste-cut' }
  | { do: 'undo' | 'redo' }

/** What one person decides or asks for. */
export type Request =
  | { do: 'ask'; command: string; from: number; length: number; words: string }
  | { do: 'stop' | 'continue'; run: number }
  | { do: 'decide'; chunk: number; decision: 'accepted' | 'rejected' }
  /** All that a run has proposed. */
  | { do: 'decide-all'; run: number; decision: 'accepted' | 'rejected' }
  /** Takes a decision back by HTTP. */
  | { do: 'reopen'; run: number }

/** What happens to one person's connection. */
export type Travel =
  | { do: 'carry'; up: number; down: number }
  | { do: 'offline' | 'online' | 'reload' }

/** What happens beside people. */
export type Event =
  /** The model of a run says so many tokens more; behind the last one it ends. */
  | { do: 'say'; run: number; tokens: number }
  | { do: 'break-off'; run: number }
  | { do: 'wait'; ms: number }
  | { do: 'quiet' | 'restart' | 'reopen-room' | 'deaf' | 'hear' }

export type Step = ({ who: number } & (Gesture | Request | Travel)) | Event

export interface Script {
  seed: number
  /** The document's first content, as markdown. */
  markdown: string
  people: number
  instances: number
  /** Each step has reached everybody before the next one. */
  calm: boolean
  steps: Step[]
}

export const NAMES = ['ada', 'ben', 'cy'] as const

/** One step in a line, as a person reads it. */
export function stepText(step: Step): string {
  const { do: what, ...rest } = step
  const who = 'who' in rest ? `${NAMES[rest.who]} ` : ''
  const facts = Object.entries(rest).filter(([key]) => key !== 'who')
  return `${who}${what} ${facts.map(([key, value]) => `${key}=${JSON.stringify(value)}`).join(' ')}`
}
