/**
 * /api/documents/:id/sync: the frames of the sync socket over plain requests, for networks that let
 * no socket through. Who may come in, how many and into which room is asked where sockets ask it.
 * A connection lives on the instance that opened it; another one says that it is not there.
 */
import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Metrics } from '#server/metrics.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import { decimal } from '#shared/protocol/decimal.ts'
import { POLL_MS, UP_BYTES } from '#shared/protocol/frame-stream.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Caller } from './caller.ts'
import { OCTETS } from './described-routes.ts'
import type { DescribedRoute } from './openapi.ts'
import { PolledWire } from './polled-wire.ts'
import type { Gate } from './route.ts'
import type { SyncPlaces } from './sync-places.ts'

/** How long a piece may wait while reading is paused: shorter than most proxies' patience. */
const PAUSED_MS = 10_000
/** How long the end of a connection may still be asked for. */
const LINGER_MS = 10_000
/** How long all clients have to hear that the server stops. */
const CLOSE_MS = 1_000

const Place = decimal(0, Number.MAX_SAFE_INTEGER)
const Asked = z.object({ after: Place, wait: Place.optional() })
const Sent = z.object({ at: Place })
const Opened = z.object({ ticket: z.string().max(512).optional() })

/** For the OpenAPI document; bodies and answers that are bytes have no schema there. */
export const SYNC_HTTP: readonly DescribedRoute[] = [
  {
    method: 'POST',
    url: '/api/documents/:id/sync',
    summary: 'Opens a connection that syncs the document by plain requests (server/README.md)',
    body: Opened,
    answer: z.object({ connection: z.string() }),
    status: 201,
  },
  {
    method: 'POST',
    url: '/api/documents/:id/sync/:connection',
    summary: 'Takes bytes of the client’s stream of frames, from the place `at` on',
    query: Sent,
    bodyMedia: OCTETS,
    answer: z.object({ received: z.number() }),
  },
  {
    method: 'GET',
    url: '/api/documents/:id/sync/:connection',
    summary: 'Bytes of the server’s stream of frames after the place `after`; 204 where none came',
    query: Asked,
    answer: z.object({ code: z.number(), reason: z.string() }).describe('it was closed'),
    media: [OCTETS, 'application/json'],
    others: [{ status: 204, description: 'Nothing came' }],
  },
  {
    method: 'DELETE',
    url: '/api/documents/:id/sync/:connection',
    summary: 'Ends the connection',
    status: 204,
  },
]

interface Deps extends Gate {
  places: SyncPlaces
  limits: Limits
  metrics: Metrics
}

interface Held {
  wire: PolledWire
  caller: Caller
  /** Opened with a ticket: whoever knows the connection's name is its owner. */
  ticketed: boolean
}

type Params = { Params: { id: string; connection: string } }

export class SyncHttp {
  readonly #deps: Deps
  /** Names this instance in the names of its connections. */
  readonly #instance = randomBytes(6).toString('base64url')
  readonly #held = new Map<string, Held>()
  readonly #lingering = new Set<NodeJS.Timeout>()
  #gone: (() => void) | undefined

  constructor(app: FastifyInstance, deps: Deps) {
    this.#deps = deps
    app.register(async (scope) => {
      scope.addContentTypeParser(
        OCTETS,
        { parseAs: 'buffer', bodyLimit: UP_BYTES },
        (_r, body, done) => done(null, body),
      )
      const url = '/api/documents/:id/sync'
      scope.post<Params>(url, (request, reply) => this.#open(request, reply))
      const one = `${url}/:connection`
      scope.get<Params>(one, { exposeHeadRoute: false }, (request, reply) =>
        this.#ask(request, reply),
      )
      scope.post<Params>(one, { bodyLimit: UP_BYTES }, (request) => this.#take(request))
      scope.delete<Params>(one, (request, reply) => this.#leave(request, reply))
    })
  }

  /** Tells every client to come back elsewhere, or later; resolves when all have heard or a second is over. */
  async close(): Promise<void> {
    this.#deps.places.close()
    for (const { wire } of this.#held.values()) wire.close(CLOSE.restart, 'restarting')
    if (this.#held.size > 0) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, CLOSE_MS)
        this.#gone = () => {
          clearTimeout(late)
          resolve()
        }
      })
    }
    for (const timer of this.#lingering) clearTimeout(timer)
    this.#held.clear()
  }

  async #open(request: FastifyRequest<Params>, reply: FastifyReply): Promise<object> {
    const { places, limits, metrics } = this.#deps
    const { ticket } = parse(Opened, request.body ?? {})
    const caller = await places.admit(request.raw, request.params.id, ticket)
    const free = places.take(caller)
    const name = `${this.#instance}.${randomBytes(32).toString('base64url')}`
    const wire: PolledWire = new PolledWire({
      maxFrameBytes: limits.messageBytes,
      ended: () => {
        free()
        metrics.connections.dec({ kind: 'http' })
        this.#linger(name, wire)
      },
    })
    metrics.connections.inc({ kind: 'http' })
    metrics.connectionsOpened.inc()
    this.#held.set(name, { wire, caller, ticketed: ticket !== undefined })
    places.serve(wire, caller)
    reply.code(201)
    return { connection: name }
  }

  async #ask(request: FastifyRequest<Params>, reply: FastifyReply): Promise<unknown> {
    this.#deps.origins.refuseForeign(request.raw)
    const { wire } = await this.#find(request)
    const { after, wait = POLL_MS } = parse(Asked, request.query)
    reply.header('x-accel-buffering', 'no')
    const answer = await wire.ask(after, Math.min(wait, POLL_MS))
    switch (answer.kind) {
      case 'nothing':
        return reply.code(204).send()
      case 'bytes':
        return reply.type(OCTETS).send(answer.bytes)
      case 'closed':
        this.#forgetIfOver(request.params.connection, wire)
        return reply.send({ code: answer.code, reason: answer.reason })
    }
  }

  async #take(request: FastifyRequest<Params>): Promise<object> {
    this.#deps.origins.requireOwn(request.raw)
    const { wire } = await this.#find(request)
    const { at } = parse(Sent, request.query)
    if (!(request.body instanceof Uint8Array)) throw new GlossError('bad-request', 'no octets')
    return { received: await wire.take(at, request.body, PAUSED_MS) }
  }

  async #leave(request: FastifyRequest<Params>, reply: FastifyReply): Promise<unknown> {
    this.#deps.origins.requireOwn(request.raw)
    const { wire } = await this.#find(request)
    wire.terminate()
    return reply.code(204).send()
  }

  /** Throws `not-here` for another instance's connection, `not-found` for none of this caller's. */
  async #find(request: FastifyRequest<Params>): Promise<Held> {
    const { id, connection } = request.params
    if (!connection.startsWith(`${this.#instance}.`)) {
      throw new GlossError('not-here', 'a connection of another instance')
    }
    const held = this.#held.get(connection)
    const known = held?.caller.document === id && (await this.#mayUse(held, request.raw))
    if (!held || !known) throw new GlossError('not-found', 'no such connection')
    return held
  }

  async #mayUse({ ticketed, caller }: Held, request: IncomingMessage): Promise<boolean> {
    const user = await this.#deps.identity.find(request)
    return user === undefined ? ticketed : user.id === caller.user.id
  }

  /** A connection that has ended stays for a moment, so that its client can hear why. */
  #linger(name: string, wire: PolledWire): void {
    if (this.#forgetIfOver(name, wire)) return
    const timer = setTimeout(() => {
      this.#lingering.delete(timer)
      this.#held.delete(name)
    }, LINGER_MS)
    this.#lingering.add(timer)
  }

  #forgetIfOver(name: string, wire: PolledWire): boolean {
    if (!wire.over) return false
    this.#held.delete(name)
    if (this.#held.size === 0) this.#gone?.()
    return true
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new GlossError('bad-request', 'a bad sync request', result.error)
}
