/**
 * The contract as one property: whatever is committed, in whatever batches, a store answers and
 * keeps what a few lines of plain maps would.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RunStatus } from '#shared/protocol/api.ts'
import type { ChunkOriginal, Commit, StoredChunk } from '../document-store.ts'
import { aRun, bytes, makeDocument, type OpenStore } from './harness.ts'
import { Model } from './model.ts'

const LIMIT = 300

const some = <T>(...values: T[]) => fc.constantFrom(...values)
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 1 })

const ranges = (maxLength: number) =>
  fc.array(fc.record({ client: fc.nat(9), from: fc.nat(9), to: fc.nat(9) }), { maxLength })
const original = fc.record({
  spans: ranges(2),
  text: fc.string(),
  block: some(null, '1-2'),
  proposal: fc.string(),
  struck: some(null, ['a', 'b']),
  before: some<ChunkOriginal['before']>(null, 'edge', { client: 1, clock: 2 }),
  behind: some<ChunkOriginal['behind']>(null, 'edge'),
  after: some([], [{ client: 1, clock: 2, character: 'x' }]),
})
const stale = fc.record({
  kind: some('changed' as const, 'accepted' as const),
  by: some(null, 'ada'),
  instead: ranges(2),
  early: fc.boolean(),
})
const chunk = fc.record({
  id: some('c0', 'c1', 'c2'),
  state: some<StoredChunk['state']>('writing', 'open', 'stale', 'accepted', 'rejected'),
  kind: some<StoredChunk['kind']>('sentence', 'block', 'edit'),
  ins: ranges(3),
  del: ranges(2),
  decidedBy: some(null, 'ada'),
  decidedAt: some(null, 7),
  original: fc.option(original),
  stale: fc.option(stale),
})
const run = fc.record({
  id: some('r1', 'r2', 'none'),
  fence: some(1, 1, 1, 2),
  from: fc.subarray<RunStatus>(['queued', 'streaming', 'streaming', 'failed']),
  set: fc.record(
    { status: some(...RunStatus.options), tokens: fc.nat(99), failure: some(null, '{}') },
    { requiredKeys: [] },
  ),
  leaseMs: some(0, 60_000),
})
const commit = fc
  .record({
    document: some('a', 'a', 'b', 'none'),
    epoch: some(1, 1, 1, 1, 2),
    updates: fc.array(
      fc.record({ actor: some('ada', 'ben'), data: fc.uint8Array({ maxLength: 40 }) }),
      {
        maxLength: 3,
      },
    ),
    writers: maybe(fc.subarray(['ada', 'ben'])),
    clients: maybe(
      fc.array(fc.record({ client: fc.nat(4), owner: some('ada', 'ben') }), { maxLength: 2 }),
    ),
    chunks: maybe(fc.uniqueArray(chunk, { maxLength: 2, selector: ({ id }) => id })),
    undecided: maybe(fc.subarray(['c0', 'c1', 'c2'], { maxLength: 1 })),
    events: maybe(
      fc.array(fc.record({ type: some('x', 'y'), run: some('r1'), data: fc.string() }), {
        maxLength: 2,
      }),
    ),
    run: maybe(run),
  })
  .map(
    (parts) =>
      Object.fromEntries(
        Object.entries(parts).filter(([, part]) => part !== undefined),
      ) as unknown as Commit,
  )
const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: some('commit' as const),
      commits: fc.array(commit, { maxLength: 5 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: some('link' as const),
      id: some('a', 'b'),
      role: some('none' as const, 'view' as const, 'edit' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: some('snapshot' as const),
      id: some('a', 'b'),
      seq: fc.nat(12),
      size: fc.nat(60),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: some('trim' as const), id: some('a', 'b') }) },
  { weight: 1, arbitrary: fc.record({ do: some('delete' as const), id: some('b') }) },
)

export function randomContract(open: OpenStore): void {
  test('[D42] whatever is committed, the store answers and keeps what plain maps would', async () => {
    await using harness = await open({ documentBytes: LIMIT })
    const { store } = harness
    let round = 0

    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 30 }), async (steps) => {
        // One database serves all rounds: what has an id has it in this round alone.
        round += 1
        const here = (id: string) => `${id}-${round}`
        const model = new Model(LIMIT)
        for (const id of ['a', 'b'].map(here)) {
          await makeDocument(store, id)
          model.create(id, 'ada', bytes('first'))
        }
        for (const id of ['r1', 'r2']) {
          const made = aRun({ id: here(id), document: here('a'), key: id })
          model.runs.set(made.id, (await store.createRun(made)).run)
        }

        for (const one of steps) {
          if (one.do === 'commit') {
            const commits = one.commits.map((given) => ({
              ...given,
              document: here(given.document),
              ...(given.run && { run: { ...given.run, id: here(given.run.id) } }),
            }))
            const results = await store.commit(commits)
            const expected = commits.map((given) => model.commit(given))
            expect(results).toEqual(
              expected.map((answer) =>
                answer.ok ? { ...answer, at: expect.any(Number) } : answer,
              ),
            )
          } else if (one.do === 'link') {
            await store.changeDocument(here(one.id), { linkRole: one.role })
            model.document(here(one.id)).linkRole = one.role
          } else if (one.do === 'delete') {
            await store.changeDocument(here(one.id), { state: 'deleted' })
            model.document(here(one.id)).deleted = true
          } else if (one.do === 'snapshot') {
            const data = new Uint8Array(one.size)
            const kept = await store.putSnapshot(here(one.id), 1, one.seq, data)
            expect(kept).toBe(model.snapshot(here(one.id), one.seq, data))
          } else {
            expect(await store.trimLog(here(one.id), 0)).toBe(model.trim(here(one.id)))
          }
        }

        for (const id of ['a', 'b'].map(here)) {
          const loaded = await store.load(id)
          const { head, eventHead, bytes: size } = model.document(id)
          expect(loaded?.row).toMatchObject({ head, eventHead, bytes: size })
          expect(loaded).toMatchObject(model.loaded(id))
          const events = await store.eventsAfter(id, 0, 1000)
          expect(events.map(({ at: _, ...event }) => event)).toEqual(model.document(id).events)
        }
        for (const [id, kept] of model.runs) {
          const { leaseUntil: _, ...expected } = kept
          const endedAt = expected.endedAt === null ? null : expect.any(Number)
          expect(await store.getRun(id)).toMatchObject({ ...expected, endedAt })
        }
      }),
      { numRuns: 60 },
    )
  }, 60_000)
}
