import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { skimmedClocks, updateClocks } from './update-clocks.ts'

const value = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc.integer(),
  fc.double({ noNaN: true }),
  fc.constantFrom(null, undefined, true, false),
  fc.array(fc.integer(), { maxLength: 4 }),
  fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer()), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  fc.uint8Array({ maxLength: 6 }),
)

const change = fc.record({
  writer: fc.nat(2),
  kind: fc.constantFrom('text', 'text', 'erase', 'bold', 'element', 'set', 'push', 'bytes'),
  at: fc.nat(),
  text: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }),
  value,
})

test('[R95] how far an update reaches is read from its bytes as Yjs reads it', () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), fc.nat(30), (changes, part) => {
      const whole = new Y.Doc()
      let odd = false
      let early = new Uint8Array([0])
      changes.forEach(({ writer, kind, at, text, value }, n) => {
        if (n === part) early = Y.encodeStateVector(whole) as typeof early
        const doc = new Y.Doc()
        doc.clientID = 2 ** 31 + writer
        Y.applyUpdate(doc, Y.encodeStateAsUpdate(whole))
        odd ||= kind === 'bytes' || value instanceof Uint8Array
        const body = doc.get('body', Y.XmlElement) as Y.XmlElement
        const line = doc.getText('line')
        if (kind === 'text') line.insert(at % (line.length + 1), text)
        else if (kind === 'erase' && line.length > 0) line.delete(at % line.length, 1)
        else if (kind === 'bold') line.format(0, line.length, { bold: text })
        else if (kind === 'element') body.insert(0, [new Y.XmlElement(text), new Y.XmlText(text)])
        else if (kind === 'set') doc.getMap('map').set(text, value)
        else if (kind === 'push') doc.getArray('list').push([value ?? null, text])
        else if (kind === 'bytes') doc.getArray('list').push([new Uint8Array([1, 2, 3])])
        Y.applyUpdate(whole, Y.encodeStateAsUpdate(doc))
      })
      for (const update of [Y.encodeStateAsUpdate(whole), Y.encodeStateAsUpdate(whole, early)]) {
        const clocks = Y.parseUpdateMeta(update).to
        expect(updateClocks(update)).toEqual(clocks)
        // What documents are made of is never left to Yjs.
        if (!odd) expect(skimmedClocks(update)).toEqual(clocks)
      }
    }),
    { numRuns: 500 },
  )
})
