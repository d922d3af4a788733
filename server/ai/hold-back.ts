/**
 * What of a growing block of markdown may be shown without ever being taken back. Here: whole
 * lines that may still turn out to be a marker. Delimiters inside a line are the affair of
 * markdown-pieces.ts, which sees what the parser made of them.
 */

/** Held back at most; past this, what waits for its partner is taken as it stands. */
export const HOLD_LIMIT = 240

/** Nothing but markers so far: bullet, number, quote, heading, rule, fence, check box. */
const MARKERS = /^[ \t]*(?:(?:[-*+>#=_~`|]+|\d{1,9}[.)]?)[ \t]*)*(?:\[[ xX]?\]?)?[ \t]*$/
/** The first line of a fence: its language is known when the line ends. */
const FENCE = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}[^`]*|~{3,}.*)$/

/** The part of an open block's source that is sure to be read as it is now. */
export function sureSource(tail: string): string {
  const start = tail.lastIndexOf('\n') + 1
  const line = tail.slice(start)
  if (line === '' || line.length > HOLD_LIMIT) return tail
  return MARKERS.test(line) || FENCE.test(line) ? tail.slice(0, start) : tail
}
