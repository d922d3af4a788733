/**
 * A WebSocket as a wire. The server's frames are not masked, so one frame is the same bytes for
 * every receiver: it is framed once and written to the socket below `ws`, which keeps the control
 * frames and the handshakes. What one turn has to say leaves as one write; large frames go in
 * parts and few at a time, so that one sees whether the reader takes them.
 */
import type { Duplex } from 'node:stream'
import { type RawData, WebSocket } from 'ws'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import type { Ear, Wire } from './wire.ts'

/** Copying so much is cheaper than one more write. */
const SMALL_BYTES = 4 * 1024
const PART_BYTES = 64 * 1024
const IN_FLIGHT_BYTES = 256 * 1024
/** What a close frame can carry. */
const REASON_BYTES = 123
const BINARY = 2
const CONTINUATION = 0
const FIN = 0x80
const NOTHING = Buffer.alloc(0)

// What the functions below call. They are functions, and not closures of each wire, since there
// are ten thousand wires.
const SPEAK = Symbol('speak')
const HEAR = Symbol('hear')
const PING = Symbol('ping')
const PONG = Symbol('pong')
const FAIL = Symbol('fail')
const END = Symbol('end')

/** What `ws` says of a message that is too big. */
const WS_TOO_BIG = 1009

/** A socket that knows its wire. */
export class SyncWebSocket extends WebSocket {
  wire: WebSocketWire | undefined

  /** A client comes back from a code that it does not know, with the same message, for ever. */
  override close(code?: number, reason?: string | Buffer): void {
    super.close(code === WS_TOO_BIG ? CLOSE.tooBig : code, reason)
  }
}

const wireOf = (ws: WebSocket) => (ws as SyncWebSocket).wire

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  wireOf(this)?.[HEAR](data as Buffer, isBinary)
}

function onPing(this: WebSocket, data: Buffer): void {
  wireOf(this)?.[PING](data)
}

function onPong(this: WebSocket): void {
  wireOf(this)?.[PONG]()
}

function onError(this: WebSocket, error: Error): void {
  wireOf(this)?.[FAIL](error)
}

function onClose(this: WebSocket): void {
  wireOf(this)?.[END]()
}

/** A part of a frame too large to be written at once. */
interface Part {
  header: Buffer
  bytes: Uint8Array
}

export class WebSocketWire implements Wire {
  readonly #ws: SyncWebSocket
  readonly #socket: Duplex
  readonly #ended: () => void
  #ear: Ear | undefined
  /** What was said in this turn. */
  #said: Buffer | Buffer[] | undefined
  /** What the socket has not been given yet. Most readers never have any. */
  #parts: Part[] | undefined
  #partBytes = 0
  #watching = false

  /** `socket` is the one that `ws` was made of; `ended` is called once, when it is closed. */
  constructor(ws: SyncWebSocket, socket: Duplex, ended: () => void) {
    this.#ws = ws
    this.#socket = socket
    this.#ended = ended
    ws.binaryType = 'nodebuffer'
    ws.wire = this
    ws.on('error', onError)
    ws.on('message', onMessage)
    ws.on('ping', onPing)
    ws.on('pong', onPong)
    ws.on('close', onClose)
    this.#say(NOTHING)
  }

  listen(ear: Ear): void {
    this.#ear = ear
  }

  get open(): boolean {
    return this.#ws.readyState === this.#ws.OPEN
  }

  get waiting(): number {
    return this.#partBytes + this.#socket.writableLength
  }

  send(frame: Uint8Array): void {
    if (!this.open) return
    const atOnce = !this.#parts && frame.length <= PART_BYTES && this.#hasRoom
    if (atOnce && frame.length <= SMALL_BYTES) return this.#say(framed(frame))
    this.#speak()
    if (atOnce) this.#socket.write(framed(frame))
    else {
      this.#queue(frame)
      this.#pump()
    }
    if (this.#socket.writableLength > 0) this.#watch()
  }

  ping(): void {
    if (this.open) this.#ws.ping()
  }

  close(code: CloseCode, reason: string): void {
    if (!this.open) return
    this.#flush()
    this.#ws.close(code, cut(reason))
  }

  drop(code: CloseCode, reason: string): void {
    this.#forget()
    if (this.open) this.#ws.close(code, cut(reason))
  }

  terminate(): void {
    this.#ws.terminate()
  }

  pause(): void {
    this.#ws.pause()
  }

  resume(): void {
    this.#ws.resume()
  }

  [HEAR](data: Buffer, isBinary: boolean): void {
    // What was read together with an offence is still told after the close.
    if (!this.open) return
    if (isBinary) this.#ear?.message(data)
    else this.close(CLOSE.protocol, 'only binary messages')
  }

  /** One who does not read the answers gets none. */
  [PING](data: Buffer): void {
    this[PONG]()
    if (this.open && this.waiting === 0) this.#ws.pong(data)
  }

  [PONG](): void {
    if (this.open) this.#ear?.heard()
  }

  [FAIL](error: Error): void {
    this.#ear?.failed(error)
  }

  [END](): void {
    this.#forget()
    this.#ended()
    this.#ear?.closed()
  }

  get #hasRoom(): boolean {
    return this.#socket.writableLength < IN_FLIGHT_BYTES
  }

  #queue(frame: Uint8Array): void {
    this.#parts ??= []
    for (let at = 0; at < frame.length; at += PART_BYTES) {
      const bytes = frame.subarray(at, at + PART_BYTES)
      const last = at + PART_BYTES >= frame.length
      const first = (at === 0 ? BINARY : CONTINUATION) | (last ? FIN : 0)
      this.#parts.push({ header: header(first, bytes.length), bytes })
    }
    this.#partBytes += frame.length
  }

  #pump(): void {
    let written = 0
    const parts = this.#parts ?? []
    while (written < parts.length && this.#hasRoom) this.#write(parts[written++]!)
    parts.splice(0, written)
    if (parts.length === 0) this.#parts = undefined
  }

  #write({ header, bytes }: Part): void {
    this.#partBytes -= bytes.length
    this.#socket.cork()
    this.#socket.write(header)
    this.#socket.write(bytes)
    this.#socket.uncork()
  }

  #say(bytes: Buffer): void {
    if (this.#said === undefined) {
      this.#said = bytes
      if (speakers.push(this) === 1) process.nextTick(speakAll)
    } else if (this.#said === NOTHING) this.#said = bytes
    else if (Array.isArray(this.#said)) this.#said.push(bytes)
    else this.#said = [this.#said, bytes]
  }

  /** Ends this wire's turn. */
  [SPEAK](): void {
    this.#speak()
    this.#socket.uncork() // it was corked for the first turn
    if (!this.open || this.#socket.writableLength === 0) return
    this.#watch()
    this.#ear?.progress()
  }

  #speak(): void {
    const said = this.#said
    if (!said) return
    this.#said = undefined
    if (said !== NOTHING) this.#socket.write(Array.isArray(said) ? Buffer.concat(said) : said)
  }

  /** Hands all that waits to the socket, so that a last word comes after it. */
  #flush(): void {
    this.#speak()
    for (const part of this.#parts ?? []) this.#write(part)
    this.#parts = undefined
  }

  #forget(): void {
    this.#said = undefined
    this.#parts = undefined
    this.#partBytes = 0
  }

  /** Nothing, written behind the rest: when it is taken, so is what came before it. */
  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    this.#socket.write(NOTHING, (error) => {
      this.#watching = false
      if (error) return
      this.#pump()
      if (this.#socket.writableLength > 0) this.#watch()
      this.#ear?.progress()
    })
  }
}

/** Who said something in this turn. It is written at the turn's end, when all of it is known. */
let speakers: WebSocketWire[] = []

function speakAll(): void {
  const all = speakers
  speakers = []
  for (const wire of all) wire[SPEAK]()
}

/** The frame that was framed last: a room sends the same one to everybody, one after the other. */
let lastFrame: Uint8Array | undefined
let lastFramed = NOTHING

function framed(frame: Uint8Array): Buffer {
  if (frame !== lastFrame) {
    lastFramed = Buffer.concat([header(BINARY | FIN, frame.length), frame])
    lastFrame = frame
  }
  return lastFramed
}

/** RFC 6455, 5.2: the opcode and the shortest of three lengths, without a mask. */
function header(first: number, length: number): Buffer {
  if (length < 126) return Buffer.from([first, length])
  if (length < 65_536) return Buffer.from([first, 126, length >>> 8, length & 255])
  const long = Buffer.alloc(10)
  long[0] = first
  long[1] = 127
  long.writeBigUInt64BE(BigInt(length), 2)
  return long
}

const cut = (reason: string): string =>
  Buffer.from(reason).subarray(0, REASON_BYTES).toString().replace(/�$/, '')
