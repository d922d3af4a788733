/**
 * KnownTexts remembers the sentences and words of texts, for who reads a document again and again:
 * those of 5,000 blocks take a second to find, for each window of a rewrite.
 */
import type { Sentence } from '#shared/document/sentences.ts'

export class KnownTexts {
  readonly #sentences = new Map<string, readonly Sentence[]>()
  readonly #words = new Map<string, ReadonlyMap<string, number>>()

  sentences(text: string, find: (text: string) => Sentence[]): readonly Sentence[] {
    return remembered(this.#sentences, text, find)
  }

  /** How often a text has each of its words. */
  words(text: string, count: (text: string) => Map<string, number>): ReadonlyMap<string, number> {
    return remembered(this.#words, text, count)
  }
}

function remembered<T>(known: Map<string, T>, text: string, find: (text: string) => T): T {
  const found = known.get(text) ?? find(text)
  known.set(text, found)
  return found
}
