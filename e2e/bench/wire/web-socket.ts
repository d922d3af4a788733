/**
 * A WebSocket client over node:net that does no more than the measurement needs, so that it is not
 * what is measured: one read buffer for all sockets of the process, no copies, no events.
 */
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { CLOSE, FrameReader, maskedFrame, PING, PONG } from './frames.ts'

export interface Address {
  port: number
  path: string
  headers: Readonly<Record<string, string>>
}

export interface SocketEvents {
  /** One binary message, valid during the call alone. */
  message(bytes: Uint8Array, socket: WebSocketClient): void
  /** `code` is 1006 where the connection broke. Called once. */
  closed(code: number): void
}

/** Reading is synchronous from kernel to callback, so the sockets take turns with it. */
const SHARED = Buffer.allocUnsafeSlow(256 * 1024)
const END_OF_HEAD = Buffer.from('\r\n\r\n')

export class WebSocketClient {
  readonly #socket: Socket
  readonly #events: SocketEvents
  readonly #reader: FrameReader
  #head: Buffer | undefined = Buffer.alloc(0)
  #code = 1006
  #opened: (() => void) | undefined
  #refused: ((error: Error) => void) | undefined
  frames = 0
  pongs = 0

  /** Resolves when the server has agreed; rejects with its status line where it has not. */
  static open(address: Address, events: SocketEvents): Promise<WebSocketClient> {
    return new Promise((resolve, reject) => {
      const client = new WebSocketClient(address, events)
      client.#opened = () => resolve(client)
      client.#refused = reject
    })
  }

  private constructor({ port, path, headers }: Address, events: SocketEvents) {
    this.#events = events
    this.#reader = new FrameReader((opcode, payload) => this.#hear(opcode, payload))
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: { buffer: SHARED, callback: (count) => this.#read(SHARED.subarray(0, count)) },
    })
    this.#socket.once('connect', () => {
      const lines = Object.entries({
        host: `127.0.0.1:${port}`,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        ...headers,
      }).map(([name, value]) => `${name}: ${value}\r\n`)
      this.#socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`)
    })
    this.#socket.once('error', (error) => this.#refused?.(error))
    this.#socket.once('close', () => {
      if (this.#head) this.#refused?.(new Error(`no answer to the upgrade of ${path}`))
      else this.#events.closed(this.#code)
    })
  }

  get open(): boolean {
    return !this.#head && this.#socket.readyState === 'open'
  }

  send(payload: Uint8Array): void {
    this.#socket.write(maskedFrame(payload))
  }

  /** Several messages in one write. */
  sendAll(payloads: readonly Uint8Array[]): void {
    this.#socket.write(Buffer.concat(payloads.map((payload) => maskedFrame(payload))))
  }

  ping(): void {
    this.#socket.write(maskedFrame(new Uint8Array(), PING))
  }

  /** Stops reading: the kernel's buffers fill, and then the server's. */
  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Gone without a good-bye, as a laptop that is closed. */
  destroy(): void {
    this.#socket.resetAndDestroy()
  }

  #read(chunk: Buffer): true {
    if (this.#head) this.#readHead(chunk)
    else this.#reader.push(chunk)
    return true
  }

  #readHead(chunk: Buffer): void {
    this.#head = Buffer.concat([this.#head ?? Buffer.alloc(0), chunk])
    const end = this.#head.indexOf(END_OF_HEAD)
    if (end < 0) return
    const status = this.#head.subarray(0, this.#head.indexOf('\r\n')).toString()
    if (!status.startsWith('HTTP/1.1 101')) {
      this.#refused?.(new Error(status))
      this.#socket.destroy()
      return
    }
    const rest = this.#head.subarray(end + END_OF_HEAD.length)
    this.#head = undefined
    this.#opened?.()
    if (rest.length > 0) this.#reader.push(rest)
  }

  #hear(opcode: number, payload: Uint8Array): void {
    switch (opcode) {
      case PING:
        this.#socket.write(maskedFrame(payload, PONG))
        return
      case PONG:
        this.pongs++
        return
      case CLOSE:
        if (payload.length >= 2) this.#code = (payload[0]! << 8) | payload[1]!
        this.#socket.end(maskedFrame(payload, CLOSE))
        return
      default:
        this.frames++
        this.#events.message(payload, this)
    }
  }
}
