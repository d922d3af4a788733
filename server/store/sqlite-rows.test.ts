/** What is known of users and documents without a question to the embedded database's thread. */
import { expect, test } from 'vitest'
import type { DocumentStore } from './document-store.ts'
import { KnownRows } from './sqlite-rows.ts'
import { openSqliteHarness } from './testing/sqlite-harness.ts'

type Ids = Parameters<DocumentStore['lookUp']>[0]
type Found = Awaited<ReturnType<DocumentStore['lookUp']>>

const ADA: Ids = { users: ['ada'], documents: [] }
const ada = (name: string): Found => ({
  users: new Map([['ada', { id: 'ada', name, color: '#222222', createdAt: 1 }]]),
  documents: new Map(),
})

test('[H195] a row is known once it was found, and not from the moment it may change', () => {
  const rows = new KnownRows()
  rows.ask(ADA)(ada('Ada'))
  expect(rows.lookUp(ADA)).toEqual(ada('Ada'))

  rows.change('changeUser', ['ada', { name: 'Countess' }])

  expect(rows.lookUp(ADA)).toBeUndefined()
})

test('[H195] what was found while a change was under way is not kept, nor what was asked before it', () => {
  const rows = new KnownRows()
  const before = rows.ask(ADA)
  const changed = rows.change('changeUser', ['ada', { name: 'Countess' }])
  const during = rows.ask(ADA)
  before(ada('Ada'))
  changed?.()
  during(ada('Ada'))
  expect(rows.lookUp(ADA)).toBeUndefined()

  rows.ask(ADA)(ada('Countess'))

  expect(rows.lookUp(ADA)).toEqual(ada('Countess'))
})

test('[H195] two changes at once are both waited for', () => {
  const rows = new KnownRows()
  const first = rows.change('changeDocument', ['plan', {}])
  const second = rows.change('commit', [[{ document: 'plan' }]])
  const plan: Ids = { users: [], documents: ['plan'] }
  const found = { users: new Map(), documents: new Map([['plan', { id: 'plan' }]]) }
  first?.()
  rows.ask(plan)(found as unknown as Found)
  expect(rows.lookUp(plan)).toBeUndefined()
  second?.()
  rows.ask(plan)(found as unknown as Found)
  expect(rows.lookUp(plan)).toEqual(found)
})

test('[H196] each look-up sees what was changed before it, whatever is known', async () => {
  await using harness = await openSqliteHarness()
  const { store } = harness
  await store.createUser({ id: 'ada', name: 'Ada', color: '#222222' })
  const first = new Uint8Array([0, 0])
  await store.createDocument({ id: 'plan', owner: 'ada', title: 'Plan', first, client: 1 })
  const look = () => store.lookUp({ users: ['ada'], documents: ['plan'] })
  const seen = async () => {
    const { users, documents } = await look()
    const { linkRole, head, state } = documents.get('plan')!
    return [users.get('ada')?.name, linkRole, head, state]
  }
  expect([await seen(), await seen()]).toEqual(Array(2).fill(['Ada', 'none', 1, 'active']))

  await store.changeUser('ada', { name: 'Countess' })
  await store.changeDocument('plan', { linkRole: 'edit' })
  expect(await seen()).toEqual(['Countess', 'edit', 1, 'active'])
  const updates = [{ actor: 'ada', data: first }]
  await store.commit([{ document: 'plan', epoch: 1, updates }])
  expect(await seen()).toEqual(['Countess', 'edit', 2, 'active'])

  // A question and a change at the same time: whichever it saw, the next one sees the change.
  const [, asked] = await Promise.all([store.changeDocument('plan', { state: 'deleted' }), look()])
  expect(asked.documents.size).toBe(1)
  expect(await seen()).toEqual(['Countess', 'edit', 2, 'deleted'])
})
