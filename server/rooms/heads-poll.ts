/**
 * The heads poll: asks the log now and then how far the documents of all open rooms have grown.
 * The last hint of a burst reveals no gap, so without this a room could stay behind for ever.
 */
import type { Bus } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import type { Room } from './room.ts'

/** How soon it notices that hints may have been lost. */
const TICK_MS = 200
/** How often the log is asked while hints do not arrive. */
const ALONE_MS = 1_000
/** How often while they do. */
const CALM_MS = 15_000

export interface HeadsPollDeps {
  store: Pick<DocumentStore, 'heads'>
  bus: Pick<Bus, 'connected' | 'lapses'>
  log: Log
  rooms(): Iterable<Room>
}

export class HeadsPoll {
  readonly #deps: HeadsPollDeps
  readonly #timer: NodeJS.Timeout
  #askedAt = performance.now()
  #lapses = 0
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
    const { store, log } = this.#deps
    const heads = await store.heads(rooms.map(({ id }) => id))
    for (const room of rooms) {
      const found = heads.get(room.id)
      if (!found) continue
      // What is wrong with one room keeps no other from the log.
      await room.heads(found).catch((error: unknown) => {
        log.debug({ document: room.id, error }, 'a room did not follow its head')
      })
    }
  }
}
