/** The scripted model server as a program: `node e2e/model-server/main.ts --port 4010`. */
import { parseArgs } from 'node:util'
import { startModelServer } from './model-server.ts'

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '4010' },
    speed: { type: 'string', default: '40' },
  },
})
const port = Number(values.port)
const speed = Number(values.speed)
if (!Number.isInteger(port) || port < 0 || port > 65_535 || !(speed > 0)) {
  process.stderr.write('usage: main.ts [--port 4010] [--speed tokens-a-second]\n')
  process.exit(1)
}

const server = await startModelServer({ port, scenario: { delay: 1000 / speed } })
process.stdout.write(`scripted model server: GLOSS_MODEL_URL=${server.url} GLOSS_MODEL=scripted\n`)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    server.close().catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`)
      process.exitCode = 1
    })
  })
}
