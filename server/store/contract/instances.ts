/** The contract: what several instances agree on by way of the database. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { aRun, commitOne, type OpenStore, withPlan, writing } from './harness.ts'

const BEN = { id: 'ben', name: 'Ben' }

export function instancesContract(open: OpenStore): void {
  test('[B20] of all who claim a name at once one has it, until it is given back or runs out', async () => {
    await using harness = await open()
    const { store } = harness

    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, n) => store.claim('turn', `holder-${n}`, 60_000)),
    )
    const first = `holder-${asked.indexOf(true)}`
    expect(asked.filter(Boolean)).toHaveLength(1)
    expect(await store.claim('turn', first, 60_000)).toBe(true)
    expect(await store.claim('another', 'somebody', 60_000)).toBe(true)

    await store.unclaim('turn', 'somebody')
    expect(await store.claim('turn', 'somebody', 60_000)).toBe(false)
    await store.unclaim('turn', first)
    expect(await store.claim('turn', 'somebody', 1)).toBe(true)
    await pause(20)
    expect(await store.claim('turn', 'else', 60_000)).toBe(true)
  })

  test('[D119] a document takes back while that is claimed for it, and not once it has run out or was ended', async () => {
    await using harness = await open()
    const { store } = harness
    const begin = (ms: number) => store.claim('take back plan', 'restore', ms)
    expect(await store.takesBack('plan')).toBe(false)

    await begin(60_000)
    expect(await store.takesBack('plan')).toBe(true)
    expect(await store.takesBack('other')).toBe(false)

    await store.unclaim('take back plan', 'restore')
    expect(await store.takesBack('plan')).toBe(false)
    await begin(1)
    await pause(20)
    expect(await store.takesBack('plan')).toBe(false)
  })

  test('[B21] a live run is asked to stop once, and hears it on its own instance only', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    const { run } = await store.createRun(aRun({ instance: 'one' }))

    await Promise.all([store.askStop(run.id, BEN), store.askStop('none', BEN)])
    await store.askStop(run.id, { id: 'ada', name: 'Ada' })

    expect(await store.askedToStop('one')).toEqual([{ run: run.id, by: BEN }])
    expect(await store.askedToStop('two')).toEqual([])
    const end = { id: run.id, fence: 1, from: [run.status], set: { status: 'stopped' as const } }
    await commitOne(store, writing([], { run: { ...end, leaseMs: 0 } }))
    expect(await store.askedToStop('one')).toEqual([])
  })

  test('[B22] chunks and owners are read without the content as with it', async () => {
    await using harness = await open()
    const { store } = harness
    await withPlan(store)
    const chunk = {
      id: 's.1',
      state: 'open' as const,
      kind: 'sentence' as const,
      ins: [{ client: 7, from: 0, to: 3 }],
      del: [],
      decidedBy: null,
      decidedAt: null,
      original: null,
      stale: null,
    }
    const clients = [{ client: 7, owner: 'run' }]
    await commitOne(store, writing(['more'], { clients, chunks: [chunk] }))

    const loaded = await store.load('plan')
    const margin = await store.loadMargin('plan')

    expect(margin).toEqual({ clients: loaded?.clients, chunks: loaded?.chunks })
    expect(margin.chunks).toEqual([chunk])
    expect(margin.clients.get(7)).toBe('run')
    // Whatever is wrong with the log does not keep a room from what is said beside it.
    await harness.execute(`update document_updates set crc32 = 1 where document_id = 'plan'`)
    expect(await store.loadMargin('plan')).toEqual(margin)
  })
}
