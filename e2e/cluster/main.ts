/**
 * `npm run cluster`: the cluster of docker-compose.yml on this machine, without Docker. Prints where
 * it is; Ctrl+C ends it, and takes its data with it.
 */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { requirePrograms } from '../needs.ts'
import { Cluster, startPostgres } from './cluster.ts'

const port = Number(process.env.PORT ?? 8080)
const PASSED = /^(GLOSS_\w+|PUBLIC_URL|LOG_LEVEL)$/

const ending = new Promise<void>((resolve) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => resolve())
})

await main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`gloss: ${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)

async function main(): Promise<void> {
  requirePrograms(['postgres', 'redis', 'nginx'])
  await refuseTakenPort()
  const env = Object.entries(process.env).filter(([name]) => PASSED.test(name))
  await using postgres = await startPostgres()
  const cluster = await Cluster.start(postgres, {
    env: Object.fromEntries(env) as Record<string, string>,
    port,
  })
  process.stdout.write(
    `Gloss is at ${cluster.url}\n` +
      'Two instances, Postgres, Redis and nginx. Ctrl+C ends them, and their data with them.\n',
  )
  await ending
  await cluster.stop()
}

/** nginx would go on trying for seconds, and something else would answer meanwhile. */
async function refuseTakenPort(): Promise<void> {
  const probe = createServer()
  const free = once(probe.listen(port, '127.0.0.1'), 'listening')
  await free.catch(() => {
    throw new Error(`port ${port} is in use; start with another: PORT=8081 npm run cluster`)
  })
  probe.close()
  await once(probe, 'close')
}
