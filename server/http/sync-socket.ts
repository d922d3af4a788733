/**
 * GET /sync/:document: the socket that y-websocket speaks. Who may come in, how many at once, and
 * into which room; what is said then is the connection's business.
 */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { type Caller, Connection } from './connection.ts'
import { closeCodeOf, MEANINGS } from './errors.ts'
import type { Gate } from './route.ts'

const TICKET_PROTOCOL = 'gloss.ticket.'
/** How long a peer may take to answer a close, and all of them when the server stops. */
const CLOSE_MS = 1_000
/** No client of ours cuts a message up; a proxy may, a little. */
const FRAGMENTS = 64

interface Deps extends Gate {
  rooms: RoomRegistry
  limits: Limits
  log: Log
  metrics: Metrics
}

export class SyncSockets {
  readonly #deps: Deps
  readonly #sockets: WebSocketServer
  readonly #perUser = new Map<string, number>()
  readonly #perDocument = new Map<string, number>()
  #count = 0
  #closing = false

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
    this.#closing = true
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
        this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#serve(ws, caller))
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

  /** Who may come in. Throws the GlossError that says why not; no room is opened for that. */
  async #admit(request: IncomingMessage, socket: Duplex): Promise<Caller> {
    const { origins, identity, authorize } = this.#deps
    const document = /^\/sync\/([A-Za-z0-9_-]{1,64})(?:\?|$)/.exec(request.url ?? '')?.[1]
    if (document === undefined) throw new GlossError('not-found', 'not a sync address')
    if (this.#closing) throw new GlossError('stopping', 'the server stops')
    const protocol = request.headers['sec-websocket-protocol']?.split(',')[0]?.trim() ?? ''
    const hasTicket = protocol.startsWith(TICKET_PROTOCOL)
    // A ticket cannot be had from a foreign page, so it stands for the origin.
    if (hasTicket) origins.refuseForeign(request)
    else origins.requireOwn(request)
    const user = hasTicket
      ? await identity.redeemTicket(protocol, document)
      : await identity.find(request)
    if (!user) throw new GlossError('not-signed-in', 'no valid session or ticket')
    const { role } = await authorize(user.id, 'read', document)
    this.#takePlace(user.id, document, socket)
    return { user, document, canWrite: role !== 'viewer' }
  }

  /** The place is taken before the upgrade, so that two who come at once cannot both have the last. */
  #takePlace(user: string, document: string, socket: Duplex): void {
    const { limits, metrics } = this.#deps
    const full =
      this.#count >= limits.socketsPerInstance ||
      (this.#perUser.get(user) ?? 0) >= limits.socketsPerUser ||
      (this.#perDocument.get(document) ?? 0) >= limits.connectionsPerDocument
    if (full) {
      metrics.limitRefused.inc({ scope: 'ws', kind: 'connections' })
      throw new GlossError('too-many', 'too many sockets')
    }
    if (socket.destroyed) return
    const take = (by: 1 | -1) => {
      this.#count += by
      add(this.#perUser, user, by)
      add(this.#perDocument, document, by)
    }
    take(1)
    socket.once('close', () => take(-1))
  }

  #serve(ws: WebSocket, caller: Caller): void {
    const { rooms, log, limits, metrics } = this.#deps
    const { document } = caller
    metrics.connections.inc({ kind: 'ws' })
    metrics.connectionsOpened.inc()
    ws.once('close', () => metrics.connections.dec({ kind: 'ws' }))
    const connection = new Connection({ ws, caller, limits, log })
    if (this.#closing) return connection.peer.close(CLOSE.restart, 'restarting')
    rooms.hold(document).then(
      ({ room, release }) => {
        if (ws.readyState !== ws.OPEN) return release()
        ws.once('close', release)
        connection.enter(room)
      },
      (error: unknown) => {
        log.warn({ document, error }, 'a room did not open')
        connection.peer.close(closeCodeOf(error), 'the document cannot be opened')
      },
    )
  }
}

function add(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
