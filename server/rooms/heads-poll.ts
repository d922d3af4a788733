/**
 * The heads poll: asks the log now and then how far the documents of all open rooms have grown.
 * The last hint of a burst reveals no gap, so without this a room could stay behind for ever.
 */
import type { Bus } from '#server/bus/bus.ts'
import type { Log } from '#server/log.ts'
import type { DocumentStore } from '#server/store/document-store.ts'
import type { Room } from './room.ts'

const TICK_MS = 1_000
/** How often while hints arrive. */
const CALM_MS = 15_000

export interface HeadsPollDeps {
  store: Pick<DocumentStore, 'heads'>
  bus: Pick<Bus, 'connected'>
  log: Log
  rooms(): Iterable<Room>
}

export class HeadsPoll {
  readonly #deps: HeadsPollDeps
  readonly #timer: NodeJS.Timeout
  #askedAt = performance.now()
  #wasConnected = true
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
    const { connected } = this.#deps.bus
    const back = connected && !this.#wasConnected
    this.#wasConnected = connected
    const due = !connected || back || performance.now() - this.#askedAt >= CALM_MS
    if (!due || this.#asking) return
    this.#asking = true
    this.#ask()
      .catch((error: unknown) => this.#deps.log.warn({ error }, 'the heads were not read'))
      .finally(() => {
        this.#asking = false
        this.#askedAt = performance.now()
      })
  }

  async #ask(): Promise<void> {
    const rooms = [...this.#deps.rooms()]
    if (rooms.length === 0) return
    const heads = await this.#deps.store.heads(rooms.map(({ id }) => id))
    for (const room of rooms) {
      const found = heads.get(room.id)
      if (found) await room.heads(found)
    }
  }
}
