/** The composition: on Postgres with nothing in the data folder, and where none can be made. */
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { RedisProcess } from '#e2e/redis-process.ts'
import { open } from './open.ts'
import { temporaryFolder } from './store/testing/sqlite-harness.ts'
import { eventually } from './testing/eventually.ts'
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
})

test('[B25] with its Redis down Gloss starts and serves, says so at /readyz, and is ready when Redis is', async () => {
  await using cluster = await PostgresCluster.start()
  await using redis = await RedisProcess.start()
  await redis.kill()
  const env = {
    DATABASE_URL: cluster.url(await cluster.createDatabase()),
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    SESSION_SECRET: 'Vb3kq0zRj8Tn5yLw2XhGmCfUe7aPsDi4',
  }
  await using one = await Served.open(env)
  await using two = await Served.open(env)
  const ada = await one.guest()
  const onTwo = new GuestClient(two.url, ada.token, ada.me)
  const ready = async () => (await ada.call<string>('GET', '/readyz')).body

  const id = await ada.document('Hello.')
  expect((await onTwo.call('GET', `/api/documents/${id}`)).status).toBe(200)
  expect(await ready()).toBe('the bus is not connected\n')
  await redis.start()
  await eventually(async () => expect(await ready()).toBe('ready\n'))
  await redis.kill()
  await eventually(async () => expect(await ready()).toBe('the bus is not connected\n'))
})

test('[B26] a second Gloss on a Postgres without Redis does not start, and says what it needs', async () => {
  await using cluster = await PostgresCluster.start()
  const env = {
    DATABASE_URL: cluster.url(await cluster.createDatabase()),
    SESSION_SECRET: 'Vb3kq0zRj8Tn5yLw2XhGmCfUe7aPsDi4',
  }
  const REDIS_URL = 'redis://127.0.0.1:1'
  await using _first = await Served.open(env)

  await expect(Served.open(env)).rejects.toThrow(
    'Another Gloss is using this database: several need the same REDIS_URL.',
  )
  await expect(Served.open({ ...env, REDIS_URL })).rejects.toThrow(
    'A Gloss without REDIS_URL is using this database',
  )
})

test('[H244] a data folder that cannot be made stops the start with one line that names it, and never hangs', async () => {
  await using folder = await temporaryFolder()
  writeFileSync(join(folder.path, 'file'), '')

  for (const DATA_DIR of ['/proc/x', '/proc/x/y', '/dev/null/x', join(folder.path, 'file')]) {
    await expect(open({ DATA_DIR })).rejects.toThrow(
      new RegExp(`^DATA_DIR: ${DATA_DIR} is no folder that can be written to \\(E[A-Z]+\\)$`),
    )
  }
})
