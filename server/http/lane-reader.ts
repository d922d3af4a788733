/**
 * One reader's place in a document's event log. Sends each event once, in order, whatever comes
 * when; what it cannot keep up with it reads from the log again instead of hoarding it.
 */
import type { DocumentStore, EventRow } from '#server/store/document-store.ts'
import type { EventStream } from './event-stream.ts'

const PAGE = 500
/** Live events that wait while older ones are read; beyond that they are read from the log too. */
const WAITING = 1_000

export class LaneReader {
  readonly #stream: EventStream
  readonly #store: DocumentStore
  readonly #document: string
  /** The last event sent; undefined until it is known where to begin. */
  #last: number | undefined
  #waiting: EventRow[] = []
  /** The head of the log as far as it was told live. */
  #wanted = 0
  #sending = false

  constructor(stream: EventStream, store: DocumentStore, document: string) {
    this.#stream = stream
    this.#store = store
    this.#document = document
  }

  /**
   * Begins after the event `after`, or now where that is undefined. What `reset` resolves with is
   * sent in place of a past that the log does not have.
   */
  async begin(after: string | undefined, reset: () => Promise<object>): Promise<void> {
    const heads = await this.#store.heads([this.#document])
    const head = heads.get(this.#document)?.eventHead ?? 0
    if (after === undefined) {
      this.#last = head
    } else {
      const from = /^\d{1,15}$/.test(after) ? Number(after) : -1
      const first = await this.#store.firstEvent(this.#document)
      if (from < 0 || from > head || from < first - 1) {
        this.#stream.send({ id: head, event: 'reset', json: JSON.stringify(await reset()) })
        this.#last = head
      } else {
        this.#last = from
      }
    }
    this.#wanted = Math.max(this.#wanted, head)
    await this.#advance()
  }

  /** Sends the reader off to come back to where it is, unless something is just being said. */
  retire(): void {
    if (this.#sending || this.#last === undefined) return
    this.#stream.end(this.#last)
  }

  live(events: readonly EventRow[]): void {
    this.#wanted = Math.max(this.#wanted, events.at(-1)?.n ?? 0)
    if (this.#follows(events)) {
      this.#stream.sendAll(events)
      this.#last = this.#wanted
      return
    }
    if (this.#waiting.length + events.length > WAITING) this.#waiting = []
    else this.#waiting.push(...events)
    // The stream ends; the browser comes back and resumes after the last id it saw.
    this.#advance().catch(() => this.#stream.end())
  }

  /** They come right after what was sent, which is nearly always. */
  #follows(events: readonly EventRow[]): boolean {
    if (this.#sending || this.#last === undefined || this.#waiting.length > 0) return false
    return events[0]?.n === this.#last + 1 && this.#wanted === this.#last + events.length
  }

  async #advance(): Promise<void> {
    if (this.#last === undefined || this.#sending) return
    this.#sending = true
    try {
      while (this.#last < this.#wanted && !this.#stream.closed) {
        const live = this.#waiting
        this.#waiting = []
        for (const event of live) if (event.n === this.#last + 1) this.#send(event)
        // Live events come while the log is read: whoever has them all need not read it.
        if (this.#last < this.#wanted && this.#waiting.length === 0) await this.#catchUp()
      }
    } finally {
      this.#sending = false
    }
  }

  async #catchUp(): Promise<void> {
    const page = await this.#store.eventsAfter(this.#document, this.#last ?? 0, PAGE)
    for (const event of page) {
      await this.#stream.drained()
      if (this.#stream.closed) return
      this.#send(event)
    }
    const reached = page.length > 0 || (this.#last ?? 0) >= this.#wanted
    if (!reached) throw new Error('the log lacks events that were told')
  }

  #send({ n, type, data }: EventRow): void {
    this.#stream.send({ id: n, event: type, json: data })
    this.#last = n
  }
}
