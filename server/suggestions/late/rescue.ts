/**
 * Rescue proposes words that came too late for a place which is gone without a copy: each piece as a
 * block of its own, in its writer's name, to be kept or dropped by anybody. It is a suggestion like
 * those of runs, in exports as well; only no run has written it.
 */
import { randomBytes } from 'node:crypto'
import * as Y from 'yjs'
import { idAt } from '#shared/document/characters.ts'
import {
  body,
  chunkId,
  FLAG,
  formatFlag,
  RESCUED,
  suggestionMap,
  suggestionOf,
} from '#shared/document/shape.ts'
import type { ChunkBook } from '../chunk-book.ts'
import type { StoredChunk } from '../types.ts'
import type { Piece } from './piece.ts'
import type { TextSpot } from './spots.ts'
import type { LateWriter, Proposal } from './writing/late-writer.ts'

export interface RescueDeps {
  book: ChunkBook
  writer: LateWriter
  /** What a person is called; empty where that is not known. */
  nameOf(user: string): string
}

/** Writes the pieces as blocks from this index on. To be called in a transaction. */
export function rescue(
  { book, writer, nameOf }: RescueDeps,
  pieces: readonly Piece[],
  index: number,
) {
  const { doc } = book
  const chunks = new Map<string, StoredChunk>()
  const chunkOf = (author: string): StoredChunk => {
    const known = chunks.get(author)
    if (known) return known
    const suggestion = randomBytes(9).toString('base64url')
    suggestionMap(doc).set(suggestion, {
      run: null,
      author,
      authorName: nameOf(author),
      kind: 'insert',
      command: RESCUED,
      title: 'Words whose place was deleted',
      status: 'finished',
      problem: null,
      createdAt: Date.now(),
    })
    const chunk = book.open(chunkId(suggestion, 1), 'block')
    chunks.set(author, chunk)
    return chunk
  }
  let at = index
  for (const { segments } of pieces) {
    const first = segments[0]
    if (!first) continue
    const { client, clock } = first.id
    const author = writer.ownerOf(client)
    // A pending chunk's own words stay its own.
    const chunk = book.ownership.owner('ins', client, clock) ?? chunkOf(author ?? '')
    const flag = formatFlag({ op: 'ins', chunk: chunk.id })
    owned(book, chunk, () => {
      const block = new Y.XmlElement('paragraph')
      const text = new Y.XmlText()
      writer.as(author, () => {
        block.setAttribute(FLAG, flag)
        block.insert(0, [text])
        body(doc).insert(at++, [block])
      })
      const flagged = segments.map(({ attributes, more, ...segment }) => ({
        ...segment,
        attributes: { ...(attributes ?? more), [FLAG]: flag },
      }))
      writer.write({ text, index: 0 }, flagged)
    })
  }
  for (const chunk of chunks.values()) book.complete(chunk)
}

/**
 * The undecided chunk of this author's rescued words in front of a spot, else behind it. What they typed
 * there key by key comes late key by key: of ` XYZ` only the space was proposed, the rest was just text.
 */
export function rescuedAt(
  book: ChunkBook,
  { text, index }: TextSpot,
  author: string | undefined,
): Proposal | undefined {
  for (const at of [index - 1, index]) {
    const id = at < 0 ? undefined : idAt(text, at)
    const chunk = id && book.ownership.owner('ins', id.client, id.clock)
    const entry = chunk && suggestionMap(book.doc).get(suggestionOf(chunk.id))
    if (!chunk || entry?.command !== RESCUED || entry.author !== author) continue
    return {
      flag: formatFlag({ op: 'ins', chunk: chunk.id }),
      own: ({ client, clock, length }) => book.own('ins', chunk, client, clock, clock + length),
    }
  }
  return undefined
}

/** Whatever `write` makes, by whomever, belongs to the chunk. */
function owned(book: ChunkBook, chunk: StoredChunk, write: () => void): void {
  const { store } = book.doc
  const before = new Map([...store.clients.keys()].map((one) => [one, Y.getState(store, one)]))
  write()
  for (const client of store.clients.keys()) {
    const [from, to] = [before.get(client) ?? 0, Y.getState(store, client)]
    if (to > from) book.own('ins', chunk, client, from, to)
  }
}
