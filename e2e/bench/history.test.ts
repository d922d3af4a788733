import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { Frontier } from '#server/rooms/frontier.ts'
import { inspect } from '#server/rooms/inspector.ts'
import { writeHistory } from './history.ts'
import { EDITS } from './scenarios/cold-join.ts'
import { Typist } from './typist.ts'

test('[C57] the history of the bench is the same wherever it is written, and another by another seed', () => {
  const first = writeHistory({ seed: 7, edits: 3_000 })
  const again = writeHistory({ seed: 7, edits: 3_000 })
  const other = writeHistory({ seed: 8, edits: 3_000 })

  expect(Buffer.from(again.state).equals(first.state)).toBe(true)
  expect(again.updates.map(({ length }) => length)).toEqual(
    first.updates.map(({ length }) => length),
  )
  expect(Buffer.from(other.state).equals(first.state)).toBe(false)
  expect(first.edits).toBe(3_000)
})

test('[C58] the history of the bench is as large as the real one that it stands for', () => {
  const { state, updates } = writeHistory({ seed: 1, edits: EDITS })
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)

  expect(state.length / 1024).toBeGreaterThan(245)
  expect(state.length / 1024).toBeLessThan(265)
  expect(Y.encodeStateVector(doc).length).toBeGreaterThan(100)
  const left = Y.decodeUpdate(state).structs.reduce(
    (sum, struct) => sum + ('deleted' in struct && struct.deleted ? 0 : struct.length),
    0,
  )
  expect(left).toBeGreaterThan(100_000)
})

test('[C59] every update that the bench writes is one that the inspector lets in', () => {
  const doc = new Y.Doc()
  const owners = new Map<number, string>()
  const frontier = new Frontier({ doc, owners })
  const typist = new Typist(77)
  const { updates } = writeHistory({ seed: 3, edits: 4_000 })
  const all = [typist.begin(), typist.type('x'), typist.type('pasted text'), ...updates]

  for (const update of all) {
    const verdict = inspect(update, frontier, 'ada')
    expect(verdict).toMatchObject({ ok: true, nothingNew: false })
    Y.applyUpdate(doc, update)
    if (verdict.ok) for (const client of verdict.newClients) owners.set(client, 'ada')
  }
  expect(doc.store.pendingStructs).toBeNull()
  expect(Y.getState(doc.store, 77)).toBe(typist.clock)
})
