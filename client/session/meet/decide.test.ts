import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { decisionKey, decisionMap } from '#shared/document/shape.ts'
import { decide } from './decide.ts'

test('[S100] of an Accept and a Reject all right behind it the first stands, until it is taken back', () => {
  const doc = new Y.Doc()
  const said = (chunk: string, user: string) =>
    decisionMap(doc).get(decisionKey(chunk, user))?.decision

  decide(doc, ['a.1'], 'ada', 'accepted')
  decide(doc, ['a.1', 'a.2'], 'ada', 'rejected')
  expect([said('a.1', 'ada'), said('a.2', 'ada')]).toEqual(['accepted', 'rejected'])
  decide(doc, ['a.1'], 'ben', 'rejected')
  expect(said('a.1', 'ben')).toBe('rejected')

  decisionMap(doc).delete(decisionKey('a.1', 'ada'))
  decide(doc, ['a.1'], 'ada', 'rejected')
  expect(said('a.1', 'ada')).toBe('rejected')
})
