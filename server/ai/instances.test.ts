/** Runs on two instances: a stop and the limits reach over, though nothing but the database does. */
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { silent } from '#server/log.ts'
import type { DocumentRow, EventRow, UserRow } from '#server/store/document-store.ts'
import { eventually } from '#server/testing/eventually.ts'
import { World } from '#server/testing/world.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { ModelEndpoint } from './endpoint.ts'
import { Runs } from './runs.ts'

const BEN = { id: 'ben', name: 'Ben' }
const opened: Runs[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((runs) => runs.close()))
})

/** A model that goes on until it is told to stop. */
const endless: ModelEndpoint = {
  name: 'endless',
  builtIn: false,
  contextTokens: 8_192,
  async *stream(_request, { signal }) {
    for (let n = 0; ; n++) {
      await pause(20, undefined, { signal })
      yield { type: 'text', text: `Sentence ${n}. ` }
    }
  },
  close: async () => undefined,
}

async function twoInstances(limits: Partial<Limits> = {}) {
  const world = await World.open({ limits: { drainMs: 10, ...limits } })
  const user: UserRow = await world.store.createUser({
    id: `ada-${world.document}`,
    name: 'Ada',
    color: '#222222',
  })
  const document = (await world.store.getDocument(world.document)) as DocumentRow
  const runsOn = (instance: string): Runs => {
    const { rooms, metrics } = world.instance(instance)
    const runs = new Runs({
      store: world.store,
      rooms,
      endpoint: endless,
      limits: world.limits,
      log: silent,
      metrics,
      instance,
    })
    opened.push(runs)
    return runs
  }
  let asked = 0
  const start = (runs: Runs) =>
    runs.start(document, user, {
      command: 'continue',
      target: { document: true },
      key: `k${asked++}`,
    })
  return { world, document, start, one: runsOn('one'), two: runsOn('two') }
}

test('[H93] a run is stopped from another instance within seconds, ends once, and costs its room nothing', async () => {
  const { world, document, start, one, two } = await twoInstances()
  world.hub.lose() // with the bus down too
  const run = await start(one)
  const room = await world.room('one')
  const events: EventRow[] = []
  room.follow((more) => events.push(...more))
  await eventually(() => expect(events.some(({ type }) => type === 'run.delta')).toBe(true))

  const begin = performance.now()
  const info = await two.stop(document.id, run.id, BEN)

  expect(info).toMatchObject({ id: run.id, status: 'stopped' })
  expect(performance.now() - begin).toBeLessThan(10_000)
  const ends = () => events.filter(({ type }) => /^run\.(finished|failed)$/.test(type))
  await eventually(() => expect(ends()).toHaveLength(1))
  expect(JSON.parse(ends()[0]!.data)).toMatchObject({ reason: 'stopped' })
  expect(room.ended.aborted).toBe(false)
  await one.close()
  await two.close()
  await world[Symbol.asyncDispose]()
})

test('[H94] the limits of runs hold for all instances together, and who waits on one begins when another ends its run', async () => {
  const { world, document, start, one, two } = await twoInstances({
    runsPerDocument: 2,
    runQueuePerDocument: 2,
  })

  const started = await Promise.all([start(one), start(two), start(one), start(two)])
  await expect(start(one)).rejects.toMatchObject({ code: 'too-many' })
  await expect(start(two)).rejects.toMatchObject({ code: 'too-many' })

  expect(started.map(({ queue }) => queue).sort()).toEqual([0, 0, 1, 2])
  const statuses = async () =>
    (await two.list(document.id)).map(({ status, queue }) => `${status} ${queue}`).sort()
  await eventually(async () =>
    expect(await statuses()).toEqual(['queued 1', 'queued 2', 'streaming 0', 'streaming 0']),
  )
  const writing = (await one.list(document.id)).find(({ status }) => status === 'streaming')
  await one.stop(document.id, writing!.id, BEN)

  await eventually(async () =>
    expect(await statuses()).toEqual(['queued 1', 'stopped 0', 'streaming 0', 'streaming 0']),
  )
  const queued = (await one.list(document.id)).find(({ status }) => status === 'queued')
  for (const runs of [one, two]) await runs.stop(document.id, queued!.id, BEN)
  await eventually(async () =>
    expect(await statuses()).toEqual(['stopped 0', 'stopped 0', 'streaming 0', 'streaming 0']),
  )
  await one.close()
  await two.close()
  await world[Symbol.asyncDispose]()
})
