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
import type { Caller } from './connection.ts'
import { MEANINGS } from './errors.ts'
import type { SyncPlaces } from './sync-places.ts'
import { WebSocketWire } from './websocket-wire.ts'

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

  constructor(server: Server, deps: Deps) {
    this.#deps = deps
    const options: ServerOptions & { closeTimeout: number } = {
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

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { log, limits, metrics } = this.#deps
    socket.on('error', (error) => log.debug({ error }, 'a socket failed before its upgrade'))
    let refused = false
    const refuse = (status: number) => {
      refused = true
      clearTimeout(deadline)
      const head = `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`
      socket.end(head, () => socket.destroy())
    }
    const deadline = setTimeout(() => refuse(408), limits.authenticateMs)
    this.#admit(request, socket).then(
      (caller) => {
        clearTimeout(deadline)
        if (refused || socket.destroyed) return
        this.#sockets.handleUpgrade(request, socket, head, (ws) => {
          metrics.connections.inc({ kind: 'ws' })
          metrics.connectionsOpened.inc()
          ws.once('close', () => metrics.connections.dec({ kind: 'ws' }))
          this.#deps.places.serve(new WebSocketWire(ws, socket), caller)
        })
      },
      (error: unknown) => {
        if (refused) return
        const code = error instanceof GlossError ? error.code : 'unavailable'
        metrics.rejected.inc({ reason: code })
        if (!(error instanceof GlossError)) log.error({ error }, 'an upgrade failed')
        refuse(MEANINGS[code].status)
      },
    )
  }

  async #admit(request: IncomingMessage, socket: Duplex): Promise<Caller> {
    const { places } = this.#deps
    const document = /^\/sync\/([A-Za-z0-9_-]{1,64})(?:\?|$)/.exec(request.url ?? '')?.[1]
    if (document === undefined) throw new GlossError('not-found', 'not a sync address')
    const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]?.trim() ?? ''
    const ticket = protocol.startsWith(TICKET_PROTOCOL) ? protocol : undefined
    const caller = await places.admit(request, document, ticket)
    const free = places.take(caller)
    if (socket.destroyed) free()
    else socket.once('close', free)
    return caller
  }
}
