/** The contract: what is deleted stays for a while, and then goes for good; and kept answers. */
import { expect, test } from 'vitest'
import {
  aRun,
  commitOne,
  DAY_MS,
  makeDocument,
  type OpenStore,
  type StoreHarness,
  withPlan,
  wordsOf,
  writing,
} from './harness.ts'

const KEPT_MS = 30 * DAY_MS

const deleteAgo = async ({ store, execute }: StoreHarness, id: string, ms: number) => {
  await store.changeDocument(id, { state: 'deleted' })
  await execute(`update deletions set at = at - ${ms} where document_id = '${id}'`)
}

export function deletionContract(open: OpenStore): void {
  test('[D120] what was deleted comes back whole within its time, and not a moment later', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'old')
    const before = await store.getDocument('plan')
    await deleteAgo(harness, 'plan', KEPT_MS - 60_000)
    await deleteAgo(harness, 'old', KEPT_MS)

    expect((await idsOf(store)).sort()).toEqual(['plan'])
    expect(await store.restoreDocument('old', KEPT_MS)).toBeUndefined()
    expect(await store.restoreDocument('none', KEPT_MS)).toBeUndefined()
    expect(await store.restoreDocument('plan', KEPT_MS)).toEqual(before)
    expect(await store.restoreDocument('plan', KEPT_MS)).toBeUndefined()

    expect(await wordsOf(store, 'plan')).toEqual(['first'])
    expect((await commitOne(store, writing(['more']))).ok).toBe(true)
    expect((await store.getDocument('old'))?.state).toBe('deleted')
    expect(await idsOf(store)).toEqual([])
    // Deleted again its time begins anew.
    await store.changeDocument('plan', { state: 'deleted' })
    expect(await idsOf(store)).toEqual(['plan'])
  })

  test('[D121] those that can be restored are listed for their owner alone, the last deleted first', async () => {
    await using harness = await open()
    const { store } = harness
    for (const id of ['a', 'b', 'c']) await makeDocument(store, id)
    await makeDocument(store, 'theirs', 'ben')
    for (const [days, id] of [
      [3, 'a'],
      [1, 'b'],
      [2, 'theirs'],
    ] as const) {
      await deleteAgo(harness, id, days * DAY_MS)
    }

    expect(await idsOf(store)).toEqual(['b', 'a'])
    expect(await idsOf(store, 'ben')).toEqual(['theirs'])
    expect(await idsOf(store, 'ada', 1)).toEqual(['b'])
  })

  test('[D122] after its time it goes for good, in small steps, with all that hangs on it, and nothing else does', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'kept')
    await makeDocument(store, 'fresh')
    for (const document of ['plan', 'kept']) {
      for (let n = 0; n < 3; n++) await commitOne(store, { ...filled(n), document })
      await store.createRun(aRun({ id: `run-${document}`, document, key: 'k' }))
      await store.askStop(`run-${document}`, { id: 'ben', name: 'Ben' })
      await store.visit(document, 'ben')
      await store.putSnapshot(document, 1, 5, new Uint8Array([1]))
      await store.putSnapshot(document, 1, 8, new Uint8Array([2]))
    }
    const kept = await store.load('kept')
    await store.changeDocument('fresh', { state: 'deleted' })
    await deleteAgo(harness, 'plan', KEPT_MS + 1)

    const steps: number[] = []
    for (;;) {
      const gone = await store.purgeDeleted(KEPT_MS, 4)
      if (gone === 0) break
      steps.push(gone)
      // From the first step on there is no way back, however long the time is made.
      expect(await store.restoreDocument('plan', 1000 * KEPT_MS)).toBeUndefined()
    }

    expect(Math.max(...steps)).toBe(4)
    expect(steps.length).toBeGreaterThan(7)
    expect(await store.getDocument('plan')).toBeUndefined()
    expect(await store.getRun('run-plan')).toBeUndefined()
    expect(await store.answerTo('plan', 'k0')).toBeUndefined()
    expect(await store.load('kept')).toEqual(kept)
    expect(await store.answerTo('kept', 'k0')).toMatchObject({ data: 'told 0' })
    expect((await store.getDocument('fresh'))?.state).toBe('deleted')
    // The id is free: nothing of the old one turns up under it.
    await makeDocument(store, 'plan', 'eve')
    expect(await wordsOf(store, 'plan')).toEqual(['first'])
    expect(await store.eventsAfter('plan', 0, 10)).toEqual([])
  })

  test('[D123] of many who take away at once each row goes once, and the others’ documents stay', async () => {
    await using harness = await open()
    const { store } = harness
    for (const id of ['a', 'b', 'c', 'd']) {
      await makeDocument(store, id)
      await commitOne(store, { ...filled(1), document: id })
    }
    for (const id of ['a', 'b', 'c']) await deleteAgo(harness, id, KEPT_MS + 1)

    const worker = async () => {
      while ((await store.purgeDeleted(KEPT_MS, 1)) > 0);
    }
    await Promise.all([worker(), worker(), worker()])

    const { documents } = await store.lookUp({ users: [], documents: ['a', 'b', 'c', 'd'] })
    expect([...documents.keys()]).toEqual(['d'])
  })

  test('[D124] an answer is kept with the commit that it is about, the first one under a key, also over a restart', async () => {
    await using harness = await open()
    await withPlan(harness.store)
    const answer = { key: 'k', asked: 'accept', data: 'accepted' }

    const refused = { ...writing(['no'], { answer: { ...answer, key: 'other' } }), epoch: 9 }
    expect((await commitOne(harness.store, refused)).ok).toBe(false)
    expect((await commitOne(harness.store, writing(['yes'], { answer }))).ok).toBe(true)
    const later = writing([], { answer: { ...answer, data: 'rejected' } })
    expect((await commitOne(harness.store, later)).ok).toBe(true)
    await harness.reopen()

    expect(await harness.store.answerTo('plan', 'k')).toEqual(answer)
    expect(await harness.store.answerTo('plan', 'other')).toBeUndefined()
    expect(await harness.store.answerTo('none', 'k')).toBeUndefined()
    expect(await wordsOf(harness.store, 'plan')).toEqual(['first', 'yes'])
    expect(await harness.store.trimAnswers(DAY_MS)).toBe(0)
    expect(await harness.store.trimAnswers(-1000)).toBe(1)
    expect(await harness.store.answerTo('plan', 'k')).toBeUndefined()
  })
}

/** A commit with a row in every table that it can write. */
const filled = (n: number) =>
  writing([`a${n}`, `b${n}`, `c${n}`], {
    clients: [{ client: 100 + n, owner: 'ada' }],
    events: [{ type: 'run.delta', run: 'r', data: '{}' }],
    answer: { key: `k${n}`, asked: '', data: `told ${n}` },
    chunks: [
      {
        id: `s.${n}`,
        state: 'open',
        kind: 'block',
        ins: [],
        del: [],
        decidedBy: null,
        decidedAt: null,
        original: null,
        stale: null,
      },
    ],
  })

const idsOf = async (store: StoreHarness['store'], owner = 'ada', limit = 10) =>
  (await store.deletedDocuments({ owner, withinMs: KEPT_MS, limit })).map(({ id }) => id)
