/** Takes filler out of English sentences by rules that cannot change what they say. */

const SHORTER: [string, string][] = [
  ['in order to', 'to'],
  ['so as to', 'to'],
  ['due to the fact that', 'because'],
  ['owing to the fact that', 'because'],
  ['in view of the fact that', 'because'],
  ['in spite of the fact that', 'although'],
  ['despite the fact that', 'although'],
  ['in the event that', 'if'],
  ['at this point in time', 'now'],
  ['at the present time', 'now'],
  ['in the near future', 'soon'],
  ['prior to', 'before'],
  ['subsequent to', 'after'],
  ['with regard to', 'about'],
  ['with respect to', 'about'],
  ['in relation to', 'about'],
  ['for the purpose of', 'for'],
  ['has the ability to', 'can'],
  ['have the ability to', 'can'],
  ['is able to', 'can'],
  ['are able to', 'can'],
  ['a large number of', 'many'],
  ['a number of', 'some'],
  ['the majority of', 'most'],
  ['in addition to', 'besides'],
  ['on a regular basis', 'regularly'],
  ['on a daily basis', 'daily'],
  ['until such time as', 'until'],
  ['each and every', 'every'],
  ['first and foremost', 'first'],
  ['utilize', 'use'],
  ['utilizes', 'uses'],
  ['utilized', 'used'],
  ['utilizing', 'using'],
  ['utilise', 'use'],
  ['utilises', 'uses'],
  ['utilised', 'used'],
  ['utilising', 'using'],
  ['commence', 'start'],
  ['commences', 'starts'],
  ['commenced', 'started'],
  ['endeavour to', 'try to'],
  ['facilitate', 'help'],
  ['approximately', 'about'],
  ['sufficient', 'enough'],
  ['it should be noted that', ''],
  ['it is important to note that', ''],
  ['it is worth noting that', ''],
  ['please note that', ''],
  ['needless to say,', ''],
  ['as a matter of fact,', ''],
  ['for all intents and purposes', ''],
  ['basically,', ''],
  ['actually,', ''],
  ['in my opinion,', ''],
]

const RULES = SHORTER.map(([long, short]) => ({
  pattern: new RegExp(`(?<![\\p{L}\\p{N}'’-])${long}(?![\\p{L}\\p{N}'’-])`, 'giu'),
  short,
}))

/** Stands where something was replaced, until the words around it are put right. */
const SEAM = '\uE001'

/** The sentence without its filler; the same sentence where there is none. */
export function tighten(sentence: string): string {
  let text = sentence
  for (const { pattern, short } of RULES)
    text = text.replace(pattern, (found) => SEAM + (isCapital(found) ? capital(short) : short))
  if (text === sentence) return sentence
  text = text
    .replace(/\b(a)n? \uE001 ?(?=(\p{L}))/giu, (_, a: string, next: string) =>
      /[aeiou]/i.test(next) ? `${a}n ` : `${a} `,
    )
    .replaceAll(SEAM, '')
    .replace(/ {2,}/g, ' ')
    .replace(/ +([.,;:!?])/g, '$1')
    .trim()
  return isCapital(sentence) ? capital(text) : text
}

const isCapital = (text: string): boolean => /^\p{Lu}/u.test(text)
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
