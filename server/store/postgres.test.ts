/** The store on Postgres: the contract, on a real one. What is its own is in postgres-faults. */
import { afterAll, beforeAll } from 'vitest'
import { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { documentStoreContract } from './document-store.contract.ts'
import { openPostgresHarness } from './testing/postgres-harness.ts'

let cluster: PostgresCluster

beforeAll(async () => {
  cluster = await PostgresCluster.start()
})
afterAll(() => cluster[Symbol.asyncDispose]())

documentStoreContract(
  'the store on Postgres',
  openPostgresHarness(() => cluster),
)
