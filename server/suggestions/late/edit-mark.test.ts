/** An update of the log tells whether it is what one edit did, and every Yjs reads it as before. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { isMarked, markEdit, unmark } from './edit-mark.ts'

/** Two people's words; each step deletes some of them, or writes, in one update. */
const steps = fc.array(
  fc.record({
    who: fc.constantFrom(1, 2_000_000_000),
    deletes: fc.array(fc.record({ at: fc.nat(30), length: fc.nat(4) }), { maxLength: 3 }),
    writes: fc.string({ maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 8 },
)

type Steps = typeof steps extends fc.Arbitrary<infer One> ? One : never

function updatesOf(script: Steps): Uint8Array[] {
  const doc = new Y.Doc()
  const updates: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => updates.push(update))
  for (const { who, deletes, writes } of script) {
    doc.clientID = who
    const text = doc.getText('text')
    doc.transact(() => {
      for (const { at, length } of deletes) {
        const from = Math.min(at, text.length)
        text.delete(from, Math.min(length, text.length - from))
      }
      text.insert(Math.floor(text.length / 2), writes)
    })
  }
  return updates
}

const tell = (update: Uint8Array) => isMarked(update, Y.decodeUpdate(update).ds)

test('[M35] an edit that deletes says in its row that it is one edit; no Yjs says so, and each reads it as before', () => {
  const marks = { set: 0, none: 0 }
  fc.assert(
    fc.property(steps, (script) => {
      const updates = updatesOf(script)
      const marked = updates.map(markEdit)
      const [plain, told] = [new Y.Doc(), new Y.Doc()]
      for (const [n, update] of updates.entries()) {
        const deletes = Y.decodeUpdate(update).ds.clients.size > 0
        marks[deletes ? 'set' : 'none']++
        expect(tell(update)).toBe(false)
        expect(tell(marked[n]!)).toBe(deletes)
        if (!deletes) expect(marked[n]).toEqual(update)
        expect(Y.decodeUpdate(marked[n]!)).toEqual(Y.decodeUpdate(update))
        expect(tell(markEdit(marked[n]!))).toBe(deletes)
        expect(Y.decodeUpdate(unmark(marked[n]!))).toEqual(Y.decodeUpdate(update))
        expect(tell(unmark(marked[n]!))).toBe(false)
        Y.applyUpdate(plain, update)
        Y.applyUpdate(told, marked[n]!)
      }
      expect(Y.encodeStateAsUpdate(told)).toEqual(Y.encodeStateAsUpdate(plain))
      if (marked.length > 1) expect(tell(Y.mergeUpdates(marked))).toBe(false)
      if (marked.length > 1) expect(Y.mergeUpdates(marked)).toEqual(Y.mergeUpdates(updates))
    }),
    { seed: 35, numRuns: 40 },
  )
  expect(Math.min(marks.set, marks.none)).toBeGreaterThan(5)
})
