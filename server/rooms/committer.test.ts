import { expect, test, vi } from 'vitest'
import { Metrics } from '#server/metrics.ts'
import type { Commit, CommitResult } from '#server/store/document-store.ts'
import { type CommitSink, Committer, type Work } from './committer.ts'

/** A store that ends a transaction when told to. */
function slowStore() {
  const under: { commits: readonly Commit[]; end(error?: Error): void }[] = []
  const commit = (commits: readonly Commit[]) =>
    new Promise<CommitResult[]>((resolve, reject) => {
      under.push({
        commits,
        end: (error) =>
          error
            ? reject(error)
            : resolve(
                commits.map(() => ({
                  ok: true,
                  from: 1,
                  head: 1,
                  eventFrom: 1,
                  eventHead: 0,
                  at: 0,
                })),
              ),
      })
    })
  return { under, commit }
}

const work = (bytes: number, document = 'plan'): Work => ({
  commit: { document, epoch: 1, updates: [{ actor: 'ada', data: new Uint8Array(bytes) }] },
})

function sink() {
  const told: string[] = []
  const it: CommitSink = {
    settled: (outcomes) => told.push(`settled ${outcomes.length}`),
    failed: (works, { code }) => told.push(`failed ${works.length} ${code}`),
  }
  return { told, it }
}

const limits = { commitRows: 3, commitBytes: 100, commitQueueBytes: 200, commitGatherMs: 5 }
const open = (store: ReturnType<typeof slowStore>, its = limits) =>
  new Committer({ store, metrics: new Metrics(), limits: its })
const breath = () => new Promise((resolve) => setImmediate(resolve))

test('[R60] the next transaction starts when the last has ended, with all that came meanwhile', async () => {
  const store = slowStore()
  const committer = open(store)
  const { told, it } = sink()

  committer.submit(it, work(1))
  await breath()
  committer.submit(it, work(1))
  committer.submit(it, work(1, 'other'))
  await breath()
  expect(store.under).toHaveLength(1)
  store.under[0]!.end()
  await breath()

  expect(store.under[1]!.commits).toHaveLength(2)
  store.under[1]!.end()
  await committer.idle()
  expect(told).toEqual(['settled 1', 'settled 2'])
})

test('[R61] a transaction takes so many rows and bytes, and one commit however large', async () => {
  const store = slowStore()
  const committer = open(store)
  const { it } = sink()

  for (const bytes of [1, 1, 1, 1, 500, 60, 60]) committer.submit(it, work(bytes))
  for (let n = 0; n < 5; n++) {
    await breath()
    store.under.at(-1)!.end()
  }
  await committer.idle()

  expect(store.under.map(({ commits }) => commits.length)).toEqual([3, 1, 1, 1, 1])
})

test('[R62] a full queue says so until it has room again', async () => {
  const store = slowStore()
  const committer = open(store)
  const { it } = sink()
  committer.submit(it, work(150))
  expect(committer.backlog.full).toBe(false)
  committer.submit(it, work(50))
  expect(committer.backlog.full).toBe(true)

  let drained = false
  const waiting = committer.backlog.drained().then(() => {
    drained = true
  })
  await breath()
  expect(drained).toBe(false)
  store.under[0]!.end()
  await waiting

  expect(committer.backlog.full).toBe(false)
})

test('[R63] a failed transaction is told to all in it, and the next one is tried', async () => {
  const store = slowStore()
  const committer = open(store)
  const [a, b] = [sink(), sink()]

  committer.submit(a.it, work(1))
  committer.submit(b.it, work(1))
  await breath()
  store.under[0]!.end(new Error('fsync'))
  await breath()
  committer.submit(b.it, work(1))
  await breath()
  store.under[1]!.end()
  await committer.idle()

  expect(a.told).toEqual(['failed 1 unavailable'])
  expect(b.told).toEqual(['failed 1 unavailable', 'settled 1'])
})

test('[R64] what is withdrawn is given back, and not committed, nor counted', async () => {
  const store = slowStore()
  const committer = open(store)
  const [a, b] = [sink(), sink()]
  committer.submit(a.it, work(1))
  await breath()
  const waits = work(199)
  committer.submit(a.it, waits)
  committer.submit(b.it, work(1))

  expect(committer.withdraw(a.it)).toEqual([waits])
  store.under[0]!.end()
  await breath()
  store.under[1]!.end()
  await committer.idle()

  expect(a.told).toEqual(['settled 1'])
  expect(store.under[1]!.commits).toHaveLength(1)
  expect(committer.backlog.full).toBe(false)
})

test('[R137] under load a lonely writer waits for nobody, and two wait for each other', async ({
  onTestFinished,
}) => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const store = slowStore()
  const committer = open(store)
  const { it } = sink()
  const by = (id: string) => ({ ...work(1), from: { id } })

  for (let n = 0; n < 20; n++) {
    committer.submit(it, by('ada'))
    await breath()
    expect(store.under).toHaveLength(1)
    store.under.pop()!.end()
    await committer.idle()
  }
  committer.submit(it, by('ben'))
  await breath()
  expect(store.under).toHaveLength(0)
  committer.submit(it, by('ada'))
  await breath()

  expect(store.under[0]?.commits).toHaveLength(2)
  store.under[0]!.end()
  await committer.idle()
})
