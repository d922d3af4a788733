/** The page's socket over plain requests, in the clothes of a `ws`: a FrameClient may wear it. */
import { EventEmitter } from 'node:events'
import type WebSocket from 'ws'
import { HttpSocket } from '#client/session/http-socket.ts'
import type { GuestClient } from './served.ts'

/** What carries one request; a test may lose it, or its answer. */
export type Carry = (url: string, init: RequestInit) => Promise<Response>

export class PolledSocket extends EventEmitter {
  readonly http: HttpSocket

  constructor(guest: GuestClient, document: string, carry: Carry = fetch) {
    super()
    class GuestSocket extends HttpSocket {
      protected override request(url: string, init: RequestInit): Promise<Response> {
        const headers = { ...init.headers, authorization: `Bearer ${guest.token}` }
        return carry(url, { ...init, headers })
      }
    }
    this.http = new GuestSocket(`${guest.url.replace('http', 'ws')}/sync/${document}`)
    this.http.onopen = () => this.emit('open')
    this.http.onmessage = ({ data }) => this.emit('message', Buffer.from(data))
    this.http.onclose = ({ code }) => this.emit('close', code)
  }

  /** For what asks for a `ws`. */
  get ws(): WebSocket {
    return this as unknown as WebSocket
  }

  send(data: Uint8Array): void {
    this.http.send(data)
  }

  terminate(): void {
    this.http.close()
  }
}
