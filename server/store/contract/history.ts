/** The contract: reading the log on, snapshots, and what may be thrown away. */
import { expect, test } from 'vitest'
import type { DocumentStore } from '../document-store.ts'
import {
  bytes,
  commitOne,
  DAY_MS,
  makeDocument,
  type OpenStore,
  text,
  withPlan,
  wordsOf,
  writing,
} from './harness.ts'

export function historyContract(open: OpenStore): void {
  test('[D21] the log is read on from any place, and never across an epoch', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing(['two', 'three']))

    const after = async (seq: number, epoch = 1) =>
      (await store.updatesAfter('plan', epoch, seq))?.map((one) => [one.seq, text(one.data)])

    expect(await after(0)).toEqual([
      [1, 'first'],
      [2, 'two'],
      [3, 'three'],
    ])
    expect(await after(2)).toEqual([[3, 'three']])
    expect(await after(3)).toEqual([])
    expect(await after(4)).toBeUndefined()
    expect(await after(0, 2)).toBeUndefined()
  })

  test('[D22] heads answers for all that are there, and leaves out the rest', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'other')
    await makeDocument(store, 'deleted')
    await store.changeDocument('deleted', { state: 'deleted' })
    await commitOne(store, writing(['x'], { events: [{ type: 't', run: 'r', data: '' }] }))

    const missing = Array.from({ length: 3000 }, (_, at) => `none-${at}`)
    const heads = await store.heads(['plan', ...missing, 'other', 'deleted'])

    expect(heads).toEqual(
      new Map([
        ['plan', { epoch: 1, head: 2, eventHead: 1 }],
        ['other', { epoch: 1, head: 1, eventHead: 0 }],
      ]),
    )
    expect(await store.heads([])).toEqual(new Map())
  })

  test('[D23] a document loads from its newest snapshot and the log after it', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing(['two', 'three', 'four']))

    expect(await store.putSnapshot('plan', 1, 1, bytes('S1'))).toBe(true)
    expect(await store.putSnapshot('plan', 1, 3, bytes('S3'))).toBe(true)
    await harness.reopen()

    const loaded = await harness.store.load('plan')
    expect(loaded?.snapshot).toEqual({ seq: 3, data: bytes('S3') })
    expect(loaded?.updates.map(({ seq }) => seq)).toEqual([4])
    expect(loaded?.row).toMatchObject({ head: 4, bytes: 2 + 4 })
  })

  test('[D24] a snapshot of another epoch, not newer, or ahead of the log is not kept', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing(['two', 'three']))
    await store.putSnapshot('plan', 1, 2, bytes('S2'))

    expect(await store.putSnapshot('plan', 2, 3, bytes('no'))).toBe(false)
    expect(await store.putSnapshot('plan', 1, 2, bytes('no'))).toBe(false)
    expect(await store.putSnapshot('plan', 1, 1, bytes('no'))).toBe(false)
    expect(await store.putSnapshot('plan', 1, 4, bytes('no'))).toBe(false)
    expect(await store.putSnapshot('none', 1, 1, bytes('no'))).toBe(false)
    expect(text((await store.load('plan'))?.snapshot?.data)).toBe('S2')
  })

  test('[D25] rows go once they are old and two newer snapshots can be read back, not before', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing(['two', 'three', 'four', 'five']))

    expect(await store.trimLog('plan', 0)).toBe(0)
    await store.putSnapshot('plan', 1, 2, bytes('S2'))
    expect(await store.trimLog('plan', 0)).toBe(0)
    await store.putSnapshot('plan', 1, 4, bytes('S4'))
    expect(await store.trimLog('plan', DAY_MS)).toBe(0)
    await age(harness.execute, 'seq <= 5')
    expect(await store.trimLog('plan', DAY_MS)).toBe(2)
    expect(await store.trimLog('plan', DAY_MS)).toBe(0)
    expect(await store.trimLog('none', 0)).toBe(0)

    expect(await store.updatesAfter('plan', 1, 1)).toBeUndefined()
    expect((await store.updatesAfter('plan', 1, 2))?.length).toBe(3)
    expect(await restOf(store)).toEqual(['S4', 'five'])
  })

  test('[D26] a damaged snapshot makes no row needless', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing(['two', 'three', 'four']))
    for (const seq of [1, 2, 3]) await store.putSnapshot('plan', 1, seq, bytes(`S${seq}`))
    await harness.execute(`update document_snapshots set sha256 = '' where seq = 2`)

    expect(await store.trimLog('plan', 0)).toBe(1)
    expect((await store.updatesAfter('plan', 1, 1))?.length).toBe(3)
  })

  test('[D130] old snapshots are thinned to one an hour, after a day to one a day, and the newest stay', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing(Array.from({ length: 11 }, (_, n) => `${n}`)))
    const noon = Math.floor(Date.now() / DAY_MS) * DAY_MS - DAY_MS / 2
    const minutes = [-4321, -4320, -2880, -2879, -600, -541, -59, -30, -1, 0]
    for (const [n, minute] of minutes.entries()) {
      await store.putSnapshot('plan', 1, n + 1, bytes(`S${n + 1}`))
      await harness.execute(
        `update document_snapshots set at = ${noon + minute * 60_000} where seq = ${n + 1}`,
      )
    }
    const kept = async (): Promise<number[]> => {
      const found: number[] = []
      for (let seq = 1; seq <= 12; seq++) {
        const past = await store.loadPast('plan', 1, seq + 1)
        if (past?.snapshot?.seq === seq) found.push(seq)
      }
      return found
    }
    expect(await kept()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])

    await store.trimLog('plan', DAY_MS)
    await store.trimLog('plan', DAY_MS)

    expect(await kept()).toEqual([2, 4, 6, 7, 8, 9, 10])
    expect(await restOf(store)).toEqual(['S10', '9', '10'])
  })

  test('[D27] a clock that was set back tears no hole into log or events', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    const events = ['a', 'b', 'c'].map((data) => ({ type: 't', run: 'r', data }))
    await commitOne(store, writing(['two', 'three', 'four'], { events }))
    for (const seq of [3, 4]) await store.putSnapshot('plan', 1, seq, bytes(`S${seq}`))
    await age(harness.execute, 'seq in (1, 3)')
    await harness.execute(`update document_events set at = at - ${2 * DAY_MS} where n in (1, 3)`)

    expect(await store.trimLog('plan', DAY_MS)).toBe(1)
    expect(await store.trimEvents(DAY_MS)).toBe(1)

    expect((await store.updatesAfter('plan', 1, 1))?.map(({ seq }) => seq)).toEqual([2, 3, 4])
    expect((await store.eventsAfter('plan', 0, 9)).map(({ n }) => n)).toEqual([2, 3])
  })

  test('[D28] events are replayed after a number, in order, and gone only from the front', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'other')
    expect(await store.firstEvent('plan')).toBe(1)
    const events = ['a', 'b', 'c'].map((data) => ({ type: `t.${data}`, run: 'r1', data }))
    const result = await commitOne(store, writing([], { events }))
    await commitOne(store, { ...writing([], { events }), document: 'other' })

    const at = result.ok ? result.at : 0
    expect(await store.eventsAfter('plan', 1, 1)).toEqual([
      { n: 2, type: 't.b', run: 'r1', data: 'b', at },
    ])
    expect((await store.eventsAfter('plan', 0, 9)).map(({ data }) => data)).toEqual(['a', 'b', 'c'])
    expect(await store.eventsAfter('plan', 3, 9)).toEqual([])
    expect(await store.firstEvent('plan')).toBe(1)

    await harness.execute(
      `update document_events set at = at - ${2 * DAY_MS} where document_id = 'plan' and n <= 2`,
    )
    expect(await store.trimEvents(DAY_MS)).toBe(2)
    expect(await store.firstEvent('plan')).toBe(3)
    expect(await store.trimEvents(0)).toBe(4)
    expect(await store.firstEvent('plan')).toBe(4)
    const next = await commitOne(store, writing([], { events }))
    expect(next).toMatchObject({ eventFrom: 4, eventHead: 6 })
  })

  test('[D29] a snapshot gives room again below the limit', async () => {
    await using harness = await open({ documentBytes: 100 })
    const { store } = harness
    await withPlan(store)
    await commitOne(store, writing(['x'.repeat(95)]))

    await store.putSnapshot('plan', 1, 2, bytes('small'))

    expect((await commitOne(store, writing(['y'.repeat(95)]))).ok).toBe(true)
    expect(await wordsOf(store, 'plan')).toEqual(['y'.repeat(95)])
  })
}

async function age(execute: (statement: string) => Promise<void>, which: string): Promise<void> {
  await execute(`update document_updates set at = at - ${2 * DAY_MS} where ${which}`)
}

async function restOf(store: DocumentStore): Promise<string[]> {
  const loaded = await store.load('plan')
  return [text(loaded?.snapshot?.data), ...(loaded?.updates ?? []).map(({ data }) => text(data))]
}
