/** Every route on one server, and what holds for all of them. */
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Runs } from '#server/ai/runs.ts'
import type { Bus } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { createAuthorize } from './authorize.ts'
import { DIAGNOSE, EVENT_STREAM, FOR_OPERATORS } from './described-routes.ts'
import { addDiagnose } from './diagnose.ts'
import { documentRoutes } from './document-routes.ts'
import { errorHandler, problemFor, sendProblem } from './errors.ts'
import { addEvents } from './events.ts'
import { addHealth } from './health.ts'
import { Identity } from './identity.ts'
import { acceptJson } from './json-body.ts'
import { LookUps } from './look-ups.ts'
import { openApi } from './openapi.ts'
import { createOrigins } from './origins.ts'
import { watchMethods } from './other-methods.ts'
import { addRoutes, type Gate } from './route.ts'
import { runRoutes } from './run-routes.ts'
import { addSignIn, SIGN_IN, sessionRoutes } from './session-routes.ts'
import { SYNC_HTTP, SyncHttp } from './sync-http.ts'
import { SyncPlaces } from './sync-places.ts'
import { SyncSockets } from './sync-socket.ts'

const POLICY = [
  "default-src 'self'",
  "img-src 'self' blob: data:",
  // The accessible primitives place their pop-ups by style attributes.
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ')

const FOR_MACHINES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics'])

export interface AppDeps {
  store: DocumentStore
  bus: Bus
  rooms: RoomRegistry
  /** Undefined where the co-pilot is off. */
  runs: Runs | undefined
  firstContent: (markdown: string | undefined) => Promise<{ update: Uint8Array; client: number }>
  secret: string
  publicUrl: string | undefined
  /** What the server listens on: it may be a name of this machine. */
  host?: string
  metricsToken: string | undefined
  limits: Limits
  version: string
  log: Log
  metrics: Metrics
}

type Fallback = (request: FastifyRequest, reply: FastifyReply) => void

export interface App {
  fastify: FastifyInstance
  /** Answers what no route does, instead of 404. */
  setFallback(fallback: Fallback): void
  /** Readiness off and no new runs; what is open goes on. */
  drain(): void
  /** Says good-bye to sockets and streams and closes the port. */
  close(): Promise<void>
}

export function createApp(deps: AppDeps): App {
  const { store, bus, rooms, runs, limits, log, metrics, publicUrl } = deps
  let accepting = true
  const https = publicUrl?.startsWith('https:') ?? false
  const app = fastify({
    bodyLimit: limits.jsonBytes,
    forceCloseConnections: true,
    requestTimeout: 30_000,
    // Whoever connects and says nothing, or says it very slowly, does not hold a socket for long.
    http: { headersTimeout: limits.authenticateMs, connectionsCheckingInterval: 1_000 },
    routerOptions: { maxParamLength: 128 },
    // A URL that does not decode is the caller's mistake, told like any other.
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply, problemFor('bad-request'))
    },
  })
  let fallback: Fallback = (_request, reply) => sendProblem(reply, problemFor('not-found'))
  app.setNotFoundHandler((request, reply) => fallback(request, reply))
  const refuseOtherMethods = watchMethods(app)
  const origins = createOrigins(publicUrl, deps.host)
  acceptJson(app, limits.jsonDepth)
  app.setErrorHandler(errorHandler(log))
  app.addHook('onRequest', async (request, reply) => {
    // Node answers even the protocol without a version; no client of today's speaks it.
    if (request.raw.httpVersionMajor < 1) throw new GlossError('bad-request', 'HTTP/0.9')
    // Machines ask these by whatever name their network has for us, and learn nothing of anybody.
    if (!FOR_MACHINES.has(request.url)) origins.requireOwnName(request.raw)
    reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      ...(https ? { 'strict-transport-security': 'max-age=31536000' } : {}),
    })
  })
  app.addHook('onSend', async (request, reply, payload) => {
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store')
    return payload
  })

  const lookUps = new LookUps(store)
  const identity = new Identity({ store, lookUps, secret: deps.secret, https })
  const gate: Gate = {
    identity,
    origins,
    authorize: createAuthorize(lookUps),
  }
  const lanes = addEvents(app, { ...gate, store, rooms, runs, limits, log, metrics })
  const routes = [
    ...sessionRoutes(store, identity),
    ...documentRoutes({
      store,
      rooms,
      identity,
      firstContent: deps.firstContent,
      lanes,
      limits,
    }),
    ...(runs ? runRoutes(runs, rooms) : []),
  ]
  addSignIn(app, identity, gate.origins)
  addRoutes(app, routes, gate)
  const others = [EVENT_STREAM, ...SYNC_HTTP, ...DIAGNOSE, ...FOR_OPERATORS]
  const description = openApi([SIGN_IN, ...routes, ...others], {
    version: deps.version,
    cookie: identity.cookie,
  })
  app.get('/api/openapi.json', () => description)
  addDiagnose(app, { ...gate, publicUrl, limits, metrics })
  addHealth(app, {
    store,
    bus,
    metrics,
    metricsToken: deps.metricsToken,
    accepting: () => accepting,
  })
  const places = new SyncPlaces({ ...gate, lookUps, rooms, limits, log, metrics })
  const sockets = new SyncSockets(app.server, { places, limits, log, metrics })
  const polled = new SyncHttp(app, { ...gate, places, limits, metrics })
  refuseOtherMethods()

  return {
    fastify: app,
    setFallback: (next) => {
      fallback = next
    },
    drain: () => {
      accepting = false
    },
    close: async () => {
      accepting = false
      lanes.close()
      await Promise.all([sockets.close(), polled.close()])
      await app.close()
    },
  }
}
