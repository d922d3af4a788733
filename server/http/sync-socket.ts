/**
 * GET /sync/:document — the socket that y-websocket speaks. It turns bytes into frames and a
 * WebSocket into a Peer, and keeps the connection's limits; what frames mean is the room's business.
 */
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import { TokenBucket } from '#server/limits/token-bucket.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { Peer } from '#server/rooms/peer.ts'
import type { Room } from '#server/rooms/room.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { UserRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import { type ClientFrame, decodeClientFrame } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { closeCodeOf, MEANINGS } from './errors.ts'
import type { Gate } from './route.ts'

const TICKET_PROTOCOL = 'gloss.ticket.'

interface Deps extends Gate {
  rooms: RoomRegistry
  limits: Limits
  log: Log
  metrics: Metrics
}

interface Caller {
  user: UserRow
  document: string
  canWrite: boolean
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
    this.#sockets = new WebSocketServer({
      noServer: true,
      maxPayload: deps.limits.messageBytes,
      perMessageDeflate: false,
      // A ticket is spent by now; naming it in the answer is what browsers insist on.
      handleProtocols: (protocols) => protocols.values().next().value ?? false,
    })
    this.#sockets.on('error', (error) => deps.log.error({ error }, 'the sync sockets failed'))
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  /** Tells every client to come back elsewhere, or later. */
  close(): void {
    this.#closing = true
    for (const socket of this.#sockets.clients) socket.close(CLOSE.restart, 'restarting')
    this.#sockets.close()
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { log, limits, metrics } = this.#deps
    socket.on('error', (error) => log.debug({ error }, 'a socket failed before its upgrade'))
    const deadline = setTimeout(() => socket.destroy(), limits.authenticateMs)
    this.#admit(request).then(
      (caller) => {
        clearTimeout(deadline)
        if (socket.destroyed) return
        this.#sockets.handleUpgrade(request, socket, head, (ws) => this.#serve(ws, caller))
      },
      (error: unknown) => {
        clearTimeout(deadline)
        const { status } = MEANINGS[error instanceof GlossError ? error.code : 'unavailable']
        metrics.rejected.inc({ reason: error instanceof GlossError ? error.code : 'unavailable' })
        if (!(error instanceof GlossError)) log.error({ error }, 'an upgrade failed')
        socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
      },
    )
  }

  /** Who may come in. Throws the GlossError that says why not; no room is opened for that. */
  async #admit(request: IncomingMessage): Promise<Caller> {
    const { origins, identity, authorize, limits, metrics } = this.#deps
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
    const full =
      this.#count >= limits.socketsPerInstance ||
      (this.#perUser.get(user.id) ?? 0) >= limits.socketsPerUser ||
      (this.#perDocument.get(document) ?? 0) >= limits.connectionsPerDocument
    if (full) {
      metrics.limitRefused.inc({ scope: 'ws', kind: 'connections' })
      throw new GlossError('too-many', 'too many sockets')
    }
    return { user, document, canWrite: role !== 'viewer' }
  }

  #serve(ws: WebSocket, caller: Caller): void {
    const { rooms, log, limits, metrics } = this.#deps
    const { user, document } = caller
    this.#count++
    add(this.#perUser, user.id, 1)
    add(this.#perDocument, document, 1)
    metrics.connections.inc({ kind: 'ws' })
    metrics.connectionsOpened.inc()
    const connection = new Connection(ws, caller, limits, log)
    ws.once('close', () => {
      this.#count--
      add(this.#perUser, user.id, -1)
      add(this.#perDocument, document, -1)
      metrics.connections.dec({ kind: 'ws' })
    })
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

/** One socket in one room: its rates, its heartbeat, and what waits while the room opens. */
class Connection {
  readonly peer: Peer
  readonly #ws: WebSocket
  readonly #limits: Limits
  readonly #log: Log
  readonly #messages: TokenBucket
  readonly #bytes: TokenBucket
  readonly #awareness: TokenBucket
  readonly #step1: TokenBucket
  #early: Uint8Array[] | undefined = []
  #earlyBytes = 0
  #room: Room | undefined
  #heldAwareness: ClientFrame | undefined
  #timers = new Set<NodeJS.Timeout>()
  #lastHeard = Date.now()
  #fullSince: number | undefined

  constructor(ws: WebSocket, { user, canWrite, document }: Caller, limits: Limits, log: Log) {
    this.#ws = ws
    this.#limits = limits
    this.#log = log
    this.#messages = new TokenBucket({
      ratePerSecond: limits.messagesPerSecond,
      burst: limits.messagesBurst,
    })
    this.#bytes = new TokenBucket({
      ratePerSecond: limits.bytesPerSecond,
      burst: limits.bytesBurst,
    })
    this.#awareness = new TokenBucket({
      ratePerSecond: limits.awarenessPerSecond,
      burst: limits.awarenessPerSecond,
    })
    this.#step1 = new TokenBucket({
      ratePerSecond: limits.syncStep1PerMinute / 60,
      burst: limits.syncStep1PerMinute,
    })
    const { id, name, color } = user
    this.peer = {
      id: randomUUID(),
      user: { id, name, color },
      canWrite,
      send: (frame) => this.#send(frame),
      close: (code, reason) => this.#close(code, reason),
    }
    ws.binaryType = 'nodebuffer'
    ws.on('error', (error) => log.debug({ document, peer: this.peer.id, error }, 'a socket failed'))
    ws.on('message', (data, isBinary) => this.#hear(data as Buffer, isBinary))
    ws.on('pong', () => {
      this.#lastHeard = Date.now()
    })
    ws.once('close', () => this.#left())
    this.#every(limits.pingMs, () => this.#ping())
  }

  /** From here on frames reach the room, those that came while it opened first. */
  enter(room: Room): void {
    this.#room = room
    room.join(this.peer)
    const early = this.#early ?? []
    this.#early = undefined
    for (const bytes of early) this.#receive(bytes)
  }

  #hear(bytes: Buffer, isBinary: boolean): void {
    this.#lastHeard = Date.now()
    if (!isBinary) return this.#close(CLOSE.protocol, 'only binary messages')
    if (!this.#messages.take()) return this.#close(CLOSE.tooMany, 'too many messages')
    if (!this.#bytes.take(bytes.length)) this.#pauseReading(this.#bytes.waitMs(bytes.length))
    if (!this.#early) return this.#receive(bytes)
    this.#earlyBytes += bytes.length
    if (this.#earlyBytes > this.#limits.bytesBurst) return this.#close(CLOSE.later, 'still opening')
    this.#early.push(bytes)
  }

  #receive(bytes: Uint8Array): void {
    const room = this.#room
    if (!room || this.#ws.readyState !== this.#ws.OPEN) return
    try {
      const frame = decodeClientFrame(bytes)
      if (frame.kind === 'awareness') {
        if (bytes.length > this.#limits.awarenessBytes)
          throw new GlossError('too-large', 'awareness')
        if (!this.#awareness.take()) return this.#holdAwareness(frame)
      }
      const amplifies = frame.kind === 'sync-step-1' || frame.kind === 'query-awareness'
      if (amplifies && !this.#step1.take()) return this.#close(CLOSE.tooMany, 'too many requests')
      room.receive(this.peer, frame, bytes.length)
      if (room.full) this.#pauseUntil(room.drained())
    } catch (error) {
      const { id } = this.peer
      this.#log.warn({ document: room.id, peer: id, error }, 'a frame was refused')
      this.#close(closeCodeOf(error), 'the message was refused')
    }
  }

  /** Of presence only the latest counts: what comes too fast waits, the rest is forgotten. */
  #holdAwareness(frame: ClientFrame): void {
    const waiting = this.#heldAwareness !== undefined
    this.#heldAwareness = frame
    if (waiting) return
    this.#after(this.#awareness.waitMs(1), () => {
      const held = this.#heldAwareness
      this.#heldAwareness = undefined
      this.#awareness.take()
      if (held && this.#room) this.#room.receive(this.peer, held, 0)
    })
  }

  #pauseReading(ms: number): void {
    this.#ws.pause()
    this.#after(ms, () => this.#ws.resume())
  }

  /** The commit queue is full: what is not read yet waits at the client, where it is safe. */
  #pauseUntil(drained: Promise<void>): void {
    this.#ws.pause()
    drained.finally(() => this.#ws.resume()).catch(() => this.#ws.terminate())
  }

  #send(frame: Uint8Array): void {
    const ws = this.#ws
    if (ws.readyState !== ws.OPEN) return
    ws.send(frame, { binary: true })
    const now = Date.now()
    if (ws.bufferedAmount === 0) this.#fullSince = undefined
    else this.#fullSince ??= now
    const stuck = this.#fullSince !== undefined && now - this.#fullSince > this.#limits.sendDrainMs
    if (ws.bufferedAmount > this.#limits.sendCloseBytes || stuck) {
      // Too far behind to catch up by queueing: a reconnect fetches just what is missing.
      ws.close(CLOSE.later, 'too slow')
      ws.terminate()
    }
  }

  #ping(): void {
    if (Date.now() - this.#lastHeard > this.#limits.deadMs) return this.#ws.terminate()
    if (this.#ws.readyState === this.#ws.OPEN) this.#ws.ping()
  }

  #close(code: CloseCode, reason: string): void {
    this.#ws.close(code, reason)
    // A peer that does not answer the close is not waited for.
    this.#after(this.#limits.authenticateMs, () => this.#ws.terminate())
  }

  #left(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#room?.leave(this.peer)
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, ms)
    this.#timers.add(timer)
  }

  #every(ms: number, act: () => void): void {
    this.#timers.add(setInterval(act, ms))
  }
}

function add(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const count = (counts.get(key) ?? 0) + by
  if (count > 0) counts.set(key, count)
  else counts.delete(key)
}
