/**
 * The rooms of this instance. A room opens for the first who holds it and is dropped a while
 * after the last has let go; two who come at once share one opening. One committer serves them
 * all, one poll asks whether their logs have grown unheard, one compactor keeps the logs short.
 */
import type { Bus } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import type { DocumentRow, DocumentStore } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Backlog } from './backlog.ts'
import { Committer } from './committer.ts'
import { Compactor } from './compactor.ts'
import { HeadsPoll } from './heads-poll.ts'
import { InspectionDesk } from './inspection-desk.ts'
import { Room } from './room.ts'
import { Turnstile } from './turnstile.ts'

export interface RoomRegistryDeps {
  store: DocumentStore
  bus: Bus
  log: Log
  metrics: Metrics
  limits: Limits
}

/** A hold on a room. The room stays open until every hold is released, or until it is lost. */
export interface RoomHold {
  readonly room: Room
  release(): void
}

interface Entry {
  holds: number
  opening: Promise<Room>
  room: Room | undefined
  idleTimer: NodeJS.Timeout | undefined
}

export class RoomRegistry {
  readonly #deps: RoomRegistryDeps
  readonly #committer: Committer
  readonly #compactor: Compactor
  readonly #desk = new InspectionDesk()
  readonly #poll: HeadsPoll
  readonly #turnstile: Turnstile
  readonly #entries = new Map<string, Entry>()
  #changed: (row: DocumentRow) => void = () => undefined
  #closing = false

  constructor(deps: RoomRegistryDeps) {
    this.#deps = deps
    this.#committer = new Committer(deps)
    this.#compactor = new Compactor(deps)
    this.#poll = new HeadsPoll({
      ...deps,
      rooms: () => this.#rooms(),
      changed: (row) => this.#changed(row),
    })
    const { roomsOpeningAtOnce, roomsOpenedPerSecond, roomWaitMs } = deps.limits
    this.#turnstile = new Turnstile({
      atOnce: roomsOpeningAtOnce,
      perSecond: roomsOpenedPerSecond,
      waitMs: roomWaitMs,
    })
  }

  /** Throws `not-found`, `gone` (deleted), `unavailable` (could not be read whole) or `stopping`. */
  async hold(id: string): Promise<RoomHold> {
    if (this.#closing) throw new GlossError('stopping', 'no rooms are opened any more')
    const entry = this.#entries.get(id) ?? this.#open(id)
    clearTimeout(entry.idleTimer)
    entry.holds++
    let held = true
    const release = () => {
      if (held) this.#release(id, entry)
      held = false
    }
    try {
      return { room: await entry.opening, release }
    } catch (error) {
      release()
      throw error
    }
  }

  /** Calls `act` when another instance has renamed, shared or deleted a document that is open here. */
  onChange(act: (row: DocumentRow) => void): void {
    this.#changed = act
  }

  /** To be called when that was done here. */
  announceChange(): void {
    this.#deps.bus.publishNews()
  }

  /** The room if it is open here, without opening it. */
  peek(id: string): Room | undefined {
    return this.#entries.get(id)?.room
  }

  /** For what is taken in before a room is there to take it. */
  get backlog(): Backlog {
    return this.#committer.backlog
  }

  get size(): number {
    return this.#entries.size
  }

  /** What is queued is committed, then every peer is closed with 1012. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true
    this.#poll.close()
    await Promise.all([...this.#entries.values()].map(({ opening }) => opening.catch(() => null)))
    await Promise.all([...this.#rooms()].map((room) => room.drain()))
    await this.#committer.idle()
    for (const [id, entry] of this.#entries) this.#drop(id, entry)
    await this.#desk.close()
    await this.#compactor.close()
  }

  #open(id: string): Entry {
    const entry: Entry = {
      holds: 0,
      opening: this.#turnstile.pass(() =>
        Room.open(id, {
          ...this.#deps,
          committer: this.#committer,
          desk: this.#desk,
          written: (rows, bytes) => this.#compactor.written(id, rows, bytes),
          found: (rows, bytes) => this.#compactor.found(id, rows, bytes),
        }),
      ),
      room: undefined,
      idleTimer: undefined,
    }
    this.#entries.set(id, entry)
    this.#deps.metrics.rooms.set(this.#entries.size)
    entry.opening.then(
      (room) => {
        entry.room = room
        // A lost room is nobody's any more: who comes next reads the document anew.
        room.ended.addEventListener('abort', () => this.#forget(id, entry), { once: true })
      },
      () => this.#forget(id, entry),
    )
    return entry
  }

  #release(id: string, entry: Entry): void {
    entry.holds--
    if (entry.holds > 0 || this.#entries.get(id) !== entry) return
    entry.idleTimer = setTimeout(() => {
      this.#compactor.idle(id)
      this.#drop(id, entry)
    }, this.#deps.limits.roomIdleMs)
    entry.idleTimer.unref()
  }

  /** A room is a cache: there is nothing to store when it goes. */
  #drop(id: string, entry: Entry): void {
    this.#forget(id, entry)
    entry.room?.close().catch((error: unknown) => {
      this.#deps.log.warn({ document: id, error }, 'a room did not close well')
    })
  }

  #forget(id: string, entry: Entry): void {
    clearTimeout(entry.idleTimer)
    if (this.#entries.get(id) === entry) this.#entries.delete(id)
    this.#deps.metrics.rooms.set(this.#entries.size)
  }

  *#rooms(): Generator<Room> {
    for (const { room } of this.#entries.values()) if (room) yield room
  }
}
