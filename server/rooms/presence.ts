/**
 * Presence: who is in the room and where their carets are. Never stored; gone with its owner. The
 * server says who somebody is, a connection only where: each may speak for one awareness client,
 * its own. Speaks the awareness protocol itself, since it must keep clocks apart from owners.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Peer } from './peer.ts'

/** y-protocols takes a state for dead after thirty seconds of silence. */
const OUTDATED_MS = 30_000
const TICK_MS = 10_000
/** How many of the gone are remembered, so that one who returns is heard above its own end. */
const REMEMBERED = 1_000

type Fields = Record<string, unknown>

interface Client {
  clock: number
  /** Null: gone. */
  state: Fields | null
  /** A connection here, this server itself, or a connection on another instance. */
  owner: Peer | 'server' | 'elsewhere'
  /** The instance that `elsewhere` is. */
  from: string | undefined
  heardAt: number
}

interface Entry {
  client: number
  clock: number
  state: Fields | null
}

export interface PresenceDeps {
  limits: Pick<Limits, 'awarenessBytes' | 'awarenessOutMs'>
  /** Tells everybody here, the sender too: y-websocket takes long silence for a dead line. */
  toPeers(update: Uint8Array): void
  toBus(update: Uint8Array): void
}

export class Presence {
  readonly #deps: PresenceDeps
  readonly #clients = new Map<number, Client>()
  readonly #claims = new Map<Peer, number>()
  /** What each has last called itself, which is not what it is called here. */
  readonly #calling = new Map<Peer, string>()
  /** Changed since the last flush; true where other instances must hear it too. */
  readonly #changed = new Map<number, boolean>()
  readonly #ticker: NodeJS.Timeout
  #timer: NodeJS.Timeout | undefined
  #flushedAt = 0

  constructor(deps: PresenceDeps) {
    this.#deps = deps
    this.#ticker = setInterval(() => this.#tick(), TICK_MS)
    this.#ticker.unref()
  }

  /** What a connection says. Entries for others are passed over: y-websocket echoes what it hears. */
  receive(peer: Peer, update: Uint8Array): void {
    if (update.length > this.#deps.limits.awarenessBytes) {
      throw new GlossError('bad-frame', `an awareness update of ${update.length} bytes`)
    }
    for (const { client, clock, state } of decode(update)) {
      if (!this.#mayClaim(peer, client)) continue
      this.#claims.set(peer, client)
      this.#set(client, clock, state && identified(state, peer), peer)
      if (state) this.#hearName(peer, client, state)
    }
  }

  /** Whoever calls itself by another name than before may have one: the session's is asked again. */
  #hearName(peer: Peer, client: number, { user }: Fields): void {
    const said = JSON.stringify(user ?? null)
    if (this.#calling.get(peer) === said) return
    const isFirst = !this.#calling.has(peer)
    this.#calling.set(peer, said)
    if (isFirst || !peer.lookAgain) return
    const before = nameOf(peer)
    peer.lookAgain().then(
      () => {
        const known = this.#clients.get(client)
        if (known?.owner !== peer || !known.state || nameOf(peer) === before) return
        this.#set(client, known.clock + 1, identified(known.state, peer), peer)
      },
      () => undefined, // it is called what it was; the page says it again with its next state
    )
  }

  /** What another instance says of its connections. */
  hear(update: Uint8Array, from: string): void {
    for (const { client, clock, state } of decode(update)) {
      const known = this.#clients.get(client)
      if (known && known.owner !== 'elsewhere' && known.state) continue
      this.#set(client, clock, state, 'elsewhere')
      const now = this.#clients.get(client)
      if (now?.owner === 'elsewhere' && now.clock === clock) now.from = from
    }
  }

  /** An instance is gone, and its connections with it. */
  lose(instance: string): void {
    for (const [client, known] of this.#clients) {
      if (known.owner === 'elsewhere' && known.from === instance) this.#remove(client, known)
    }
  }

  /** A caret of the server's own: a run's. Null takes it away. */
  show(client: number, state: Fields | null): void {
    const known = this.#clients.get(client)
    if (state === null && !known?.state) return
    this.#set(client, (known?.clock ?? 0) + 1, state, 'server')
  }

  leave(peer: Peer): void {
    const client = this.#claims.get(peer)
    this.#claims.delete(peer)
    this.#calling.delete(peer)
    if (client === undefined) return
    const known = this.#clients.get(client)
    if (known?.owner === peer) this.#remove(client, known)
  }

  /** Everyone's state, or undefined where nobody is. */
  encodeAll(): Uint8Array | undefined {
    return this.#encode(({ state }) => state !== null)
  }

  /**
   * Of those who are or were connected here, for an instance that has only now begun to listen: it
   * may have heard of some before, and not that they went.
   */
  encodeOwn(): Uint8Array | undefined {
    return this.#encode(({ owner }) => owner !== 'elsewhere')
  }

  #encode(which: (client: Client) => boolean): Uint8Array | undefined {
    const there = [...this.#clients].filter(([, one]) => which(one))
    return there.length > 0
      ? encode(there.map(([client, known]) => ({ client, ...known })))
      : undefined
  }

  close(): void {
    clearInterval(this.#ticker)
    clearTimeout(this.#timer)
  }

  /** Its first client is its own, unless somebody else has it; the same person may take it over. */
  #mayClaim(peer: Peer, client: number): boolean {
    const claimed = this.#claims.get(peer)
    if (claimed !== undefined) return claimed === client
    const known = this.#clients.get(client)
    if (!known?.state || known.owner === peer) return true
    return known.owner !== 'server' && userOf(known.state) === peer.user.id
  }

  #set(client: number, clock: number, state: Fields | null, owner: Client['owner']): void {
    const known = this.#clients.get(client)
    if (known) {
      const back = state !== null && known.state === null
      const takenOver = known.owner !== owner
      // Others still count from its last life, and would not hear one who begins anew.
      if (back || takenOver) clock = Math.max(clock, known.clock + 1)
      else if (clock < known.clock || (clock === known.clock && state !== null)) return
      if (state === null && known.state === null) return
    } else if (state === null) return
    this.#clients.delete(client) // so that the map's order is that of the last word
    this.#clients.set(client, { clock, state, owner, from: undefined, heardAt: Date.now() })
    this.#touch(client, owner !== 'elsewhere')
    this.#forgetOld()
  }

  #remove(client: number, known: Client): void {
    if (known.state === null) return
    known.state = null
    known.clock += 1
    this.#touch(client, known.owner !== 'elsewhere')
  }

  #touch(client: number, ours: boolean): void {
    this.#changed.set(client, ours || this.#changed.get(client) === true)
    const wait = this.#flushedAt + this.#deps.limits.awarenessOutMs - Date.now()
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(0, wait))
  }

  #flush(): void {
    this.#timer = undefined
    this.#flushedAt = Date.now()
    const entries = (ids: Iterable<number>) =>
      [...ids].flatMap((client) => {
        const known = this.#clients.get(client)
        return known ? [{ client, ...known }] : []
      })
    const all = entries(this.#changed.keys())
    const ours = entries([...this.#changed].filter(([, own]) => own).map(([client]) => client))
    this.#changed.clear()
    if (all.length > 0) this.#deps.toPeers(encode(all))
    if (ours.length > 0) this.#deps.toBus(encode(ours))
  }

  /** Renews the server's own, and takes away those of instances that have fallen silent. */
  #tick(): void {
    const now = Date.now()
    // A copy: who is shown again moves to the map's end, and would be met there for ever.
    for (const [client, known] of [...this.#clients]) {
      if (known.owner === 'server' && known.state) this.show(client, known.state)
      else if (known.owner === 'elsewhere' && now - known.heardAt > OUTDATED_MS) {
        this.#remove(client, known)
      }
    }
  }

  #forgetOld(): void {
    if (this.#clients.size <= REMEMBERED) return
    for (const [client, { state }] of this.#clients) {
      if (this.#clients.size <= REMEMBERED) return
      if (state === null) this.#clients.delete(client)
    }
  }
}

/** Who it is comes from the session, under each of the names that clients use for it. */
function identified(state: Fields, { user }: Peer): Fields {
  const { id, name, color } = user
  const said = { ...state, user: { id, name, color } }
  return 'name' in state || 'color' in state ? { ...said, name, color } : said
}

const nameOf = ({ user: { name, color } }: Peer): string => `${color} ${name}`

function userOf(state: Fields): unknown {
  const { user } = state
  return typeof user === 'object' && user !== null && 'id' in user ? user.id : undefined
}

/** Nobody changes their state so often; what is larger could not be counted on from. */
const MAX_CLOCK = 2 ** 32

function decode(update: Uint8Array): Entry[] {
  try {
    const decoder = decoding.createDecoder(update)
    const entries: Entry[] = []
    for (let left = decoding.readVarUint(decoder); left > 0; left--) {
      const client = decoding.readVarUint(decoder)
      const clock = decoding.readVarUint(decoder)
      if (clock > MAX_CLOCK) throw new Error('a clock beyond all measure')
      entries.push({ client, clock, state: parseState(decoding.readVarString(decoder)) })
    }
    if (decoding.hasContent(decoder)) throw new Error('trailing bytes')
    return entries
  } catch (cause) {
    throw new GlossError('bad-frame', 'not an awareness update', cause)
  }
}

function parseState(json: string): Fields | null {
  const state: unknown = JSON.parse(json, (key, value) =>
    // Harmless here, but not in every client that copies it.
    key === '__proto__' ? undefined : value,
  )
  if (state === null) return null
  if (typeof state !== 'object' || Array.isArray(state)) throw new Error('not a state')
  return state as Fields
}

function encode(entries: readonly Entry[]): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries.length)
    for (const { client, clock, state } of entries) {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarString(encoder, JSON.stringify(state))
    }
  })
}
