/** A reader of an SSE stream over node:net, as cheap as the socket client beside it. */
import { connect, type Socket } from 'node:net'
import type { Address } from './web-socket.ts'

const SHARED = Buffer.allocUnsafeSlow(256 * 1024)

export interface LaneEvents {
  /** One event's lines. */
  event(text: string): void
  closed(): void
}

export class EventSource {
  readonly #socket: Socket
  readonly #chunks = new ChunkReader()
  readonly #events: LaneEvents
  #text = ''
  #head = true

  /** Resolves when the headers are there; rejects with the status line where it is not a 200. */
  static open(address: Address, events: LaneEvents): Promise<EventSource> {
    return new Promise((resolve, reject) => {
      const source = new EventSource(address, events, (status) => {
        if (status.includes(' 200 ')) resolve(source)
        else reject(new Error(status))
      })
      source.#socket.once('error', reject)
    })
  }

  private constructor(
    { port, path, headers }: Address,
    events: LaneEvents,
    opened: (status: string) => void,
  ) {
    this.#events = events
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      onread: {
        buffer: SHARED,
        callback: (count) => this.#read(SHARED.toString('latin1', 0, count), opened),
      },
    })
    const lines = Object.entries({ accept: 'text/event-stream', ...headers })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    this.#socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${lines}\r\n`)
    this.#socket.once('close', () => this.#events.closed())
  }

  close(): void {
    this.#socket.resetAndDestroy()
  }

  #read(bytes: string, opened: (status: string) => void): true {
    let rest = bytes
    if (this.#head) {
      this.#text += bytes
      const end = this.#text.indexOf('\r\n\r\n')
      if (end < 0) return true
      const status = this.#text.slice(0, this.#text.indexOf('\r\n'))
      rest = this.#text.slice(end + 4)
      this.#head = false
      this.#text = ''
      opened(status)
    }
    this.#text += this.#chunks.read(rest)
    for (let end = this.#text.indexOf('\n\n'); end >= 0; end = this.#text.indexOf('\n\n')) {
      const event = this.#text.slice(0, end)
      this.#text = this.#text.slice(end + 2)
      this.#events.event(event)
    }
    return true
  }
}

/** Takes HTTP's chunked coding away, wherever the pieces are cut. */
export class ChunkReader {
  #line = ''
  /** Bytes left of the chunk and its line end; 0 while its length is read. */
  #left = 0

  read(bytes: string): string {
    let content = ''
    let at = 0
    while (at < bytes.length) {
      if (this.#left === 0) {
        const end = bytes.indexOf('\n', at)
        if (end < 0) {
          this.#line += bytes.slice(at)
          break
        }
        this.#left = Number.parseInt(this.#line + bytes.slice(at, end), 16) + LINE_END
        this.#line = ''
        at = end + 1
        continue
      }
      const piece = bytes.slice(at, at + this.#left)
      const before = this.#left
      this.#left -= piece.length
      at += piece.length
      content += piece.slice(0, Math.max(0, before - LINE_END))
    }
    return content
  }
}

const LINE_END = 2
