/**
 * The words by which loss, doubling and resurrection are counted: each is written once and never
 * again. People write `h<person>x<n>`, the model `m<n>`.
 */
import type * as Y from 'yjs'
import { type Block, blockText } from '#shared/document/blocks.ts'
import { readBlocks } from '#shared/document/read-blocks.ts'

export const personsWord = (person: number, n: number): string => `h${person}x${n}`

/** What the scripted model says: so many sentences, each with its number. */
export const modelText = (sentences: number): string =>
  Array.from({ length: sentences }, (_, at) => `The token m${at + 1} comes.`).join(' ')

/** People's words in a document, in order, with what is provisional. */
export const personsWords = (doc: Y.Doc): string[] =>
  readBlocks(doc, 'inline').flatMap((block) => wordsIn(blockText(block)))

export const wordsIn = (text: string): string[] => text.match(/h\d+x\d+(?=\s)/g) ?? []

/** Numbers of the model's tokens in a text. */
export const tokensIn = (text: string): number[] =>
  [...text.matchAll(/m(\d+)(?=\s)/g)].map(([, n]) => Number(n))

/** What is still there of the text of one Yjs client, in the document's order. */
export function textBy(doc: Y.Doc, client: number): string {
  return readBlocks(doc, 'inline')
    .map((block) => partBy(block, client))
    .join('')
}

function partBy({ inlines }: Block, client: number): string {
  let found = ''
  for (const inline of inlines) {
    if (inline.kind !== 'text') continue
    let at = 0
    for (const span of inline.spans) {
      if (span.client === client) found += inline.text.slice(at, at + span.length)
      at += span.length
    }
  }
  return found
}
