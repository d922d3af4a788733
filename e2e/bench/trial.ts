/**
 * One measurement in a process of its own, so that no heap is older than its scenario. It is asked
 * by its arguments and answers with one message to its parent.
 */
import type { Answer } from './run.ts'
import { SCENARIOS } from './scenarios/all.ts'
import type { BenchServer, ServerName } from './servers/server.ts'
import { startServer } from './servers/start.ts'

const [, , name, server, quick] = process.argv
const scenario = SCENARIOS.find((it) => it.name === name)
if (!scenario || server === undefined) throw new Error(`no trial: ${name} ${server}`)
const started: BenchServer[] = []

// Nobody waits for the answer any more, or it takes too long: no server is left behind.
process.once('disconnect', () => end())
// A server's word that no client understands is a failed trial, and not a silent one.
process.once('uncaughtException', (error) => end({ failed: String(error) }))

scenario
  .run({
    server: server as ServerName,
    quick: quick === 'quick',
    start: async (env) => {
      const it = await startServer(server as ServerName, env)
      started.push(it)
      return it
    },
  })
  .then(
    (metrics) => end({ metrics }),
    (error: unknown) => end({ failed: error instanceof Error ? error.message : String(error) }),
  )

async function end(answer?: Answer): Promise<void> {
  for (const it of started) {
    // A profile is written by a server that ends by itself.
    if (process.env.BENCH_PROFILE) await it.terminate()
    await it.dispose()
  }
  if (answer && process.connected) process.send?.(answer, () => process.exit(0))
  else process.exit(1)
}
