import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { body, ROOT, seedEmpty } from '#shared/document/shape.ts'
import { providerOf, type SharedAwareness } from './presence.ts'

const user = { id: 'eve', name: 'Eve', color: '#aa2222' }

/** Where the others see the caret of somebody who says it is there. */
function shown(anchorPos: unknown) {
  const states = new Map([[7, { user, anchorPos, focusPos: anchorPos }]])
  const awareness = { getStates: () => states } as unknown as SharedAwareness
  return providerOf(awareness).awareness.getStates().get(7)
}

test('[V138] a caret that is nowhere is not drawn, and hurts nobody', () => {
  const doc = new Y.Doc()
  seedEmpty(doc)
  const real = Y.createRelativePositionFromTypeIndex(body(doc), 0)
  expect(shown(JSON.parse(JSON.stringify(real)))?.anchorPos).toBeTruthy()

  for (const bad of [
    'x',
    7,
    [],
    {},
    true,
    { type: 'x' },
    { item: { client: -1, clock: 0 } },
    { item: { client: 1, clock: 1e300 } },
    { item: {} },
    { tname: 'elsewhere' },
    { tname: { a: 1 } },
    { type: null, item: null, tname: null, assoc: 'x' },
  ]) {
    expect(shown(bad)?.anchorPos, JSON.stringify(bad)).toBeNull()
  }
  for (const foreign of [
    { type: { client: 999, clock: 1e9 }, tname: null, item: null, assoc: 0 },
    { type: null, tname: null, item: { client: doc.clientID, clock: 1e9 }, assoc: 0 },
    { type: null, tname: ROOT, item: null, assoc: -1 },
  ]) {
    const place = shown(foreign)?.anchorPos
    expect(() => Y.createAbsolutePositionFromRelativePosition(place as never, doc)).not.toThrow()
  }
})
