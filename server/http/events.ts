/**
 * GET /api/documents/:id/events: the SSE lane. Everything after `Last-Event-ID` from the event
 * log, then live, without a gap between the two; an id that the log does not have gets one `reset`
 * with the runs as they stand.
 */
import type { FastifyInstance } from 'fastify'
import type { Runs } from '#server/ai/runs.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentStore, EventRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import type { Gate } from './route.ts'

const PAGE = 500

interface Deps extends Gate {
  store: DocumentStore
  rooms: RoomRegistry
  /** Undefined where the co-pilot is off: the lane is then open and silent. */
  runs: Runs | undefined
  limits: Limits
  log: Log
  metrics: Metrics
}

export interface EventLanes {
  /** Says `bye` to every reader. */
  close(): void
}

export function addEvents(app: FastifyInstance, deps: Deps): EventLanes {
  const { store, rooms, runs, limits, log, metrics, identity, origins, authorize } = deps
  const open = new Set<EventStream>()
  const counts = new Map<string, number>()

  app.get<{ Params: { id: string }; Querystring: { after?: string } }>(
    '/api/documents/:id/events',
    { exposeHeadRoute: false },
    async (request, reply) => {
      origins.refuseForeign(request.raw)
      const user = await identity.require(request.raw)
      const { row } = await authorize(user.id, 'read', request.params.id)
      if (!accepts(request.headers.accept)) {
        return reply.code(406).type('text/plain').send('This is an event stream.')
      }
      const key = `${user.id}/${row.id}`
      const count = counts.get(key) ?? 0
      if (count >= limits.ssePerUserAndDocument) {
        metrics.limitRefused.inc({ scope: 'sse', kind: 'connections' })
        throw new GlossError('too-many', 'too many event streams')
      }
      counts.set(key, count + 1)
      const free = () => {
        const left = (counts.get(key) ?? 1) - 1
        if (left > 0) counts.set(key, left)
        else counts.delete(key)
      }

      const { room, release } = await rooms.hold(row.id).catch((error: unknown) => {
        free()
        throw error
      })
      const stream = openEventStream(reply, limits)
      open.add(stream)
      metrics.connections.inc({ kind: 'sse' })
      metrics.connectionsOpened.inc()
      const reader = new Reader(stream, store, row.id)
      const following = room.follow((events) => reader.live(events))
      stream.onClose(() => {
        open.delete(stream)
        following.close().catch((error: unknown) => log.warn({ error }, 'a lane did not close'))
        release()
        free()
        metrics.connections.dec({ kind: 'sse' })
      })
      const after = request.headers['last-event-id'] ?? request.query.after
      try {
        await reader.begin(typeof after === 'string' ? after : undefined, async () => {
          metrics.sseResets.inc()
          return { runs: runs ? await runs.list(row.id) : [] }
        })
      } catch (error) {
        log.warn({ document: row.id, error }, 'an event stream failed')
        stream.end()
      }
      return reply
    },
  )

  return {
    close: () => {
      for (const stream of open) stream.end()
    },
  }
}

/** One reader's place in the event log. Sends each event once, in order, whatever comes when. */
class Reader {
  readonly #stream: EventStream
  readonly #store: DocumentStore
  readonly #document: string
  /** The last event sent; undefined until it is known where to begin. */
  #last: number | undefined
  /** What is to be sent goes through one chain, so that a page from the log cannot be overtaken. */
  #turn: Promise<void> = Promise.resolve()

  constructor(stream: EventStream, store: DocumentStore, document: string) {
    this.#stream = stream
    this.#store = store
    this.#document = document
  }

  begin(after: string | undefined, reset: () => Promise<object>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      const heads = await this.#store.heads([this.#document])
      const head = heads.get(this.#document)?.eventHead ?? 0
      if (after === undefined) {
        this.#last = head
        return
      }
      const from = /^\d{1,15}$/.test(after) ? Number(after) : -1
      const first = await this.#store.firstEvent(this.#document)
      if (from < 0 || from > head || from < first - 1) {
        this.#stream.send({ id: head, event: 'reset', json: JSON.stringify(await reset()) })
        this.#last = head
      } else {
        this.#last = from
        await this.#catchUp()
      }
    })
    return this.#turn
  }

  live(events: readonly EventRow[]): void {
    this.#turn = this.#turn.then(async () => {
      for (const event of events) {
        if (this.#last === undefined || event.n <= this.#last) continue
        if (event.n > this.#last + 1) await this.#catchUp()
        if (event.n > this.#last) this.#send(event)
      }
    })
    // The stream ends; the browser comes back and resumes after the last id it saw.
    this.#turn.catch(() => this.#stream.end())
  }

  async #catchUp(): Promise<void> {
    for (;;) {
      const page = await this.#store.eventsAfter(this.#document, this.#last ?? 0, PAGE)
      for (const event of page) this.#send(event)
      if (page.length < PAGE) return
    }
  }

  #send({ n, type, data }: EventRow): void {
    this.#stream.send({ id: n, event: type, json: data })
    this.#last = n
  }
}

const accepts = (accept: string | undefined): boolean =>
  accept === undefined || /text\/event-stream|\*\/\*/.test(accept)
