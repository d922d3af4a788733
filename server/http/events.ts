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
import type { DocumentRow, DocumentStore } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { roleOf } from './authorize.ts'
import { problemFor, sendProblem } from './errors.ts'
import { type EventStream, openEventStream, sseHeartbeat } from './event-stream.ts'
import { LaneReader } from './lane-reader.ts'
import type { Gate } from './route.ts'

interface Deps extends Pick<Gate, 'authorize'> {
  identity: Pick<Gate['identity'], 'require'>
  origins: Pick<Gate['origins'], 'refuseForeign'>
  store: DocumentStore
  rooms: Pick<RoomRegistry, 'hold'>
  /** Undefined where the co-pilot is off: the lane is then open and silent. */
  runs: Runs | undefined
  limits: Limits
  log: Log
  metrics: Metrics
}

export interface EventLanes {
  /** Says `bye` to those who may not read this document any more. */
  recheck(row: DocumentRow): void
  /** Says `bye` to every reader, and to whoever comes later. */
  close(): void
}

export function addEvents(app: FastifyInstance, deps: Deps): EventLanes {
  const { store, rooms, runs, limits, log, metrics, identity, origins, authorize } = deps
  const open = new Map<EventStream, { user: string; document: string }>()
  const heartbeat = sseHeartbeat(limits)
  let closing = false
  const counts = new Map<string, number>()

  app.get<{ Params: { id: string }; Querystring: { after?: string } }>(
    '/api/documents/:id/events',
    { exposeHeadRoute: false },
    async (request, reply) => {
      origins.refuseForeign(request.raw)
      const user = await identity.require(request.raw)
      const { row } = await authorize(user.id, 'read', request.params.id)
      if (!accepts(request.headers.accept)) {
        const detail = 'This is an event stream: accept text/event-stream.'
        return sendProblem(reply, { ...problemFor('bad-request', detail), status: 406 })
      }
      if (closing) throw new GlossError('stopping', 'the server stops')
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
      const stream = openEventStream(reply, limits, heartbeat, () => reader.retire())
      open.set(stream, { user: user.id, document: row.id })
      metrics.connections.inc({ kind: 'sse' })
      metrics.connectionsOpened.inc()
      const reader: LaneReader = new LaneReader(stream, store, row.id)
      const following = room.follow((events) => reader.live(events))
      // A room that was lost tells nothing more; the browser comes back to the next one.
      const lost = () => stream.end()
      room.ended.addEventListener('abort', lost)
      stream.onClose(() => {
        open.delete(stream)
        room.ended.removeEventListener('abort', lost)
        following.close().catch((error: unknown) => log.warn({ error }, 'a lane did not close'))
        release()
        free()
        metrics.connections.dec({ kind: 'sse' })
      })
      if (room.ended.aborted || closing) {
        stream.end()
        return reply
      }
      const after = request.headers['last-event-id'] ?? request.query.after
      try {
        // What was taken away since the first look was told to those who read then.
        await authorize(user.id, 'read', row.id)
        // What was asked for twice is no id: it is answered like one that is not known.
        await reader.begin(after === undefined ? undefined : String(after), async () => {
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
    recheck: (row) => {
      for (const [stream, { user, document }] of open) {
        if (document !== row.id) continue
        if (row.state === 'deleted' || !roleOf(user, row)) stream.end()
      }
    },
    close: () => {
      closing = true
      for (const stream of open.keys()) stream.end()
    },
  }
}

const accepts = (accept: string | undefined): boolean =>
  accept === undefined || /text\/event-stream|\*\/\*/.test(accept)
