/**
 * What people are at work with: one Gloss, or the cluster. The stories do not know which; it is
 * killed and started again whole either way. GLOSS_TEST_TOPOLOGY=cluster chooses the cluster.
 */
import type { PostgresCluster } from '#server/testing/postgres-cluster.ts'
import { Cluster, startPostgres } from './cluster/cluster.ts'
import { GlossProcess } from './gloss-process.ts'

export interface Topology {
  /** Where browsers find it. */
  readonly url: string
  readonly port: number
  /** Starts what was killed, at the same address. */
  run(): Promise<void>
  /** Without a good-bye: what was promised must be on the disk. */
  kill(): Promise<void>
  /** Ends it and removes what it kept. */
  stop(): Promise<void>
}

export const onCluster = process.env.GLOSS_TEST_TOPOLOGY === 'cluster'

/** One for all tests of this process: each cluster has a database of its own in it. */
let postgres: Promise<PostgresCluster> | undefined

export async function startTopology(env: Record<string, string>): Promise<Topology> {
  if (!onCluster) return GlossProcess.start({ env })
  postgres ??= startPostgres()
  return Cluster.start(await postgres, { env })
}
