/** Programs at the cluster: unmodified y-websocket clients, which the proxy puts anywhere. */
import { afterEach, expect, test } from 'vitest'
import { eventually } from '#server/testing/eventually.ts'
import type { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { api, NodeClient, signIn } from '../node-client.ts'
import { Cluster, startPostgres } from './cluster.ts'

let postgres: PostgresCluster | undefined
let cluster: Cluster | undefined
const clients: NodeClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await cluster?.stop()
  await postgres?.[Symbol.asyncDispose]()
})

test('[C50] unmodified y-websocket clients write through the proxy while each instance is killed in its turn, and nothing acknowledged is lost', async () => {
  postgres = await startPostgres()
  const limits = { syncStep1PerMinute: 600 }
  cluster = await Cluster.start(postgres, { env: { GLOSS_LIMITS: JSON.stringify(limits) } })
  const { url, instances } = cluster
  const guest = await signIn(url)
  const { id } = (await api(url, guest, 'POST', '/api/documents', {
    title: 'Shared',
    markdown: 'Begin here.',
  })) as { id: string }
  for (let n = 0; n < 4; n++) clients.push(new NodeClient(url, guest, id))
  const allSynced = () =>
    eventually(() => expect(clients.every(({ provider }) => provider.synced)).toBe(true))
  let word = 0
  const everybodyTypes = () => {
    for (const client of clients) client.type(`w${word++}`, (word % 7) / 7)
  }

  for (const victim of [...instances, ...instances]) {
    await allSynced()
    const acked = clients.reduce((sum, { promised }) => sum + promised.length, 0)
    everybodyTypes()
    everybodyTypes()
    await eventually(() =>
      expect(clients.reduce((sum, { promised }) => sum + promised.length, 0)).toBeGreaterThan(
        acked,
      ),
    )
    everybodyTypes()
    await victim.kill()
    everybodyTypes()
    await allSynced()
    await victim.run()
  }

  await eventually(() => {
    expect(clients.every(({ settled }) => settled)).toBe(true)
    expect(new Set(clients.map(({ text }) => text)).size).toBe(1)
  })
  const words = clients[0]!.text.match(/\bw\d+\b/g) ?? []
  expect(words.toSorted()).toEqual(Array.from({ length: word }, (_, n) => `w${n}`).toSorted())
}, 300_000)
