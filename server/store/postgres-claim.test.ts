import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { silent } from '#server/log.ts'
import { eventually } from '#server/testing/eventually.ts'
import { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { PostgresClaim } from './postgres-claim.ts'

let cluster: PostgresCluster
beforeAll(async () => {
  cluster = await PostgresCluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

test('[D109] without a bus one instance has a Postgres alone; with one, several share it, and neither lets the other kind in', async () => {
  const url = cluster.url(await cluster.createDatabase())
  const alone = await take(url, false)

  await expect(take(url, false)).rejects.toThrow('Another Gloss is using this database')
  await expect(take(url, true)).rejects.toThrow('A Gloss without REDIS_URL')
  await alone.close()
  const [one, two] = await Promise.all([take(url, true), take(url, true)])
  await expect(take(url, false)).rejects.toThrow('Another Gloss is using this database')

  await one.close()
  await two.close()
  await two.close()
  await (await take(url, false)).close()
})

test('[D110] a claim outlives a restart of its database, and is lost to nobody meanwhile', async () => {
  const url = cluster.url(await cluster.createDatabase())
  const lost = vi.fn()
  const claim = await PostgresClaim.take({ url, shared: false, log: silent, lost })

  await cluster.kill()
  await cluster.start()
  await eventually(async () => {
    const rows = await cluster.execute('postgres', HELD)
    expect(rows).toHaveLength(1)
  })

  await expect(take(url, false)).rejects.toThrow('Another Gloss')
  expect(lost).not.toHaveBeenCalled()
  await claim.close()
})

const HELD = "select 1 from pg_locks where locktype = 'advisory' and granted"

const take = (url: string, shared: boolean) =>
  PostgresClaim.take({ url, shared, log: silent, lost: () => undefined })
