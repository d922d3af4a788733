/** The composition on Postgres: the same product, and nothing in the data folder. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryFolder } from './store/testing/sqlite-harness.ts'
import { PostgresCluster } from './testing/postgres-cluster.ts'
import { GuestClient, Served } from './testing/served.ts'

test('[D76] Gloss on Postgres serves and keeps a document, and needs no folder for data', async () => {
  await using cluster = await PostgresCluster.start()
  await using folder = await temporaryFolder()
  const env = {
    DATABASE_URL: cluster.url(await cluster.createDatabase()),
    SESSION_SECRET: 'Vb3kq0zRj8Tn5yLw2XhGmCfUe7aPsDi4',
    DATA_DIR: join(folder.path, 'none'),
  }
  const contentOf = (guest: GuestClient, id: string) =>
    guest.call('GET', `/api/documents/${id}/content?format=markdown`)

  const first = await Served.open(env)
  const ada = await first.guest()
  const id = await ada.document('# Plan\n\nBegin.\n')
  expect((await contentOf(ada, id)).body).toBe('# Plan\n\nBegin.\n')
  expect((await ada.call('GET', '/readyz')).status).toBe(200)
  await first[Symbol.asyncDispose]()
  await using second = await Served.open(env)

  const again = new GuestClient(second.url, ada.token, ada.me)
  expect((await contentOf(again, id)).body).toBe('# Plan\n\nBegin.\n')
  expect(existsSync(env.DATA_DIR)).toBe(false)
  await cluster.kill()
  expect((await again.call('GET', '/readyz')).status).toBe(503)
}, 60_000)
