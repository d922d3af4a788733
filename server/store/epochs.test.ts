import { expect, test } from 'vitest'
import { silent } from '#server/log.ts'
import { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { commitOne, refusalOf, withPlan, wordsOf, writing } from './contract/harness.ts'
import { epochs, raiseEpochs } from './epochs.ts'
import { openOfflinePostgres } from './offline.ts'
import { PostgresStore } from './postgres.ts'

test('[D108] on Postgres too, a new epoch keeps what the log says and refuses edits of the old one', async () => {
  await using cluster = await PostgresCluster.start()
  const url = cluster.url(await cluster.createDatabase())
  const before = await PostgresStore.open({ url, log: silent })
  await withPlan(before)
  await commitOne(before, writing(['kept']))
  await before.putSnapshot('plan', 1, 1, new Uint8Array([0, 0]))
  await before.close()

  const { sql, close } = await openOfflinePostgres(url, silent)
  expect(await raiseEpochs(sql, 50)).toBe(1)
  expect(await epochs(sql)).toEqual(new Map([['plan', 50]]))
  expect(await raiseEpochs(sql, 50)).toBe(1)
  await close()

  const store = await PostgresStore.open({ url, log: silent })
  expect(await refusalOf(store, writing(['old']))).toBe('epoch')
  expect(await commitOne(store, writing(['new'], { epoch: 51 }))).toMatchObject({ ok: true })
  expect(await wordsOf(store, 'plan')).toEqual(['kept', 'new'])
  await store.close()
})
