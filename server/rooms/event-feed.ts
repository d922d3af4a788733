/**
 * The event feed: the lane's events of one document as this instance learns of them, committed
 * ones only, in order and without a gap; what another instance wrote is read from the event log.
 */
import type { DocumentStore, EventRow } from '#server/store/document-store.ts'
import type { OwnEvents } from './log-entry.ts'

const PAGE = 500

/** Ends when it is closed. */
export interface Following {
  close(): Promise<void>
}

export type EventListener = (events: readonly EventRow[]) => void

export interface EventFeedDeps {
  document: string
  store: Pick<DocumentStore, 'eventsAfter'>
  /** The event log could not be read: followers must begin anew. */
  failed(error: unknown): void
}

export class EventFeed {
  readonly #deps: EventFeedDeps
  readonly #followers = new Set<EventListener>()
  #head: number
  #wanted: number
  #own: EventRow[] = []
  #reading = false
  #closed = false

  constructor(deps: EventFeedDeps, head: number) {
    this.#deps = deps
    this.#head = head
    this.#wanted = head
  }

  /** The number of the last event that followers were told. */
  get head(): number {
    return this.#head
  }

  follow(listener: EventListener): Following {
    this.#followers.add(listener)
    return { close: async () => void this.#followers.delete(listener) }
  }

  /** The log has events up to `head`; `own` are some of them. */
  reach(head: number, own: OwnEvents | undefined): void {
    if (own) {
      const { from, at, events } = own
      this.#own.push(...events.map((event, i) => ({ ...event, n: from + i, at })))
    }
    this.#wanted = Math.max(this.#wanted, head)
    this.#advance()
  }

  close(): void {
    this.#closed = true
    this.#followers.clear()
  }

  #advance(): void {
    if (this.#reading || this.#closed) return
    const next: EventRow[] = []
    for (const event of this.#own) {
      if (event.n === this.#head + next.length + 1) next.push(event)
    }
    this.#tell(next)
    this.#own = this.#own.filter(({ n }) => n > this.#head)
    if (this.#head >= this.#wanted) return
    this.#reading = true
    this.#read().then(
      () => {
        this.#reading = false
        this.#advance()
      },
      (error: unknown) => this.#deps.failed(error),
    )
  }

  async #read(): Promise<void> {
    const events = await this.#deps.store.eventsAfter(this.#deps.document, this.#head, PAGE)
    if (events.length === 0) {
      this.#head = this.#wanted // they have been trimmed: nobody can have them any more
      return
    }
    this.#tell(events)
  }

  #tell(events: readonly EventRow[]): void {
    const last = events.at(-1)
    if (!last || this.#closed) return
    this.#head = last.n
    for (const listener of [...this.#followers]) listener(events)
  }
}
