/**
 * FormattedLogs makes logs in which people format, delete and insert in one line before they know of
 * each other: where Yjs, which tidies by what it sees at the moment, deletes other markers of one who
 * reads row by row than of one who reads all at once.
 */
import fc from 'fast-check'
import * as Y from 'yjs'
import { body, PROPERTIES } from '#shared/document/shape.ts'

const edit = fc.record({
  do: fc.constantFrom('bold', 'plain', 'erase', 'type'),
  at: fc.nat(3),
  length: fc.integer({ min: 1, max: 4 }),
})
type Edit = typeof edit extends fc.Arbitrary<infer One> ? One : never

/** The rows of a log: a line, and what each of some people did to it. */
export const formattedLogs: fc.Arbitrary<Uint8Array[]> = fc
  .array(edit, { minLength: 3, maxLength: 5 })
  .map((edits) => {
    const line = new Y.Doc()
    line.clientID = 1
    const paragraph = new Y.XmlElement('paragraph')
    body(line).insert(0, [paragraph])
    paragraph.insert(0, [new Y.XmlText('abcd')])
    const first = Y.encodeStateAsUpdate(line)
    return [first, ...edits.map((one, n) => edited(first, n + 2, one))]
  })

const textOf = (doc: Y.Doc) => (body(doc).get(0) as Y.XmlElement).get(0) as Y.XmlText

const BOLD = { [PROPERTIES]: { __format: 1 } }
const PLAIN = { [PROPERTIES]: null }

function edited(line: Uint8Array, client: number, { do: what, at, length }: Edit): Uint8Array {
  const doc = new Y.Doc()
  doc.clientID = client
  Y.applyUpdate(doc, line)
  const before = Y.encodeStateVector(doc)
  const text = textOf(doc)
  const some = Math.min(length, text.length - at)
  if (what === 'erase') text.delete(at, some)
  else if (what === 'type') text.insert(at, 'x', BOLD)
  else text.format(at, some, what === 'bold' ? BOLD : PLAIN)
  return Y.encodeStateAsUpdate(doc, before)
}

/** All that is deleted in a document. */
export const deletedIn = (doc: Y.Doc): string => sorted(Y.snapshot(doc).ds)

/** All that these rows delete, by their bytes: no document is made. */
export const deletedBy = (rows: readonly Uint8Array[]): string =>
  sorted(Y.decodeUpdate(Y.mergeUpdates([...rows])).ds)

const sorted = ({ clients }: ReturnType<typeof Y.snapshot>['ds']): string =>
  JSON.stringify([...clients].sort(([a], [b]) => a - b))
