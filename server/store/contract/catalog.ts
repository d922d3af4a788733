/** The contract: documents as people list them, and the guests. */
import { expect, test } from 'vitest'
import type { DocumentStore } from '../document-store.ts'
import { bytes, commitOne, makeDocument, type OpenStore, withPlan, writing } from './harness.ts'

export function catalogContract(open: OpenStore): void {
  test('[D1] a new document has its first content as update 1, and is private to its owner', async () => {
    await using harness = await open()

    const row = await harness.store.createDocument({
      id: 'plan',
      owner: 'ada',
      title: 'The plan',
      first: bytes('first'),
      client: 4_294_967_295,
    })

    const { createdAt } = row
    expect(row).toEqual({
      id: 'plan',
      owner: 'ada',
      title: 'The plan',
      linkRole: 'none',
      state: 'active',
      epoch: 1,
      head: 1,
      eventHead: 0,
      bytes: 5,
      createdAt,
      updatedAt: createdAt,
    })
    expect(Math.abs(Date.now() - createdAt)).toBeLessThan(60_000)
    expect(await harness.store.getDocument('plan')).toEqual(row)
    expect(await harness.store.load('plan')).toEqual({
      row,
      snapshot: undefined,
      updates: [{ seq: 1, actor: 'ada', data: bytes('first') }],
      clients: new Map([[4_294_967_295, 'ada']]),
      chunks: [],
    })
  })

  test('[D2] an id is given once: the second document or user is a conflict and changes nothing', async () => {
    await using harness = await open()
    const row = await makeDocument(harness.store, 'plan')
    const user = await harness.store.createUser({ id: 'ada', name: 'Ada', color: '#112233' })

    const again = harness.store.createDocument({
      id: 'plan',
      owner: 'ben',
      title: 'Mine',
      first: bytes('other'),
      client: 2,
    })
    await expect(again).rejects.toMatchObject({ code: 'conflict' })
    const other = harness.store.createUser({ id: 'ada', name: 'Eve', color: '#000000' })
    await expect(other).rejects.toMatchObject({ code: 'conflict' })

    expect((await harness.store.load('plan'))?.row).toEqual(row)
    expect(await harness.store.getUser('ada')).toEqual(user)
  })

  test('[H112] many users and documents are looked up at once, and who is not there is left out', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await store.createUser({ id: 'ada', name: 'Ada', color: '#222222' })
    const ids = { users: ['ada', 'none', 'ada'], documents: ['none', 'plan'] }

    const { users, documents } = await store.lookUp(ids)
    const nobody = await store.lookUp({ users: [], documents: [] })

    expect([...users]).toEqual([['ada', await store.getUser('ada')]])
    expect([...documents]).toEqual([['plan', await store.getDocument('plan')]])
    expect(nobody).toEqual({ users: new Map(), documents: new Map() })
  })

  test('[D3] what is not there is undefined, and not an empty something', async () => {
    await using harness = await open()

    expect(await harness.store.getDocument('none')).toBeUndefined()
    expect(await harness.store.load('none')).toBeUndefined()
    expect(await harness.store.updatesAfter('none', 1, 0)).toBeUndefined()
    expect(await harness.store.changeDocument('none', { title: 'x' })).toBeUndefined()
    expect(await harness.store.getRun('none')).toBeUndefined()
    expect(await harness.store.getUser('none')).toBeUndefined()
    expect(await harness.store.changeUser('none', { name: 'x' })).toBeUndefined()
    await expect(harness.store.firstEvent('none')).rejects.toMatchObject({ code: 'not-found' })
    await expect(harness.store.visit('none', 'ada')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('[D4] a list has what one owns and what one opened by a link that still works', async () => {
    await using harness = await open()
    const { store } = harness
    await makeDocument(store, 'mine')
    await makeDocument(store, 'deleted')
    await store.changeDocument('deleted', { state: 'deleted' })
    for (const id of ['shared', 'shut', 'never-opened']) {
      await makeDocument(store, id, 'ben')
      await store.changeDocument(id, { linkRole: 'view' })
    }
    await store.visit('shared', 'ada')
    await store.visit('shared', 'ada')
    await store.visit('shut', 'ada')
    await store.changeDocument('shut', { linkRole: 'none' })

    expect((await idsOf(store, { user: 'ada', limit: 10 })).sort()).toEqual(['mine', 'shared'])
  })

  test('[D5] a list is newest change first, in pages that neither repeat nor miss', async () => {
    await using harness = await open()
    const { store } = harness
    const made = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    for (const id of made) await makeDocument(store, id)
    await harness.execute(`update documents set updated_at = 5000 where id in ('b', 'c', 'd')`)
    await commitOne(store, { ...writing(['x']), document: 'a' })

    const all = await store.listDocuments({ user: 'ada', limit: 100 })
    const paged: string[] = []
    for (;;) {
      const after = all.find(({ id }) => id === paged.at(-1))
      const page = await idsOf(store, { user: 'ada', limit: 2, ...(after && { after }) })
      paged.push(...page)
      if (page.length < 2) break
    }

    expect(all[0]?.id).toBe('a')
    expect(all.slice(-3).map(({ id }) => id)).toEqual(['d', 'c', 'b'])
    expect(paged).toEqual(all.map(({ id }) => id))
    expect([...paged].sort()).toEqual(made)
  })

  test('[D6] a search is a part of the title, in any case, with no character that means more', async () => {
    await using harness = await open()
    const { store } = harness
    for (const [id, title] of Object.entries({ a: 'ÜBER 100%', b: 'über_uns', c: 'Überuns\\' })) {
      await store.createDocument({ id, owner: 'ada', title, first: bytes('x'), client: 1 })
    }
    const search = async (query: string) =>
      (await idsOf(store, { user: 'ada', query, limit: 10 })).sort()

    expect(await search('über')).toEqual(['a', 'b', 'c'])
    expect(await search('%')).toEqual(['a'])
    expect(await search('R_U')).toEqual(['b'])
    expect(await search('\\')).toEqual(['c'])
    expect(await search("'; drop table documents; --")).toEqual([])
    await store.changeDocument('a', { title: 'Lunch' })
    expect(await search('LUNCH')).toEqual(['a'])
  })

  test('[D7] a change of a document changes what it names; a deleted one changes no more', async () => {
    await using harness = await open()
    const { store } = harness
    const before = await makeDocument(store, 'plan')

    expect(await store.changeDocument('plan', {})).toEqual(before)
    expect(await store.changeDocument('plan', { title: 'B' })).toEqual({ ...before, title: 'B' })
    const after = { ...before, title: 'B', linkRole: 'edit', state: 'deleted' }
    expect(await store.changeDocument('plan', { linkRole: 'edit', state: 'deleted' })).toEqual(
      after,
    )
    expect(await store.changeDocument('plan', { title: 'C' })).toBeUndefined()
    expect(await store.changeDocument('plan', {})).toBeUndefined()
    expect(await store.getDocument('plan')).toEqual(after)
  })

  test('[D8] a guest has a name and a colour, and changes them', async () => {
    await using harness = await open()
    const { store } = harness

    const ada = await store.createUser({ id: 'ada', name: 'Ada 🦊', color: '#112233' })

    expect(ada).toEqual({ id: 'ada', name: 'Ada 🦊', color: '#112233', createdAt: ada.createdAt })
    expect(await store.changeUser('ada', {})).toEqual(ada)
    expect(await store.changeUser('ada', { color: '#445566' })).toEqual({
      ...ada,
      color: '#445566',
    })
    expect(await store.changeUser('ada', { name: 'Countess' })).toMatchObject({ name: 'Countess' })
  })

  test('[D9] a probe writes, and after close every call is unavailable', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)

    await store.probe()
    await store.probe()
    const last = store.getDocument('plan')
    await store.close()
    await store.close()

    expect((await last)?.id).toBe('plan')
    await expect(store.probe()).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.commit([writing(['late'])])).rejects.toMatchObject({ code: 'unavailable' })
  })
}

async function idsOf(
  store: DocumentStore,
  query: Parameters<DocumentStore['listDocuments']>[0],
): Promise<string[]> {
  return (await store.listDocuments(query)).map(({ id }) => id)
}
