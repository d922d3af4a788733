/** Stores on Postgres for tests: each on a database of its own in the cluster of its test file. */
import { silent } from '#server/log.ts'
import type { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import type { OpenStore } from '../document-store.contract.ts'
import { PostgresStore } from '../postgres.ts'

export function openPostgresHarness(cluster: () => PostgresCluster): OpenStore {
  return async (limits) => {
    const database = await cluster().createDatabase()
    const url = cluster().url(database)
    const open = () => PostgresStore.open({ url, log: silent, ...(limits && { limits }) })
    let store = await open()
    return {
      get store() {
        return store
      },
      async reopen() {
        await store.close()
        store = await open()
      },
      async execute(statement) {
        await cluster().execute(database, statement)
      },
      [Symbol.asyncDispose]: () => store.close(),
    }
  }
}
