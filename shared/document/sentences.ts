/**
 * Where sentences end. The prompt numbers sentences with it and the stream cuts chunks with it,
 * so both agree on what a sentence is. Intl.Segmenter knows the languages; the guards below know
 * the full stops that end nothing.
 */

export interface Sentence {
  text: string
  /** Offsets in the text: `from` the first character, `to` behind the last that is not a space. */
  from: number
  to: number
  /** Behind the spaces that follow: where the next sentence begins. */
  next: number
}

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

const abbreviation = (words: string) => new RegExp(`(?:^|[\\s(\\["'“‘])(?:${words})\\.\\s*$`, 'iu')
/** A name or a clause follows these. "etc." is not one of them: it may end a sentence. */
const ABBREVIATION = abbreviation(
  [
    'mr|mrs|ms|dr|prof|rev|gen|sen|capt|lt|sgt|messrs|mme|mlle|vs|cf|viz|approx|et al',
    'e\\.\\s?g|i\\.\\s?e|z\\.\\s?b|d\\.\\s?h|u\\.\\s?a|bzw|vgl|p\\.\\s?ex',
  ].join('|'),
)
/** A number follows these; elsewhere they are words: "I said no. Then I left." */
const BEFORE_NUMBER = abbreviation('figs?|eqs?|sec|ch|vol|nos?|pp?|art|abs|nr|ca')
/** `J. Smith`, but not `Plan B.` at the end of a line of thought: an initial follows a space. */
const INITIAL = /(?:^|[\s.(])\p{Lu}\.\s*$/u
/** `1. First` is a number in front of a sentence. */
const ENUMERATION = /^\s*(?:\d{1,3}|[a-z])[.)]\s*$/iu

/** Characters that are enough to know an abbreviation by. */
const TAIL = 32

/** Starts of sentences behind the first, in order. */
function starts(text: string): number[] {
  const found: number[] = []
  let from = 0
  for (const { segment, index } of segmenter.segment(text)) {
    const end = index + segment.length
    if (end === text.length) break
    const soFar = text.slice(from, end)
    const tail = soFar.slice(-TAIL)
    if (tail.trim() === '') continue
    const paragraph = /[\n\r\u2028\u2029]\s*$/.test(tail)
    if (!paragraph && (ENUMERATION.test(soFar) || continues(tail, text.slice(end, end + TAIL))))
      continue
    found.push(end)
    from = end
  }
  return found
}

/** `tail` and `rest`: some characters on both sides of a possible end. */
function continues(tail: string, rest: string): boolean {
  if (ABBREVIATION.test(tail)) return true
  if (BEFORE_NUMBER.test(tail) && /^\d/.test(rest)) return true
  if (/^\p{Ll}/u.test(rest)) return true
  return INITIAL.test(tail) && /^\p{Lu}/u.test(rest)
}

/** All sentences of a text, in order; characters between them are spaces. */
export function sentences(text: string): Sentence[] {
  const bounds = [0, ...starts(text), text.length]
  const found: Sentence[] = []
  for (let i = 0; i + 1 < bounds.length; i++) {
    const next = bounds[i + 1]!
    const raw = text.slice(bounds[i]!, next)
    const trimmed = raw.trim()
    if (trimmed === '') continue
    const from = bounds[i]! + raw.indexOf(trimmed)
    found.push({ text: trimmed, from, to: from + trimmed.length, next })
  }
  return found
}

/**
 * In a text that still grows: the offsets at which a sentence has ended whatever comes. An end is
 * certain once a letter stands behind it, since a small letter would have continued the sentence.
 */
export function certainEnds(text: string): number[] {
  return starts(text).filter((start) => /\p{L}/u.test(text.slice(start)))
}

/**
 * In a text that still grows: where the next sentence may have begun without that being certain
 * yet. Undefined when no end is in doubt.
 */
export function doubtfulEnd(text: string): number | undefined {
  const certain = new Set(certainEnds(text))
  return starts(`${text}A`).find((start) => !certain.has(start))
}

/** The ends inside a text that grows no more. */
export const finalEnds = (text: string): number[] => starts(text)
