/** A reader of the SSE lane that keeps every event, and the bytes as they came. */
import type { GuestClient } from './served.ts'

export interface Heard {
  id: number | undefined
  event: string
  data: Record<string, unknown>
}

export class LaneClient {
  readonly status: number
  readonly headers: Headers
  readonly events: Heard[] = []
  raw = ''
  /** Resolves when the server has ended the stream, or it broke. */
  readonly ended: Promise<void>
  readonly #abort: AbortController

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status
    this.headers = response.headers
    this.#abort = abort
    this.ended = this.#read(response)
  }

  /** Resolves when the headers are there. */
  static async open(
    guest: GuestClient,
    document: string,
    { after, headers = {} }: { after?: string | number; headers?: Record<string, string> } = {},
  ): Promise<LaneClient> {
    const abort = new AbortController()
    const response = await fetch(`${guest.url}/api/documents/${document}/events`, {
      signal: abort.signal,
      headers: {
        authorization: `Bearer ${guest.token}`,
        accept: 'text/event-stream',
        ...(after === undefined ? {} : { 'last-event-id': String(after) }),
        ...headers,
      },
    })
    return new LaneClient(response, abort)
  }

  of(event: string): Heard[] {
    return this.events.filter((heard) => heard.event === event)
  }

  get ids(): (number | undefined)[] {
    return this.events.map(({ id }) => id)
  }

  close(): void {
    this.#abort.abort()
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder()
    let rest = ''
    try {
      for await (const bytes of response.body ?? []) {
        const text = decoder.decode(bytes, { stream: true })
        this.raw += text
        const parts = (rest + text).split('\n\n')
        rest = parts.pop() ?? ''
        for (const part of parts) this.#take(part)
      }
    } catch {
      return // it was cut, here or there; what came before counts
    }
  }

  #take(part: string): void {
    const fields = new Map<string, string>()
    // A reader of the standard breaks lines at each of these.
    for (const line of part.split(/\r\n|\r|\n/)) {
      const at = line.indexOf(':')
      if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2))
    }
    const data = fields.get('data')
    if (data === undefined) return
    const id = fields.get('id')
    this.events.push({
      id: id === undefined ? undefined : Number(id),
      event: fields.get('event') ?? 'message',
      data: JSON.parse(data),
    })
  }
}
