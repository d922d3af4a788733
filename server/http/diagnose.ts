/**
 * /api/diagnose: what the page of that name measures the way to the server with. It needs no
 * session, as a session may be the very thing that does not work; it tells nothing but how the
 * request itself looked, and only so often.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { TokenBucket } from '#server/limits/token-bucket.ts'
import type { Metrics } from '#server/metrics.ts'
import { GlossError } from '#shared/errors.ts'
import { BODY_BYTES, type SeenRequest, TicksAsked, WaitAsked } from '#shared/protocol/diagnose.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { openEventStream } from './event-stream.ts'
import type { Gate } from './route.ts'

/** Behind a proxy that does not say for whom it asks all are one. */
const REQUESTS = { ratePerSecond: 20, burst: 200 }
const ADDRESSES = 1_000
/** Of those that take long, on this instance. */
const LONG = 64

interface Deps extends Pick<Gate, 'identity' | 'origins'> {
  publicUrl: string | undefined
  limits: Limits
  metrics: Metrics
}

export function addDiagnose(app: FastifyInstance, deps: Deps): void {
  const { identity, origins, publicUrl, limits, metrics } = deps
  const publicOrigin = publicUrl === undefined ? null : new URL(publicUrl).origin
  const buckets = new Map<string, TokenBucket>()
  let long = 0

  app.get('/api/diagnose/request', async (request): Promise<SeenRequest> => {
    refuseTooMany(request)
    const { host, 'x-forwarded-proto': proto } = request.headers
    return {
      now: Date.now(),
      host: host ?? null,
      proto: typeof proto === 'string' ? proto.slice(0, 64) : null,
      publicOrigin,
      session: (await identity.find(request.raw)) !== undefined,
    }
  })

  app.get('/api/diagnose/ticks', async (request, reply) => {
    refuseTooMany(request)
    const { count, every } = parse(TicksAsked, request.query)
    await takeLong(async () => {
      const stream = openEventStream(reply, limits)
      for (let n = 1; n <= count && !stream.closed; n++) {
        if (n > 1) await pause(every)
        stream.send({ id: n, event: 'tick', json: JSON.stringify({ n, at: Date.now() }) })
      }
      stream.end()
    })
    return reply
  })

  app.get('/api/diagnose/wait', async (request) => {
    refuseTooMany(request)
    const { ms } = parse(WaitAsked, request.query)
    await takeLong(() => pause(ms))
    return { ms }
  })

  app.register(async (scope) => {
    const type = 'application/octet-stream'
    scope.addContentTypeParser(type, { parseAs: 'buffer' }, (_request, body, done) =>
      done(null, body),
    )
    scope.post('/api/diagnose/body', { bodyLimit: BODY_BYTES }, async (request) => {
      refuseTooMany(request)
      origins.requireOwn(request.raw)
      return { bytes: request.body instanceof Uint8Array ? request.body.length : 0 }
    })
  })

  function refuseTooMany(request: FastifyRequest): void {
    origins.refuseForeign(request.raw)
    // Of many addresses the first are forgotten: they may begin anew.
    if (buckets.size > ADDRESSES) buckets.delete(buckets.keys().next().value!)
    let bucket = buckets.get(request.ip)
    if (!bucket) {
      bucket = new TokenBucket(REQUESTS)
      buckets.set(request.ip, bucket)
    }
    if (!bucket.take()) refuse()
  }

  async function takeLong(act: () => Promise<void>): Promise<void> {
    if (long >= LONG) refuse()
    long++
    try {
      await act()
    } finally {
      long--
    }
  }

  function refuse(): never {
    metrics.limitRefused.inc({ scope: 'diagnose', kind: 'requests' })
    throw new GlossError('too-many', 'too many requests to diagnose')
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new GlossError('bad-request', 'a bad question', result.error)
}
