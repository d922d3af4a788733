import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as Y from 'yjs'
import { installMinimalFormat, uninstallMinimalFormat } from './minimal-format.ts'

/** A text of three runs, the middle one flagged, and what edits cost in it. */
function threeRuns() {
  const doc = new Y.Doc()
  const text = doc.get('text', Y.XmlText) as Y.XmlText
  text.insert(0, 'abc')
  text.insert(3, '<0>', { s_sg: 'ins:r.1' })
  text.insert(6, 'def', { s_sg: null })
  return { doc, text }
}

/** What `$updateYText` does for these runs after each keystroke. */
const restate = (text: Y.XmlText, ...runs: [number, Record<string, unknown>][]) =>
  text.applyDelta(
    runs.map(([retain, attributes], i) => ({
      retain,
      attributes: { s_sg: null, i: null, p: null, ...attributes, ...(i > 0 && { i }) },
    })),
  )

describe('minimal format', () => {
  beforeEach(installMinimalFormat)
  afterEach(uninstallMinimalFormat)

  test('[C1] a keystroke that changes no format writes no format', () => {
    const { doc, text } = threeRuns()
    const before = Y.encodeStateVector(doc)

    restate(text, [3, {}], [3, { s_sg: 'ins:r.1' }], [3, {}])

    expect(Y.encodeStateVector(doc)).toEqual(before)
    expect(Y.encodeStateAsUpdate(doc, before)).toHaveLength(2)
  })

  test('[C1] what differs is formatted, and nothing around it', () => {
    const { text } = threeRuns()

    restate(text, [3, {}], [2, { s_sg: 'ins:r.1', p: { __format: 1 } }], [1, { s_sg: 'ins:r.1' }])

    expect(text.toDelta()).toEqual([
      { insert: 'abc' },
      { insert: '<0', attributes: { s_sg: 'ins:r.1', p: { __format: 1 } } },
      { insert: '>', attributes: { s_sg: 'ins:r.1' } },
      { insert: 'def' },
    ])
  })

  test('[C1] neighbours that are otherwise equal stay two nodes', () => {
    const { text } = threeRuns()

    restate(text, [1, {}], [2, {}], [3, { s_sg: 'ins:r.1' }], [3, {}])

    expect(text.toDelta().map((part: { insert: string }) => part.insert)).toEqual([
      'a',
      'bc',
      '<0>',
      'def',
    ])
  })

  test('[C1] a delta that inserts is left to Yjs', () => {
    const { text } = threeRuns()

    text.applyDelta([{ retain: 3 }, { insert: 'X', attributes: { p: { __format: 2 } } }])

    expect(text.toDelta()[1]).toEqual({ insert: 'X', attributes: { p: { __format: 2 } } })
  })

  test('[C1] a text that is in no document yet keeps its runs', () => {
    const doc = new Y.Doc()
    const text = new Y.XmlText()
    text.insert(0, 'ab')

    restate(text, [1, {}], [1, { p: { __format: 1 } }])
    doc.get('root', Y.XmlElement).insert(0, [text])

    expect(text.toDelta()).toEqual([
      { insert: 'a' },
      { insert: 'b', attributes: { p: { __format: 1 } } },
    ])
  })
})

test('[C2] the function of Lexical that this override is made for has not changed', () => {
  const source = readFileSync(
    fileURLToPath(import.meta.resolve('@lexical/yjs')).replace(/dist\/[^/]+$/, 'src/SyncV2.ts'),
    'utf8',
  )
  const body = /^const \$updateYText = [\s\S]*?^};/m.exec(source)?.[0] ?? ''

  expect(createHash('sha256').update(body).digest('hex')).toBe(
    '6e62039a44b63f7695b7a1951ad0b162d462b84a6b7bfd0f2fa0df4b9e401b77',
  )
})
