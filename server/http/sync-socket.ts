/**
 * GET /sync/:document: the socket that y-websocket speaks. This is the upgrade and no more; who
 * may come in is asked where all wires ask it.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, WebSocketServer } from 'ws'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Caller } from './caller.ts'
import { MEANINGS, retryAfterOf } from './errors.ts'
import type { SyncPlaces } from './sync-places.ts'
import { SyncWebSocket, WebSocketWire } from './websocket-wire.ts'

const TICKET_PROTOCOL = 'gloss.ticket.'
/** How long a peer may take to answer a close, and all of them when the server stops. */
const CLOSE_MS = 1_000
/** No client of ours cuts a message up; a proxy may, a little. */
const FRAGMENTS = 64

interface Deps {
  places: SyncPlaces
  limits: Limits
  log: Log
  metrics: Metrics
}

export class SyncSockets {
  readonly #deps: Deps
  readonly #sockets: WebSocketServer
  readonly #failed: (error: Error) => void

  constructor(server: Server, deps: Deps) {
    this.#deps = deps
    const options: ServerOptions & { closeTimeout: number } = {
      WebSocket: SyncWebSocket,
      noServer: true,
      maxPayload: deps.limits.messageBytes,
      maxFragments: FRAGMENTS,
      perMessageDeflate: false,
      autoPong: false,
      closeTimeout: CLOSE_MS,
      // A ticket is spent by now; naming it in the answer is what browsers insist on.
      handleProtocols: (protocols) => protocols.values().next().value ?? false,
    }
    this.#sockets = new WebSocketServer(options)
    this.#sockets.on('error', (error) => deps.log.error({ error }, 'the sync sockets failed'))
    this.#failed = (error) => deps.log.debug({ error }, 'a socket failed before its upgrade')
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Tells every client to come back elsewhere, or later; resolves when all are gone. */
  async close(): Promise<void> {
    this.#deps.places.close()
    const { clients } = this.#sockets
    const gone = [...clients].map((ws) => new Promise((resolve) => ws.once('close', resolve)))
    for (const ws of clients) ws.close(CLOSE.restart, 'restarting')
    this.#sockets.close()
    await Promise.all(gone)
  }

  /** Nothing that outlives the upgrade may refer to the request: there are ten thousand of them. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { log, limits, metrics } = this.#deps
    socket.on('error', this.#failed)
    let refused = false
    const refuse = (status: number, retryAfterS?: number) => {
      refused = true
      clearTimeout(deadline)
      const lines = [`HTTP/1.1 ${status} Refused`, 'connection: close', 'content-length: 0']
      if (retryAfterS) lines.push(`retry-after: ${retryAfterS}`)
      socket.end(`${lines.join('\r\n')}\r\n\r\n`, () => socket.destroy())
    }
    const deadline = setTimeout(() => refuse(408), limits.authenticateMs)
    this.#admit(request)
      .then((caller) => {
        if (refused || socket.destroyed) return
        this.#accept({ request, socket, head, caller })
        clearTimeout(deadline)
      })
      .catch((error: unknown) => {
        if (refused) return
        const code = error instanceof GlossError ? error.code : 'unavailable'
        metrics.rejected.inc({ reason: code })
        if (!(error instanceof GlossError)) log.error({ error }, 'an upgrade failed')
        refuse(MEANINGS[code].status, retryAfterOf(error))
      })
  }

  async #admit(request: IncomingMessage): Promise<Caller> {
    const document = /^\/sync\/([A-Za-z0-9_-]{1,64})(?:\?|$)/.exec(request.url ?? '')?.[1]
    if (document === undefined) throw new GlossError('not-found', 'not a sync address')
    const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]?.trim() ?? ''
    const ticket = protocol.startsWith(TICKET_PROTOCOL) ? protocol : undefined
    return this.#deps.places.admit(request, document, ticket)
  }

  /** Throws `too-many`. */
  #accept({ request, socket, head, caller }: Admitted): void {
    const { places, metrics } = this.#deps
    const free = places.take(caller)
    // Until there is a wire to tell of the end.
    socket.on('close', free)
    // The answer to the upgrade leaves with the room's first words, if those are there at once.
    socket.cork()
    this.#sockets.handleUpgrade(request, socket, head, (ws) => {
      metrics.connections.inc({ kind: 'ws' })
      metrics.connectionsOpened.inc()
      socket.off('close', free)
      socket.off('error', this.#failed)
      places.serve(new WebSocketWire(ws as SyncWebSocket, socket, this.#ended(free)), caller)
    })
  }

  #ended(free: () => void): () => void {
    return () => {
      free()
      this.#deps.metrics.connections.dec({ kind: 'ws' })
    }
  }
}

interface Admitted {
  request: IncomingMessage
  socket: Duplex
  head: Buffer
  caller: Caller
}
