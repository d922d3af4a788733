/**
 * Parts are pieces of the text that went or came, with where each lies in its stretch: what is left to
 * be paired. They are cut and joined without being copied.
 */

/** Characters with consecutive ids. */
export interface Piece {
  client: number
  clock: number
  length: number
}

/** Characters that stand, or stood, together in one text. */
export interface Stretch {
  text: string
  /** Their ids, in the order of the text. */
  pieces: Piece[]
  block: unknown
  /** The character in front of them, where there is one. */
  front?: { client: number; clock: number } | undefined
  /** Between which living neighbours they stand, or stood: another object for each such gap. */
  gap?: unknown
  /** Nothing else is in their text now, or all of that text went. */
  withItsText: boolean
  /** Their text was there before they were written. */
  isInOldText?: boolean
}

/** `length` characters of `source` from `at` on were written again in `copy` from `to` on. */
export interface Span {
  source: Stretch
  at: number
  copy: Stretch
  to: number
  length: number
}

/** A part of a stretch that is not paired yet. */
export interface Part {
  stretch: Stretch
  from: number
  text: string
}

/** Pairs texts that are the same, however they are cut. */
export function zip(sources: readonly Part[], copies: readonly Part[]): Span[] {
  const spans: Span[] = []
  let [s, c, at, to] = [0, 0, 0, 0]
  while (s < sources.length && c < copies.length) {
    const [source, copy] = [sources[s]!, copies[c]!]
    const length = Math.min(source.text.length - at, copy.text.length - to)
    const span = { at: source.from + at, to: copy.from + to, length }
    spans.push({ source: source.stretch, copy: copy.stretch, ...span })
    at += length
    to += length
    if (at === source.text.length) [s, at] = [s + 1, 0]
    if (to === copy.text.length) [c, to] = [c + 1, 0]
  }
  return spans
}

export const whole = (stretch: Stretch): Part => ({ stretch, from: 0, text: stretch.text })

export const textOf = (parts: readonly Part[]): string => parts.map(({ text }) => text).join('')

export const cut = ({ stretch, from, text }: Part, at: number, length: number): Part => ({
  stretch,
  from: from + at,
  text: text.slice(at, at + length),
})

/** The characters from…to of all parts together, part by part. */
export function slice(parts: readonly Part[], from: number, to = Number.POSITIVE_INFINITY): Part[] {
  let at = 0
  return parts.flatMap((part) => {
    const begin = Math.max(at, from) - at
    const end = Math.min(at + part.text.length, to) - at
    at += part.text.length
    return begin < end ? [cut(part, begin, end - begin)] : []
  })
}

/** What is left of a part in front of and behind a piece of it. */
export const without = (part: Part, piece: Part): Part[] => {
  const at = piece.from - part.from
  return [...slice([part], 0, at), ...slice([part], at + piece.text.length)]
}

/** How many characters both begin with; never half of one that takes two units. */
export function commonStart(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && a.charCodeAt(n) === b.charCodeAt(n)) n++
  return n > 0 && isHighSurrogate(a.charCodeAt(n - 1)) ? n - 1 : n
}

export function commonEnd(a: string, b: string): number {
  const most = Math.min(a.length, b.length)
  let n = 0
  while (n < most && a.charCodeAt(a.length - 1 - n) === b.charCodeAt(b.length - 1 - n)) n++
  return n > 0 && isLowSurrogate(a.charCodeAt(a.length - n)) ? n - 1 : n
}

export const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff
export const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff

/** The parts of a stretch that are not taken, as stretches of their own: each by one Yjs client. */
export function untaken(
  stretch: Stretch,
  isTaken: (id: { client: number; clock: number }) => boolean,
): Stretch[] {
  const parts: Stretch[] = []
  let part: Stretch | undefined
  let { front } = stretch
  let at = 0
  for (const { client, clock: first, length } of stretch.pieces) {
    for (let clock = first; clock < first + length; clock++, at++) {
      const last = part?.pieces.at(-1)
      if (isTaken({ client, clock })) part = undefined
      else if (part && last?.client === client) {
        if (last.clock + last.length === clock) last.length++
        else part.pieces.push({ client, clock, length: 1 })
        part.text += stretch.text[at]
      } else {
        part = {
          ...stretch,
          front,
          text: stretch.text[at]!,
          pieces: [{ client, clock, length: 1 }],
        }
        parts.push(part)
      }
      front = { client, clock }
    }
  }
  return parts
}
