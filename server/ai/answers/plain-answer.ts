/**
 * PlainAnswer gives an answer without addresses the address that it must mean: one block that was
 * marked, or as many paragraphs as blocks were. What is around the text itself is taken off: a
 * fence, quotation marks, "Here is a shorter version:", "Let me know what you think".
 */
import type { AddressedBlock } from '../addresses.ts'
import { wordsOf } from '../passages.ts'

/** A line of talk is no longer. */
const TALK_LENGTH = 200

const OPENING =
  /^(?:sure|certainly|of course|okay|ok|absolutely|gladly|here(?:’s|'s| is| are)|gerne?|natürlich|klar|hier (?:ist|sind)|voici|bien sûr|claro|aquí|ecco|certo)(?![\p{L}])/iu
const CLOSING =
  /^(?:let me know|i hope|hope (?:this|that)|feel free|would you like|do you want|if you(?:’d|'d| would| want| need)|please (?:let|note)|is there anything|i(?:’ve|'ve| have) (?:shortened|rewritten|changed|kept|made|removed|corrected|tried)|this (?:version|revision|rewrite)|(?:note|changes|explanation)s?(?: made| that)?\s*:|-{3,}|lass(?:en sie)? mich wissen|ich hoffe|sag(?:en sie)? (?:mir )?bescheid)/iu
const REFUSAL =
  /^(?:i(?:’m|'m| am) (?:sorry|afraid|unable|not able)|sorry[,.!]|i can(?:no|’|')t|as an ai|unfortunately,? i|es tut mir leid|leider kann ich|je suis désolé|lo siento)/iu
const NOTHING =
  /^(?:no (?:changes?|corrections?|edits?|errors?)\b|nothing (?:to|needs)\b|none\.?$|the (?:text|sentence|paragraph) is (?:already )?(?:correct|fine|clear)|keine (?:änderung|korrektur|fehler))/iu

/**
 * The answer in the form that EditStream reads; undefined where nobody can say what it is about.
 * Empty where it says that there is nothing to change, or refuses.
 */
export function withAddresses(
  answer: string,
  blocks: readonly AddressedBlock[],
  form: 'sentences' | 'blocks',
): string | undefined {
  const marked = blocks.filter(({ text }) => text.trim() !== '')
  const [only] = marked
  if (!only || answer.trim() === '') return answer.trim() === '' ? '' : undefined
  // A fence and talk around code are told by their lines.
  if (marked.length === 1 && only.block.type === 'code') return `@@ ${only.address}\n${answer}\n`
  const old = marked.map(({ text }) => text).join('\n')
  const parts = paragraphsOf(unfenced(answer), old)
  if (parts.length === 0) return ''
  if (marked.length === 1) return line(only, form, parts)
  const lines = parts.length === marked.length ? parts : parts.flatMap((part) => part.split('\n'))
  const isWhole = marked.every(({ whole, block }) => whole && block.type !== 'code')
  if (lines.length !== marked.length || !isWhole) return undefined
  return marked.map((block, n) => line(block, form, [lines[n]!])).join('')
}

/** The paragraphs that are text, without talk before and behind them. */
function paragraphsOf(answer: string, old: string): string[] {
  let parts = answer.split(/\n[ \t]*\n/).flatMap((part) => part.trim() || [])
  const [first = ''] = parts
  const [head = '', ...rest] = first.split('\n')
  if (parts.length === 1 && (isAbout(NOTHING, first, old) || isAbout(REFUSAL, first, old)))
    return []
  if (isAbout(REFUSAL, first, old)) return []
  if (parts.length > 1 && isOpening(first, old)) parts = parts.slice(1)
  else if (rest.length > 0 && isOpening(head, old)) parts[0] = rest.join('\n').trim()
  else if (parts.length > 0) parts[0] = withoutLabel(first, old)
  const talk = parts.findIndex((part, n) => n > 0 && isAbout(CLOSING, part, old))
  if (talk > 0) parts = parts.slice(0, talk)
  return parts.length === 1 ? [unquoted(parts[0]!, old)] : parts
}

function isOpening(line: string, old: string): boolean {
  if (line.length > TALK_LENGTH || !/[:：]\**$/.test(line)) return false
  return share(line, old) < 0.5 || isAbout(OPENING, line, old)
}

/** "Here is a shorter version: …" on the line of the text itself. */
function withoutLabel(text: string, old: string): string {
  const label = /^[^\n:]{0,80}:\s+(?=\S)/.exec(text)?.[0]
  return label && isAbout(OPENING, label, old) ? text.slice(label.length) : text
}

/** It begins as such talk does, and the old text does not. */
const isAbout = (talk: RegExp, text: string, old: string): boolean =>
  talk.test(text) && !talk.test(old) && share(text, old) < 0.6

/** How many of its words stand in the old text too. */
export function share(text: string, old: string): number {
  const words = wordsOf(text)
  const known = new Set(wordsOf(old))
  return words.filter((word) => known.has(word)).length / Math.max(1, words.length)
}

/** What stands in a fence, if there is one around the text. */
function unfenced(answer: string): string {
  const fence = /^(?:[^\n]*\n\s*)?(`{3,}|~{3,})[\w-]*\n([\s\S]*?)\n?\1[ \t]*(?:\n|$)/.exec(
    answer.trim(),
  )
  return fence ? fence[2]! : answer
}

const QUOTES = /^(?:"([^"]*)"|“([^“”]*)”|„([^„“]*)“|«\s?([^«»]*?)\s?»)$/su

function unquoted(text: string, old: string): string {
  const quoted = QUOTES.exec(text)
  if (!quoted || /^["“„«]/.test(old.trim())) return text
  return quoted.slice(1).find((one) => one !== undefined) ?? text
}

function line(
  block: AddressedBlock,
  form: 'sentences' | 'blocks',
  parts: readonly string[],
): string {
  if (form === 'blocks') return `@@ ${block.address}\n${parts.join('\n\n')}\n`
  const [first, last] = [block.sentences[0], block.sentences.at(-1)]
  if (!first || !last) return ''
  const words = parts.join(' ').replace(/\s*\n\s*/g, ' ')
  const number = last.address.split('.')[1]
  return `${first.address}-${number}: ${withoutAround(withoutMarker(words, block), block)}\n`
}

/** What markdown puts in front of an item, a heading or a quote, where the block is one. */
function withoutMarker(words: string, { block, text }: AddressedBlock): string {
  const marker = /^(?:#{1,6}|>|[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?/.exec(words)?.[0]
  return marker && block.type !== 'paragraph' && !text.startsWith(marker)
    ? words.slice(marker.length)
    : words
}

/** An answer for some sentences that gives the others too. */
function withoutAround(words: string, { text, sentences }: AddressedBlock): string {
  const before = text.slice(0, sentences[0]!.from).trim()
  const behind = text.slice(sentences.at(-1)!.next).trim()
  let own = words
  if (before !== '' && own.startsWith(before)) own = own.slice(before.length).trimStart()
  if (behind !== '' && own.endsWith(behind)) own = own.slice(0, -behind.length).trimEnd()
  return own
}
