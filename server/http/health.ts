/** /livez, /readyz and /metrics: what operators and their machines ask. */
import { timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Bus } from '#server/bus/bus.ts'
import type { Metrics } from '#server/metrics.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import { bearerOf } from './identity.ts'

const PROBE_MS = 2_000

interface Deps {
  store: DocumentStore
  bus: Bus
  metrics: Metrics
  metricsToken: string | undefined
  /** False once the process is draining. */
  accepting: () => boolean
}

export function addHealth(app: FastifyInstance, deps: Deps): void {
  const { store, bus, metrics, metricsToken, accepting } = deps

  app.get('/livez', (_request, reply) => reply.type('text/plain').send('ok\n'))

  app.get('/readyz', async (_request, reply) => {
    const reason = await whyNotReady()
    return reply
      .code(reason ? 503 : 200)
      .header('cache-control', 'no-store')
      .type('text/plain')
      .send(`${reason ?? 'ready'}\n`)
  })

  app.get('/metrics', async (request, reply) => {
    if (metricsToken !== undefined && !same(bearerOf(request.raw) ?? '', metricsToken)) {
      throw new GlossError('not-signed-in', 'no metrics token')
    }
    return reply.type(metrics.registry.contentType).send(await metrics.text())
  })

  async function whyNotReady(): Promise<string | undefined> {
    if (!accepting()) return 'stopping'
    if (!bus.connected) return 'the bus is not connected'
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('the database does not answer'), PROBE_MS)
    })
    const probe = store.probe().then(
      () => undefined,
      (error: unknown) =>
        error instanceof GlossError && error.code === 'storage-full'
          ? 'the storage is full'
          : 'the database takes no writes',
    )
    return Promise.race([probe, late]).finally(() => clearTimeout(timer))
  }
}

function same(given: string, right: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}
