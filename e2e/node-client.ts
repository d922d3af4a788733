/**
 * A program beside the browsers: y-websocket's own provider, unmodified, in Node. It adds only what
 * a page gets for nothing (a session) and listens to what the provider ignores (the acks), so that
 * a test knows which of its edits were promised.
 */
import * as decoding from 'lib0/decoding'
import WebSocket from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import { body } from '#shared/document/shape.ts'
import { ACK } from '#shared/protocol/frame.ts'

export interface Guest {
  id: string
  token: string
}

export async function signIn(url: string): Promise<Guest> {
  const response = await api(url, undefined, 'POST', '/api/session')
  return response as Guest
}

/** One request with the guest's bearer token; throws with the problem's text where it is refused. */
export async function api(
  url: string,
  guest: Guest | undefined,
  method: string,
  path: string,
  json?: object,
): Promise<unknown> {
  const headers: Record<string, string> = { authorization: `Bearer ${guest?.token ?? 'none'}` }
  if (json) headers['content-type'] = 'application/json'
  const response = await fetch(`${url}${path}`, {
    method,
    headers,
    ...(json ? { body: JSON.stringify(json) } : {}),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}

export class NodeClient {
  readonly doc = new Y.Doc()
  readonly provider: WebsocketProvider
  /** What this client wrote, in order, and how much of it is promised. */
  readonly written: string[] = []
  promised = 0
  readonly #sent: number[] = []

  constructor(url: string, guest: Guest, document: string) {
    this.doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin === this) this.written.push(this.#writing)
    })
    const note = () => this.#sent.push(this.written.length)
    const restart = () => this.#sent.splice(0)
    class AuthorizedSocket extends WebSocket {
      constructor(address: string | URL) {
        super(address, { headers: { authorization: `Bearer ${guest.token}` } })
        restart()
      }
      override send(data: never): void {
        const [type, step] = data as Uint8Array
        if (type === 0 && step !== 0) note()
        super.send(data)
      }
    }
    this.provider = new WebsocketProvider(`${url.replace('http', 'ws')}/sync`, document, this.doc, {
      WebSocketPolyfill: AuthorizedSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      maxBackoffTime: 500,
    })
    this.provider.messageHandlers[ACK] = (_encoder, decoder) => {
      const count = decoding.readVarUint(decoder)
      decoding.readVarUint(decoder)
      this.promised = Math.max(this.promised, this.#sent[count - 1] ?? 0)
    }
  }

  #writing = ''

  /** Types a word into the first paragraph, at a place that `at` (0–1) names. */
  type(word: string, at: number): void {
    this.#writing = word
    this.doc.transact(() => {
      const paragraph = body(this.doc).get(0)
      if (!(paragraph instanceof Y.XmlElement)) throw new Error('the document has no paragraph')
      let text = paragraph.get(0)
      if (!(text instanceof Y.XmlText)) {
        text = new Y.XmlText()
        paragraph.insert(0, [text])
      }
      const spaces = [...text.toString().matchAll(/ /g)].map(({ index }) => index + 1)
      const index = spaces[Math.floor(at * spaces.length)] ?? 0
      text.insert(index, `${word} `)
    }, this)
  }

  get text(): string {
    return body(this.doc).toString()
  }

  /** Everything written is promised, and everything the server has is here. */
  get settled(): boolean {
    return this.provider.synced && this.promised === this.written.length
  }

  close(): void {
    this.provider.destroy()
    this.doc.destroy()
  }
}
