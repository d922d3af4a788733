import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { ChunkBook } from './chunk-book.ts'
import type { StoredChunk } from './types.ts'

const row = (more: Partial<StoredChunk> = {}): StoredChunk => ({
  id: 's.1',
  state: 'open',
  kind: 'sentence',
  ins: [{ client: 1, from: 0, to: 5 }],
  del: [],
  decidedBy: null,
  decidedAt: null,
  original: null,
  stale: null,
  ...more,
})

function bookWith(chunk: StoredChunk) {
  const book = new ChunkBook(new Y.Doc())
  book.restore([chunk])
  return { book, known: book.get(chunk.id)! }
}

test('[R87] what was adopted here and is not committed yet outlives rows that another instance wrote', () => {
  const { book, known } = bookWith(row())
  book.own('ins', known, 2, 0, 3)

  book.restore([row({ ins: [...row().ins, { client: 3, from: 7, to: 8 }] })])

  expect(book.get('s.1')).toBe(known)
  const all = [
    { client: 1, from: 0, to: 5 },
    { client: 2, from: 0, to: 3 },
    { client: 3, from: 7, to: 8 },
  ]
  expect(known.ins).toEqual(all)
  for (const { client, from } of all) expect(book.ownership.owner('ins', client, from)).toBe(known)
  expect(book.takeChanges()).toEqual([row({ ins: all })])
})

test('[R88] a chunk that was decided elsewhere is decided here, and what was adopted for it is not written over that', () => {
  const { book, known } = bookWith(row())
  book.own('ins', known, 2, 0, 3)
  const decided = row({ state: 'accepted', decidedBy: 'ben', decidedAt: 1 })

  expect(book.restore([decided])).toEqual([known])
  expect(book.restore([decided])).toEqual([])

  expect(book.get('s.1')).toBe(known)
  expect(known).toEqual(decided)
  expect(book.takeChanges()).toEqual([])
  expect(book.ownership.owner('ins', 2, 0)).toBeUndefined()
  expect(book.undecided()).toEqual([])
})
