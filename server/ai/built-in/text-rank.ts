/**
 * Which sentences say most about a text: TextRank over shared words, with a lean to the beginning.
 * Deterministic, and every result is a sentence that stands in the text.
 */
import { wordsOf } from '../passages.ts'

/** English words that say nothing about what a text is about. */
const STOP_WORDS = new Set(
  (
    'a an and are as at be but by for from has have he her his i if in into is it its me my not of ' +
    'on or our she so that the their them then there these they this to was we were what when ' +
    'which who will with would you your can could should do does did than too very also just over ' +
    'such more most may one been had all any each other some about after because how many'
  ).split(' '),
)
const DAMPING = 0.85
const ROUNDS = 30
/** Sentences that share more of their words than this say the same. */
const SAME = 0.7

const stem = (word: string): string => word.replace(/ies$/, 'y').replace(/(?:ing|ed|es|s|ly)$/, '')

export function keywords(text: string): string[] {
  return wordsOf(text)
    .filter((word) => word.length > 1 && !STOP_WORDS.has(word))
    .map(stem)
}

/** Indexes of the `count` most telling sentences, in the order of the text. */
export function mostTelling(sentences: readonly string[], count: number): number[] {
  const bags = sentences.map((sentence) => new Set(keywords(sentence)))
  const scores = rank(sentences)
  const picked: number[] = []
  const best = scores.map((_, at) => at).sort((a, b) => scores[b]! - scores[a]! || a - b)
  for (const at of best) {
    if (picked.length >= count) break
    if (!picked.some((other) => overlap(bags[at]!, bags[other]!) > SAME)) picked.push(at)
  }
  return picked.sort((a, b) => a - b)
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((word) => b.has(word)).length
  return shared / Math.max(1, Math.min(a.size, b.size))
}

function rank(sentences: readonly string[]): number[] {
  const vectors = vectorsOf(sentences)
  const edges = similarities(vectors)
  const weights = edges.map((edge) => [...edge.values()].reduce((sum, value) => sum + value, 0))
  const count = sentences.length
  let scores: number[] = Array(count).fill(1 / count)
  for (let round = 0; round < ROUNDS; round++) {
    const next: number[] = Array(count).fill((1 - DAMPING) / count)
    edges.forEach((edge, from) => {
      for (const [to, value] of edge)
        next[to]! += (DAMPING * scores[from]! * value) / weights[from]!
    })
    scores = next
  }
  return scores.map((score, at) => {
    const short = vectors[at]!.size < 4 ? 0.4 : 1
    return score * (1 + 0.6 * Math.exp(-at / 3)) * short
  })
}

/** Words with their weight, each vector of length one. */
function vectorsOf(sentences: readonly string[]): Map<string, number>[] {
  const bags = sentences.map((sentence) => {
    const bag = new Map<string, number>()
    for (const word of keywords(sentence)) bag.set(word, (bag.get(word) ?? 0) + 1)
    return bag
  })
  const holders = new Map<string, number>()
  for (const bag of bags)
    for (const word of bag.keys()) holders.set(word, (holders.get(word) ?? 0) + 1)
  return bags.map((bag) => {
    const vector = [...bag].map(
      ([word, count]) => [word, count * Math.log(1 + bags.length / holders.get(word)!)] as const,
    )
    const length = Math.hypot(...vector.map(([, weight]) => weight)) || 1
    return new Map(vector.map(([word, weight]) => [word, weight / length]))
  })
}

/** Only pairs that share a word are looked at, so that long texts stay cheap. */
function similarities(vectors: readonly Map<string, number>[]): Map<number, number>[] {
  const edges = vectors.map(() => new Map<number, number>())
  const holders = new Map<string, number[]>()
  vectors.forEach((vector, at) => {
    for (const [word, weight] of vector) {
      const earlier = holders.get(word) ?? []
      for (const other of earlier) {
        const both = weight * vectors[other]!.get(word)!
        edges[at]!.set(other, (edges[at]!.get(other) ?? 0) + both)
        edges[other]!.set(at, (edges[other]!.get(at) ?? 0) + both)
      }
      holders.set(word, [...earlier, at])
    }
  })
  return edges
}

/** Phrases of two or three words that come up more than once, the most frequent first. */
export function keyPhrases(text: string, count: number): string[] {
  const found = new Map<string, number>()
  for (const clause of text.toLowerCase().split(/[^\p{L}\p{N}\s'’-]+|\n/u)) {
    let run: string[] = []
    for (const word of [...wordsOf(clause), '']) {
      if (word !== '' && !STOP_WORDS.has(word) && !/^\d+$/.test(word)) run.push(word)
      else {
        for (let size = 2; size <= 3; size++)
          for (let at = 0; at + size <= run.length; at++) {
            const phrase = run.slice(at, at + size).join(' ')
            found.set(phrase, (found.get(phrase) ?? 0) + 1)
          }
        run = []
      }
    }
  }
  const picked: string[] = []
  const best = [...found].filter(([, times]) => times > 1).sort((a, b) => b[1] - a[1])
  for (const [phrase] of best) {
    if (picked.length >= count) break
    if (!picked.some((other) => other.includes(phrase) || phrase.includes(other)))
      picked.push(phrase)
  }
  return picked
}
