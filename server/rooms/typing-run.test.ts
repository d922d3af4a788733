import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { firstRun, joined } from './typing-run.ts'

interface Stroke {
  writer: number
  kind: 'on' | 'jump' | 'erase' | 'paste' | 'bold'
  at: number
  hear: boolean
}

const stroke: fc.Arbitrary<Stroke> = fc.record({
  writer: fc.nat(1),
  kind: fc.constantFrom('on', 'on', 'on', 'on', 'jump', 'erase', 'paste', 'bold'),
  at: fc.nat(1000),
  hear: fc.boolean(),
})

/** Two who type in one text, and what each sent, in order. */
function written(strokes: readonly Stroke[]) {
  const first = new Y.Doc()
  first.getText('t').insert(0, 'begin')
  const writers = [1, 2].map((clientID) => {
    const doc = new Y.Doc()
    doc.clientID = clientID
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(first))
    const sent: Uint8Array[] = []
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin !== 'heard') sent.push(update)
    })
    return { doc, sent, cursor: 0 }
  })
  for (const { writer, kind, at, hear } of strokes) {
    const one = writers[writer]!
    const text = one.doc.getText('t')
    if (hear) Y.applyUpdate(one.doc, Y.encodeStateAsUpdate(writers[1 - writer]!.doc), 'heard')
    if (kind !== 'on') one.cursor = at % (text.length + 1)
    one.cursor = Math.min(one.cursor, text.length)
    if (kind === 'erase' && one.cursor > 0) text.delete(--one.cursor, 1)
    else if (kind === 'bold') text.format(0, one.cursor, { bold: true })
    else {
      const typed = kind === 'paste' ? '🌍 ü世' : String.fromCharCode(97 + (at % 26))
      text.insert(one.cursor, typed)
      one.cursor += typed.length
    }
  }
  return { first, writers }
}

test('[R100] a run of typing as one update is the document that its key strokes are', () => {
  fc.assert(
    fc.property(fc.array(stroke, { maxLength: 60 }), (strokes) => {
      const { first, writers } = written(strokes)
      const [one, all] = [new Y.Doc(), new Y.Doc()]
      for (const doc of [one, all]) Y.applyUpdate(doc, Y.encodeStateAsUpdate(first))
      for (const { sent } of writers) {
        for (const update of sent) Y.applyUpdate(one, update)
        for (const update of joined(sent)) Y.applyUpdate(all, update)
      }
      expect(all.store.pendingStructs).toEqual(one.store.pendingStructs)
      expect(Y.encodeStateAsUpdate(all)).toEqual(Y.encodeStateAsUpdate(one))
      expect(all.getText('t').toDelta()).toEqual(one.getText('t').toDelta())
    }),
    { numRuns: 300 },
  )
})

test('[R101] a hundred letters in a row are one update of one item', () => {
  const doc = new Y.Doc()
  doc.getText('t').insert(0, 'x')
  const sent: Uint8Array[] = []
  doc.on('update', (update: Uint8Array) => sent.push(update))
  for (let n = 1; n <= 100; n++) doc.getText('t').insert(n, 'a')

  const { count, update } = firstRun(sent)

  expect(count).toBe(100)
  expect(Y.decodeUpdate(update).structs).toHaveLength(1)
})

test('[R102] what is no typing is left byte for byte as it came', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1 }), (updates) => {
      const looksTyped = updates.some(([clients, structs]) => clients === 1 && structs === 1)
      fc.pre(!looksTyped)
      expect(joined(updates)).toEqual(updates)
    }),
  )
})
