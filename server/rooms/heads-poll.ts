/**
 * The heads poll: asks the log now and then how far the documents of all open rooms have grown,
 * and whether they are still shared. The last hint of a burst reveals no gap, so without this a
 * room could stay behind for ever.
 */
import type { Bus } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { DocumentRow, DocumentStore } from '#server/store/document-store.ts'
import type { Room } from './room.ts'

/** How soon it notices that hints may have been lost. */
const TICK_MS = 200
/** How often the log is asked while hints do not arrive. */
const ALONE_MS = 1_000
/** How often while they do. */
const CALM_MS = 15_000
const IDS_PER_QUESTION = 1_000

export interface HeadsPollDeps {
  store: Pick<DocumentStore, 'lookUp'>
  bus: Pick<Bus, 'connected' | 'lapses'>
  log: Log
  rooms(): Iterable<Room>
  /** What the document is, or who may read it, is not what it was. */
  changed(row: DocumentRow): void
}

export class HeadsPoll {
  readonly #deps: HeadsPollDeps
  readonly #timer: NodeJS.Timeout
  #askedAt = performance.now()
  #lapses = 0
  readonly #known = new WeakMap<Room, string>()
  #asking = false

  constructor(deps: HeadsPollDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
    this.#timer.unref()
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const { connected, lapses } = this.#deps.bus
    const waited = performance.now() - this.#askedAt
    const due = lapses !== this.#lapses || waited >= (connected ? CALM_MS : ALONE_MS)
    if (!due || this.#asking) return
    this.#asking = true
    this.#lapses = lapses
    this.#askedAt = performance.now()
    this.#ask()
      .catch((error: unknown) => this.#deps.log.warn({ error }, 'the heads were not read'))
      .finally(() => {
        this.#asking = false
      })
  }

  async #ask(): Promise<void> {
    const rooms = [...this.#deps.rooms()]
    if (rooms.length === 0) return
    for (let at = 0; at < rooms.length; at += IDS_PER_QUESTION) {
      await this.#askOf(rooms.slice(at, at + IDS_PER_QUESTION))
    }
  }

  async #askOf(rooms: readonly Room[]): Promise<void> {
    const { store, log } = this.#deps
    const { documents } = await store.lookUp({ users: [], documents: rooms.map(({ id }) => id) })
    for (const room of rooms) {
      const row = documents.get(room.id)
      if (!row) continue
      this.#compare(room, row)
      // What is wrong with one room keeps no other from the log.
      await room.heads(row).catch((error: unknown) => {
        log.debug({ document: room.id, error }, 'a room did not follow its head')
      })
    }
  }

  #compare(room: Room, row: DocumentRow): void {
    const known = this.#known.get(room) ?? sharingOf(room.loaded)
    const now = sharingOf(row)
    this.#known.set(room, now)
    if (now !== known) this.#deps.changed(row)
  }
}

/** Whatever of a document the pages of those who have it open must hear of. */
const sharingOf = ({ state, owner, linkRole, title }: DocumentRow): string =>
  JSON.stringify([state, owner, linkRole, title])
