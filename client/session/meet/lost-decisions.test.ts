import { expect, test } from 'vitest'
import * as Y from 'yjs'
import {
  type DecisionEntry,
  decisionKey,
  decisionMap,
  type SuggestionEntry,
  suggestionMap,
} from '#shared/document/shape.ts'
import {
  type LostDecision,
  LostDecisions,
  lostWords,
  watchLostDecisions,
} from './lost-decisions.ts'

/** Ada's page, and the server that hears her and is heard by her. */
function page() {
  const ada = new Y.Doc()
  const server = new Y.Doc()
  const lost: LostDecision[] = []
  watchLostDecisions(
    ada,
    () => 'ada',
    (one) => lost.push(one),
  )
  const meet = () => {
    Y.applyUpdate(server, Y.encodeStateAsUpdate(ada), 'ada')
    Y.applyUpdate(ada, Y.encodeStateAsUpdate(server), 'server')
  }
  return { ada, server, lost, meet }
}
const say = (doc: Y.Doc, user: string, decision: DecisionEntry['decision']) =>
  decisionMap(doc).set(decisionKey('s.1', user), { decision, at: 0 })

test('[G21] case 30.14: whose decision was lost is told to whom, and what was decided', () => {
  const { ada, server, lost, meet } = page()
  say(server, 'ben', 'rejected')
  say(ada, 'ada', 'accepted')
  meet()
  expect(lost).toEqual([])
  decisionMap(server).delete(decisionKey('s.1', 'ada'))
  meet()
  expect(lost).toEqual([{ chunk: 's.1', outcome: 'rejected', by: 'ben' }])
  expect(lostWords(lost[0]!, 'Ben')).toBe('Ben decided first: rejected.')
  expect(lostWords(lost[0]!, undefined)).toBe('Somebody decided first: rejected.')
})

test('[G21] a decision on a chunk that has become stale is told to be lost to the change', () => {
  const { ada, server, lost, meet } = page()
  say(ada, 'ada', 'accepted')
  meet()
  const stale = { kind: 'changed', by: { id: 'ben', name: 'Ben' }, original: '', proposal: '' }
  suggestionMap(server).set('s', {
    notes: { 1: { stale: { ...stale, spans: [], whole: false } } },
  } as unknown as SuggestionEntry)
  decisionMap(server).delete(decisionKey('s.1', 'ada'))
  meet()
  expect(lost).toEqual([{ chunk: 's.1', outcome: 'changed', by: 'ben' }])
  expect(lostWords(lost[0]!, 'Ben')).toMatch(/^Ben changed the text first/)
})

test('[G21] what one takes back oneself is not lost, and neither is another’s', () => {
  const { ada, server, lost, meet } = page()
  say(ada, 'ada', 'accepted')
  say(server, 'ben', 'accepted')
  meet()
  decisionMap(ada).delete(decisionKey('s.1', 'ada'))
  decisionMap(server).delete(decisionKey('s.1', 'ben'))
  meet()
  expect(lost).toEqual([])
})

test('[U4] case 30.14: when undo comes to a lost decision, it is said again who decided first', () => {
  const ada = new Y.Doc()
  const server = new Y.Doc()
  const names = new Map([['ben', 'Ben']])
  const lost = new LostDecisions(
    ada,
    () => 'ada',
    (user) => names.get(user),
  )
  const said = () => lost.told.get()?.sentence
  say(server, 'ben', 'rejected')
  say(ada, 'ada', 'accepted')
  Y.applyUpdate(server, Y.encodeStateAsUpdate(ada), 'ada')
  decisionMap(server).delete(decisionKey('s.1', 'ada'))
  Y.applyUpdate(ada, Y.encodeStateAsUpdate(server), 'server')
  expect(said()).toBe('Ben decided first: rejected.')
  decisionMap(server).delete(decisionKey('s.1', 'ben'))
  Y.applyUpdate(ada, Y.encodeStateAsUpdate(server), 'server')
  names.clear()

  lost.tellAgain(['s.0', 's.1'])
  expect(said()).toBe('Ben decided first: rejected. There was nothing to undo.')
  lost.tellAgain(['unheard.1'])
  expect(said()).toBe('Somebody decided first. There was nothing to undo.')
  lost.close()
})
