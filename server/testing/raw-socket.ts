/**
 * A WebSocket by hand, over a plain TCP socket: it upgrades, sends any bytes whatever, and reads
 * only what it is told to. For tests of what no honest client sends.
 */
import { connect, type Socket } from 'node:net'

export interface RawSocket {
  readonly socket: Socket
  /** Bytes as they are; `frame` makes a legal one. */
  write(bytes: Uint8Array): void
  /** The close code that came, or 0 where the connection ended without one. */
  readonly ended: Promise<number>
}

/** Upgrades and resolves with the socket; throws with the status line where it is refused. */
export async function rawSocket(url: string, path: string, token: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  const { promise: ended, resolve: end } = Promise.withResolvers<number>()
  const { promise: ready, resolve: open, reject } = Promise.withResolvers<void>()
  let received = Buffer.alloc(0)
  let upgraded = false
  socket.on('close', () => end(0))
  socket.on('data', (data) => {
    received = Buffer.concat([received, data])
    if (!upgraded) {
      const at = received.indexOf('\r\n\r\n')
      if (at < 0) return
      const [status = ''] = received.toString('latin1').split('\r\n')
      if (!status.includes('101')) return reject(new Error(status))
      received = received.subarray(at + 4)
      upgraded = true
      open()
    }
    for (let frame = readFrame(received); frame; frame = readFrame(received)) {
      received = received.subarray(frame.bytes)
      if (frame.opcode === 8) end(frame.payload.length >= 2 ? frame.payload.readUInt16BE(0) : 1005)
    }
  })
  socket.write(
    [
      `GET ${path} HTTP/1.1`,
      `Host: ${hostname}:${port}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Authorization: Bearer ${token}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      '\r\n',
    ].join('\r\n'),
  )
  await ready
  return { socket, ended, write: (bytes) => void socket.write(bytes) }
}

export interface FrameOptions {
  opcode?: number
  fin?: boolean
  /** The three reserved bits. */
  rsv?: number
  masked?: boolean
}

/** A client's frame, legal unless it is asked to be otherwise; the mask is zero. */
export function frame(payload: Uint8Array, options: FrameOptions = {}): Buffer {
  const { opcode = 2, fin = true, rsv = 0, masked = true } = options
  const { length } = payload
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode]
  const mask = masked ? 0x80 : 0
  if (length < 126) head.push(mask | length)
  else if (length < 65_536) head.push(mask | 126, length >> 8, length & 255)
  else throw new Error('too long for a hand-made frame')
  return Buffer.concat([Buffer.from(head), Buffer.alloc(masked ? 4 : 0), payload])
}

/** One whole frame of a server's at the beginning of `bytes`; undefined where more is to come. */
function readFrame(bytes: Buffer): { opcode: number; payload: Buffer; bytes: number } | undefined {
  if (bytes.length < 2) return undefined
  const opcode = bytes[0]! & 15
  const short = bytes[1]! & 127
  let at = 2
  let length = short
  if (short === 126) {
    if (bytes.length < 4) return undefined
    length = bytes.readUInt16BE(2)
    at = 4
  } else if (short === 127) {
    if (bytes.length < 10) return undefined
    length = Number(bytes.readBigUInt64BE(2))
    at = 10
  }
  if (bytes.length < at + length) return undefined
  return { opcode, payload: bytes.subarray(at, at + length), bytes: at + length }
}
