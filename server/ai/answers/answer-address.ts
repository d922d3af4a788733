/**
 * AnswerAddress finds the address with which a line of an answer begins: `b12.3: text`, `b12: text`
 * and `@@ b12`, in brackets, without a colon, in bold, as an item or a heading too, as models like to write it.
 */

export interface AnswerAddress {
  /** Number of the block's address, such as `b12`. */
  block: string
  /** Numbers of the first and the last sentence; undefined for the whole block. */
  sentences: { first: number; last: number } | undefined
  /** What stands behind the address on the same line. */
  rest: string
}

const DECORATION = '[[(`*_]*'
const CLOSING = '[\\])`*_]*'
const NUMBER = '(b\\d{1,6})(?:\\.(\\d{1,6})(?:-(?:b\\d{1,6}\\.)?(\\d{1,6}))?)?'
/** `@@ b12`, with or without a colon. */
const MARKED = new RegExp(
  `^\\s*(?:#+\\s*)?@@+\\s*${DECORATION}${NUMBER}${CLOSING}(?::${CLOSING}|(?=\\s|$|@))\\s*(?:@@\\s*)?`,
)
/** `b12.3: text`: without `@@` the colon makes it an address. */
const NAMED = new RegExp(
  `^\\s*(?:[-*+]\\s+|#+\\s+)?${DECORATION}${NUMBER}${CLOSING}\\s?[:：]${CLOSING}[ \\t]?`,
)
/** `[b12.3] text`, without a colon; a link is none. */
const BRACKETED = new RegExp(
  `^\\s*(?:[-*+]\\s+|#+\\s+)?[*_\`]*[[(]${NUMBER}[\\])][*_\`]*(?!\\()\\s*(?:[-–—]+(?=\\s|$)\\s*)?`,
)
/** `b12.3 text`: nobody begins a sentence so. */
const BARE =
  /^\s*(?:[-*+]\s+)?[*_`]*(b\d{1,6})\.(\d{1,6})(?:-(?:b\d{1,6}\.)?(\d{1,6}))?[*_`]*\s+(?:[-–—|]+(?=\s|$)\s*)?/
const NONE = /^\s*@@+\s*(?:none|nothing)\b/i

/** Longer heads than this are no address. */
export const HEAD_LIMIT = 40

export const saysNone = (line: string): boolean => NONE.test(line)

export function addressOf(line: string): AnswerAddress | undefined {
  const match = [MARKED, NAMED, BRACKETED, BARE].map((form) => form.exec(line)).find(Boolean)
  if (!match) return undefined
  const [whole, block, first, last] = match
  const sentences =
    first === undefined ? undefined : { first: Number(first), last: Number(last ?? first) }
  return { block: block!, sentences, rest: line.slice(whole.length) }
}
