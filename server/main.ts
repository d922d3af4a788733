/** The server: reads the environment, opens everything, and stops cleanly on a signal. */
import { addPage } from './http/static.ts'
import { open } from './open.ts'

const STOP_MS = 25_000

const gloss = await open(process.env).catch((error: unknown) => fail(error))
await addPage(gloss.app)
await gloss.listen().catch((error: unknown) => fail(error))
process.stdout.write(`Gloss is at ${gloss.url}\n`)

gloss.broken.then(async (error) => {
  await gloss.close().catch(() => undefined)
  fail(error)
})

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), STOP_MS).unref()
    gloss.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    )
  })
}

/** One line for the person who started it, and an exit that says that it did not work. */
function fail(error: unknown): never {
  process.stderr.write(`gloss: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
