/** Which texts speak of what is asked for: BM25 over the document's own blocks, nothing stored. */
import { KnownTexts } from './known-texts.ts'

const TERM_SATURATION = 1.2
const LENGTH_SHARE = 0.75
const segmenter = new Intl.Segmenter('en', { granularity: 'word' })

/** Words in lower case, in order. */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  for (const { segment, isWordLike } of segmenter.segment(text.toLowerCase()))
    if (isWordLike) words.push(segment)
  return words
}

/** Indexes of the texts that share words with the query, the best first. */
export function rankPassages(
  texts: readonly string[],
  query: string,
  known = new KnownTexts(),
): number[] {
  const bags = texts.map((text) => known.words(text, countWords))
  const sizes = bags.map((bag) => [...bag.values()].reduce((sum, count) => sum + count, 0))
  const average = sizes.reduce((sum, size) => sum + size, 0) / Math.max(1, sizes.length)
  const terms = [...new Set(wordsOf(query))].map((word) => {
    const holders = bags.filter((bag) => bag.has(word)).length
    return { word, rarity: Math.log(1 + (texts.length - holders + 0.5) / (holders + 0.5)) }
  })
  const scores = bags.map((bag, at) => {
    const norm = 1 - LENGTH_SHARE + (LENGTH_SHARE * sizes[at]!) / Math.max(1, average)
    return terms.reduce((sum, { word, rarity }) => {
      const count = bag.get(word) ?? 0
      return sum + (rarity * count * (TERM_SATURATION + 1)) / (count + TERM_SATURATION * norm)
    }, 0)
  })
  return scores
    .map((_, at) => at)
    .filter((at) => scores[at]! > 0)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
}

function countWords(text: string): Map<string, number> {
  const bag = new Map<string, number>()
  for (const word of wordsOf(text)) bag.set(word, (bag.get(word) ?? 0) + 1)
  return bag
}
