/**
 * Who may sync a document here, how many at once, and into which room: the same for every kind of
 * wire. What is said then is the connection's business.
 */
import type { IncomingMessage } from 'node:http'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { Room } from '#server/rooms/room.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import { SCHEMA_VERSION } from '#shared/document/shape.ts'
import { GlossError } from '#shared/errors.ts'
import { CLOSE } from '#shared/protocol/close-codes.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { grant, rightOf } from './authorize.ts'
import type { Caller } from './caller.ts'
import { Connection } from './connection.ts'
import { closeCodeOf } from './errors.ts'
import { Heartbeat } from './heartbeat.ts'
import { bearerOf } from './identity.ts'
import type { LookUps } from './look-ups.ts'
import { outdatedWire } from './outdated-wire.ts'
import { type Rates, ratesOf } from './rates.ts'
import type { Gate } from './route.ts'
import type { Wire } from './wire.ts'

export interface SyncPlacesDeps extends Gate {
  lookUps: LookUps
  rooms: Pick<RoomRegistry, 'hold' | 'backlog'>
  limits: Limits
  log: Log
  metrics: Metrics
}

export class SyncPlaces {
  readonly #deps: SyncPlacesDeps
  readonly #rates: Rates
  readonly #heartbeat: Heartbeat
  readonly #perUser = new Map<string, number>()
  readonly #perDocument = new Map<string, number>()
  #count = 0
  #closing = false

  constructor(deps: SyncPlacesDeps) {
    this.#deps = deps
    this.#rates = ratesOf(deps.limits)
    this.#heartbeat = new Heartbeat(deps.limits.pingMs)
  }

  /** Nobody comes in any more. */
  close(): void {
    this.#closing = true
  }

  /**
   * Who asks, and whether they may write. Throws the GlossError that says why they may not even
   * read; no room is opened for that. `ticket` is a one-time ticket in place of the cookie.
   */
  async admit(request: IncomingMessage, document: string, ticket?: string): Promise<Caller> {
    const { origins } = this.#deps
    if (this.#closing) throw new GlossError('stopping', 'the server stops')
    // A ticket cannot be had from a foreign page, so it stands for the origin.
    if (ticket !== undefined) origins.refuseForeign(request)
    else origins.requireOwn(request)
    const { user, row, role } = await this.#who(request, document, ticket)
    const asked = askedIn(request.url ?? '')
    // What a client without `?epoch=` holds nobody knows: it is taken at its word.
    const restored = asked.epoch !== undefined && asked.epoch !== row.epoch
    // Only a page of ours says the epoch and has no token: the first ones did not name a schema.
    const isPage = asked.epoch !== undefined && ticket === undefined && !bearerOf(request)
    const outdated = isPage && (asked.schema ?? 1) < SCHEMA_VERSION
    // The row's id and not a part of the address, which would be kept with it.
    return { user, document: row.id, canWrite: role !== 'viewer', restored, outdated }
  }

  /**
   * Takes a place for one wire, before it is there, so that two who come at once cannot both have
   * the last. Throws `too-many`. The answer gives the place back, once.
   */
  take({ user: { id: user }, document }: Caller): () => void {
    const { limits, metrics } = this.#deps
    const full =
      this.#count >= limits.socketsPerInstance ||
      (this.#perUser.get(user) ?? 0) >= limits.socketsPerUser ||
      (this.#perDocument.get(document) ?? 0) >= limits.connectionsPerDocument
    if (full) {
      metrics.limitRefused.inc({ scope: 'ws', kind: 'connections' })
      throw new GlossError('too-many', 'too many sockets')
    }
    this.#add(user, document, 1)
    let taken = true
    return () => {
      if (taken) this.#add(user, document, -1)
      taken = false
    }
  }

  /** Joins a wire to its room; what it says meanwhile waits. Never throws. */
  serve(wire: Wire, caller: Caller): Connection {
    const { rooms, lookUps, log, limits, metrics } = this.#deps
    const { document } = caller
    const lookUp = (user: string) => lookUps.user(user)
    const shared = { lookUp, limits, rates: this.#rates, heartbeat: this.#heartbeat, log, metrics }
    const own = caller.outdated ? outdatedWire(wire) : wire
    const connection = new Connection({ wire: own, caller, backlog: rooms.backlog, ...shared })
    if (this.#closing) {
      wire.close(CLOSE.restart, 'restarting')
      return connection
    }
    if (caller.restored) {
      wire.close(CLOSE.restored, 'restored')
      return connection
    }
    rooms.hold(document).then(
      (hold) => {
        connection.enter(hold)
        this.#confirm(connection, caller, hold.room)
      },
      (error: unknown) => {
        log.warn({ document, error }, 'a room did not open')
        wire.close(closeCodeOf(error), 'the document cannot be opened')
      },
    )
    return connection
  }

  async #who(request: IncomingMessage, document: string, ticket: string | undefined) {
    const { identity, authorize, lookUps } = this.#deps
    const nobody = () => new GlossError('not-signed-in', 'no valid session or ticket')
    if (ticket !== undefined) {
      const user = await identity.redeemTicket(ticket, document)
      if (!user) throw nobody()
      return { user, ...(await authorize(user.id, 'read', document)) }
    }
    const id = identity.claimed(request)
    if (id === undefined) throw nobody()
    const found = await lookUps.both(id, document)
    if (!found.user) throw nobody()
    return { user: found.user, ...grant(id, 'read', found.document) }
  }

  /**
   * From here on the connection hears of every change. One that was made since its right was
   * looked up, and told before it came in, shows in the room: then the right is looked up again.
   */
  #confirm(connection: Connection, { user, document, canWrite }: Caller, room: Room): void {
    const right = room.rightOf(connection) ?? rightOf(user.id, room.loaded)
    if ('canWrite' in right && right.canWrite === canWrite) return
    this.#deps.lookUps.document(document).then(
      (row) => room.permit(connection, row ? rightOf(user.id, row) : { close: CLOSE.gone }),
      (error: unknown) => room.permit(connection, { close: closeCodeOf(error) }),
    )
  }

  #add(user: string, document: string, by: 1 | -1): void {
    this.#count += by
    count(this.#perUser, user, by)
    count(this.#perDocument, document, by)
  }
}

/** What a client says of itself in the address: of which history its copy is, and how old its page. */
function askedIn(url: string): { epoch?: number; schema?: number } {
  const numberOf = (name: string) => new RegExp(`[?&]${name}=(\\d{1,15})(?:&|$)`).exec(url)?.[1]
  const [epoch, schema] = [numberOf('epoch'), numberOf('schema')]
  return {
    ...(epoch !== undefined && { epoch: Number(epoch) }),
    ...(schema !== undefined && { schema: Number(schema) }),
  }
}

function count(counts: Map<string, number>, key: string, by: 1 | -1): void {
  const n = (counts.get(key) ?? 0) + by
  if (n > 0) counts.set(key, n)
  else counts.delete(key)
}
