/**
 * Text of a document on its way into a prompt: data, whatever it says. Characters that people do
 * not see are taken out, and the mark that fences the data off cannot occur inside it.
 */
import { randomBytes } from 'node:crypto'

/** Zero-width characters, directions, tags, controls: a way to hide words from people. */
const HIDDEN = new RegExp(
  [
    '[\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f\\u00ad\\u034f\\u061c\\u180e',
    '\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb]',
    '|[\\u{e0000}-\\u{e0fff}]',
    // Joiners shape letters and emoji; in a row, or beside a space, they only hide something.
    '|(?<![^\\s])[\\u200c\\u200d]|[\\u200c\\u200d](?=[\\s\\u200c\\u200d]|$)',
  ].join(''),
  'gu',
)

export const withoutHidden = (text: string): string => text.replace(HIDDEN, '')

/** A mark that nobody could have written into the document before. */
export const newMark = (): string => randomBytes(6).toString('hex')

/** The data between two lines that carry the mark. */
export function fence(kind: string, lines: readonly string[], mark: string): string {
  const inside = lines.map((line) => line.replaceAll(mark, '')).join('\n')
  return `⟦${kind} ${mark}⟧\n${inside}\n⟦/${kind} ${mark}⟧`
}
