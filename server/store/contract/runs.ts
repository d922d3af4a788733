/** The contract: runs, their leases and fences, and that each ends once. */
import { expect, test } from 'vitest'
import type { RunStatus } from '#shared/protocol/api.ts'
import type { Commit } from '../document-store.ts'
import {
  aRun,
  commitOne,
  DAY_MS,
  makeDocument,
  type OpenStore,
  refusalOf,
  withPlan,
  wordsOf,
  writing,
} from './harness.ts'

export function runContract(open: OpenStore): void {
  test('[D35] the same key on a document is the same run, asked at once or again', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'other')

    const asked = await Promise.all(
      ['r1', 'r2', 'r3'].map((id) => store.createRun(aRun({ id, status: 'queued' }))),
    )
    const other = await store.createRun(aRun({ id: 'r4', document: 'other' }))

    expect(asked.filter(({ created }) => created).length).toBe(1)
    expect(new Set(asked.map(({ run }) => run.id)).size).toBe(1)
    expect(other.created).toBe(true)
    const { run } = asked[0]!
    const { leaseMs: _, ...given } = aRun({ id: run.id, status: 'queued' })
    expect(run).toEqual({
      ...given,
      fence: 1,
      leaseUntil: run.startedAt + 60_000,
      tokens: 0,
      usage: null,
      failure: null,
      startedAt: run.startedAt,
      endedAt: null,
    })
    expect(await store.getRun(run.id)).toEqual(run)
    expect(await store.countLiveRuns()).toBe(2)
  })

  test('[P22] a run keeps the suggestion that it goes on with, and how far it has come', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await store.createRun(aRun())
    await store.createRun(aRun({ id: 'r2', key: 'k2', suggestion: 'r1', progress: '{"done":1}' }))

    expect(await store.getRun('r1')).toMatchObject({ suggestion: null, progress: null })
    expect(await store.getRun('r2')).toMatchObject({ suggestion: 'r1', progress: '{"done":1}' })
    const set = { tokens: 5, progress: '{"done":39}' }
    expect(await refusalOf(store, asRun({ id: 'r2', set }))).toBe('accepted')
    expect(await refusalOf(store, asRun({ id: 'r2', set: { status: 'failed' } }))).toBe('accepted')
    const listed = await store.listRuns('plan')
    expect(listed.map(({ suggestion }) => suggestion)).toEqual([null, 'r1'])
    expect(listed[1]).toMatchObject({ status: 'failed', ...set })
  })

  test('[D36] a run needs a document that is there, and an id of its own', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await store.createRun(aRun())

    const again = store.createRun(aRun({ key: 'k2' }))
    await expect(again).rejects.toMatchObject({ code: 'conflict' })
    const lost = store.createRun(aRun({ id: 'r2', document: 'none' }))
    await expect(lost).rejects.toMatchObject({ code: 'not-found' })
    await store.changeDocument('plan', { state: 'deleted' })
    const gone = store.createRun(aRun({ id: 'r2', key: 'k2' }))
    await expect(gone).rejects.toMatchObject({ code: 'gone' })
  })

  test('[D37] a run writes only in the state and on the fence that it believes in', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await makeDocument(store, 'other')
    await store.createRun(aRun())

    expect(await refusalOf(store, asRun({ fence: 2 }))).toBe('fenced')
    expect(await refusalOf(store, asRun({ id: 'none' }))).toBe('fenced')
    expect(await refusalOf(store, asRun({ from: ['queued'] }))).toBe('fenced')
    expect(await refusalOf(store, { ...asRun({}), document: 'other' })).toBe('fenced')
    expect(await refusalOf(store, asRun({ set: { tokens: 5 } }))).toBe('accepted')

    expect(await wordsOf(store, 'plan')).toEqual(['first', 'token'])
    expect(await store.getRun('r1')).toMatchObject({ tokens: 5, status: 'streaming' })
  })

  test.each<RunStatus>([
    'finished',
    'stopped',
    'failed',
    'interrupted',
  ])('[D38] a run that is %s has its time of end, and writes nothing more', async (status) => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await store.createRun(aRun())
    const failure = '{"kind":"timeout","message":"Late.","continuable":true}'

    const [end, late] = await store.commit([
      asRun({ set: { status, tokens: 9, usage: '{}', failure } }),
      asRun({ set: { status: 'finished' } }),
    ])

    expect(end?.ok).toBe(true)
    expect(late).toEqual({ ok: false, refusal: 'fenced' })
    expect(await refusalOf(store, asRun({}))).toBe('fenced')
    expect(await store.renewLease('r1', 1, 1000)).toBe(false)
    const fence = status === 'interrupted' ? 2 : 1
    const endedAt = end?.ok ? end.at : 0
    const ended = { status, fence, endedAt, tokens: 9, usage: '{}', failure }
    expect(await store.getRun('r1')).toMatchObject(ended)
    expect(await store.countLiveRuns()).toBe(0)
  })

  test('[D39] a lease is given and renewed by the time of the database, and is seen to run out', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await store.createRun(aRun({ id: 'r1', key: 'k1', leaseMs: -10_000 }))
    await store.createRun(aRun({ id: 'r2', key: 'k2', leaseMs: -20_000, status: 'queued' }))
    await store.createRun(aRun({ id: 'r3', key: 'k3', leaseMs: 60_000 }))
    const expired = async () => (await store.expiredRuns()).map(({ id }) => id)

    expect(await expired()).toEqual(['r1', 'r2'])
    expect(await store.renewLease('r1', 2, 60_000)).toBe(false)
    expect(await store.renewLease('r1', 1, 60_000)).toBe(true)
    expect(await expired()).toEqual(['r2'])
    const result = await commitOne(store, asRun({ id: 'r2', from: ['queued'], leaseMs: 30_000 }))
    expect(await expired()).toEqual([])
    const { leaseUntil } = (await store.getRun('r2'))!
    expect(result.ok && leaseUntil - result.at).toBe(30_000)
    await commitOne(store, asRun({ id: 'r2', from: ['queued'], leaseMs: 0 }))
    expect((await store.getRun('r2'))?.leaseUntil).toBe(leaseUntil)
  })

  test('[D40] only a run whose lease has run out can be interrupted as expired, and only once', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    await store.createRun(aRun({ leaseMs: -1 }))
    const sweep = {
      ...asRun({ expired: true, set: { status: 'interrupted' } }),
      events: [{ type: 'run.failed', run: 'r1', data: '{}' }],
    }

    await store.renewLease('r1', 1, 60_000)
    expect(await refusalOf(store, sweep)).toBe('fenced')
    await harness.execute(`update runs set lease_until = 0`)
    const results = await Promise.all([1, 2, 3].map(() => refusalOf(store, sweep)))

    expect(results.sort()).toEqual(['accepted', 'fenced', 'fenced'])
    expect((await store.eventsAfter('plan', 0, 9)).length).toBe(1)
  })

  test('[D41] the runs of a document are the live ones and the day’s, oldest first', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    for (const n of [1, 2, 3, 4]) await store.createRun(aRun({ id: `r${n}`, key: `k${n}` }))
    for (const id of ['r1', 'r2']) await commitOne(store, asRun({ id, set: { status: 'stopped' } }))
    await harness.execute(`update runs set ended_at = ended_at - ${2 * DAY_MS} where id = 'r1'`)
    await harness.execute(`update runs set started_at = 5 where id = 'r4'`)

    await harness.reopen()

    const runs = await harness.store.listRuns('plan')
    expect(runs.map(({ id }) => id)).toEqual(['r4', 'r2', 'r3'])
    expect(await harness.store.listRuns('none')).toEqual([])
  })
}

function asRun({ id = 'r1', ...more }: Partial<NonNullable<Commit['run']>>): Commit {
  const run = { id, fence: 1, from: ['streaming' as const], set: {}, leaseMs: 0, ...more }
  return writing(['token'], { run })
}
