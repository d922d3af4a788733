/**
 * A reader of the SSE lane that comes back: where its stream breaks it goes on after the last id
 * it saw, at whichever instance answers, as EventSource does.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import type { Guest } from '#e2e/node-client.ts'

const RETRY_MS = 200

export interface LaneWord {
  id: number
  event: string
  data: string
  at: number
}

export class LaneFollower {
  readonly heard: LaneWord[] = []
  /** How often it had to come back. */
  returns = -1
  resets = 0
  readonly #abort = new AbortController()
  readonly #done: Promise<void>
  #last = 0
  #stream: AbortController | undefined

  constructor(url: () => string, guest: Guest, document: string) {
    this.#done = this.#follow(url, guest, document)
  }

  /** The last id that it saw. */
  get last(): number {
    return this.#last
  }

  /** Drops the stream under way, as a laptop does that changes its network. */
  drop(): void {
    this.#stream?.abort()
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.#done
  }

  async #follow(url: () => string, guest: Guest, document: string): Promise<void> {
    const closed = this.#abort.signal
    while (!closed.aborted) {
      this.returns++
      this.#stream = new AbortController()
      const signal = AbortSignal.any([closed, this.#stream.signal])
      await this.#read(`${url()}/api/documents/${document}/events`, guest, signal).catch(
        () => undefined, // it broke, or nobody answered: come back
      )
      this.#stream.abort()
      if (!closed.aborted) await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
    }
  }

  async #read(url: string, guest: Guest, signal: AbortSignal): Promise<void> {
    const response = await fetch(url, {
      signal,
      headers: { authorization: `Bearer ${guest.token}`, 'last-event-id': String(this.#last) },
    })
    if (!response.ok || !response.body) throw new Error(`${response.status}`)
    const events = response.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
    for await (const { id, event = 'message', data } of events) {
      if (event === 'reset') this.resets++
      if (id === undefined) continue
      this.#last = Number(id)
      this.heard.push({ id: Number(id), event, data, at: performance.now() })
    }
  }
}
