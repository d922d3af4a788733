import { expect, test } from 'vitest'
import { RedisProcess } from '#e2e/redis-process.ts'
import { eventually } from '#server/testing/eventually.ts'
import { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { endOf, GuestClient, opened, Served } from '#server/testing/served.ts'

test('[H92] who loses a document on one instance loses it on all, with Redis at once and without it in seconds', async () => {
  await using cluster = await PostgresCluster.start()
  await using redis = await RedisProcess.start()
  const env = {
    DATABASE_URL: cluster.url(await cluster.createDatabase()),
    REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    SESSION_SECRET: 'Vb3kq0zRj8Tn5yLw2XhGmCfUe7aPsDi4',
  }
  await using one = await Served.open(env)
  await using two = await Served.open(env)
  const ada = await one.guest()
  const guest = await two.guest()
  const adaOnTwo = new GuestClient(two.url, ada.token, ada.me)
  const ready = async () => (await adaOnTwo.call<string>('GET', '/readyz')).status
  await eventually(async () => expect(await ready()).toBe(200))
  const open = async (client: GuestClient, id: string) => {
    const socket = client.socket(id)
    await opened(socket)
    return { end: endOf(socket) }
  }

  const [shared, deleted] = [await ada.document('a', 'edit'), await ada.document('b', 'view')]
  const sockets = [
    await open(guest, shared),
    await open(guest, deleted),
    await open(adaOnTwo, deleted),
  ]
  await ada.call('PATCH', `/api/documents/${shared}`, { linkRole: 'none' })
  await ada.call('DELETE', `/api/documents/${deleted}`)
  expect(await Promise.all(sockets.map(({ end }) => end))).toEqual([4403, 4404, 4404])

  const later = await ada.document('c', 'edit')
  const last = await open(guest, later)
  await eventually(async () => expect(await ready()).toBe(200))
  await redis.kill()
  await eventually(async () => expect(await ready()).toBe(503))
  await ada.call('PATCH', `/api/documents/${later}`, { linkRole: 'none' })
  expect(await last.end).toBe(4403)
})
