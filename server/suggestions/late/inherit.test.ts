/** This test has moves and rows become known in any order: what the room writes again stays proposed. */
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import type { MovedRange } from '#shared/document/moves.ts'
import { Suggestions } from '../suggestions.ts'
import type { StoredChunk } from '../types.ts'

const chunk = (id: string, client: number): StoredChunk => ({
  id,
  state: 'open',
  kind: 'sentence',
  ins: [{ client, from: 0, to: 4 }],
  del: [],
  decidedBy: null,
  decidedAt: null,
  original: null,
  stale: null,
})

const moved = (client: number, toClient: number): MovedRange => ({
  client,
  clock: 0,
  length: 4,
  toClient,
  toClock: 0,
})

test('[S104] what was moved twice before its row is read stays proposed, and rows may come one by one', () => {
  const suggestions = new Suggestions(new Y.Doc())
  const ownerOf = (client: number) => suggestions.book.ownership.owner('ins', client, 0)?.id

  suggestions.inherit([moved(1, 2)])
  suggestions.inherit([moved(2, 3)])
  suggestions.inherit([moved(5, 6)])
  suggestions.refresh([chunk('run.1', 1)])
  suggestions.refresh([chunk('run.2', 5)])

  expect([2, 3, 6].map(ownerOf)).toEqual(['run.1', 'run.1', 'run.2'])
  suggestions.destroy()
})
