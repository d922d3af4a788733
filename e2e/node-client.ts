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
import { ACK, NACK } from '#shared/protocol/frame.ts'

/** Nobody waits longer for an answer. */
const REQUEST_MS = 15_000

export interface Guest {
  id: string
  token: string
}

export async function signIn(url: string): Promise<Guest> {
  const response = await api(url, undefined, 'POST', '/api/session')
  return response as Guest
}

/** A request that was refused, by its status. */
export class Refused extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** One request with the guest's bearer token; throws `Refused` with the problem's text. */
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
    signal: AbortSignal.timeout(REQUEST_MS),
    ...(json ? { body: JSON.stringify(json) } : {}),
  })
  const text = await response.text()
  if (!response.ok) {
    throw new Refused(response.status, `${method} ${path}: ${response.status} ${text}`)
  }
  return text === '' ? undefined : JSON.parse(text)
}

/** One local change, as the ledger keeps it. */
export interface Edit {
  op: 'insert' | 'erase'
  word: string
  at: number
  /** When its ack came, by this process's clock. */
  promisedAt: number | undefined
}

export class NodeClient {
  readonly doc = new Y.Doc()
  readonly provider: WebsocketProvider
  /** All that was changed here, in order. */
  readonly edits: Edit[] = []
  /** The highest head of the log that an ack named. */
  head = 0
  /** Close codes and nacks that said no. */
  readonly closes: number[] = []
  readonly nacks: number[] = []
  /** For each update-bearing message of this connection, the first edit it may carry, and the last. */
  #sent: { from: number; to: number; isRefused?: true }[] = []
  #editing: Pick<Edit, 'op' | 'word'> | undefined

  constructor(url: string, guest: Guest, document: string, { connect = true } = {}) {
    this.doc.on('update', (_update: Uint8Array, origin: unknown) => {
      if (origin !== this || !this.#editing) return
      this.edits.push({ ...this.#editing, at: performance.now(), promisedAt: undefined })
    })
    const client = this
    class AuthorizedSocket extends WebSocket {
      readonly #carried: { from: number; to: number; isRefused?: true }[] = []

      constructor(address: string | URL) {
        super(address, { headers: { authorization: `Bearer ${guest.token}` } })
        client.#sent = this.#carried
        this.on('close', (code) => client.closes.push(code))
      }
      override send(data: never): void {
        const [type, step] = data as Uint8Array
        const to = client.edits.length
        // A sync step 2 carries all that the server lacks, an update the one edit it is sent for.
        if (type === 0 && step !== 0) this.#carried.push({ from: step === 1 ? 0 : to - 1, to })
        super.send(data)
      }
    }
    this.provider = new WebsocketProvider(`${url.replace('http', 'ws')}/sync`, document, this.doc, {
      WebSocketPolyfill: AuthorizedSocket as unknown as typeof globalThis.WebSocket,
      disableBc: true,
      maxBackoffTime: 500,
      connect,
    })
    this.provider.messageHandlers[ACK] = (_encoder, decoder) => {
      const count = decoding.readVarUint(decoder)
      this.head = Math.max(this.head, decoding.readVarUint(decoder))
      for (const { from, to, isRefused } of this.#sent.slice(0, count)) {
        if (isRefused) continue
        for (const edit of this.edits.slice(from, to)) edit.promisedAt ??= performance.now()
      }
    }
    this.provider.messageHandlers[NACK] = (_encoder, decoder) => {
      const refused = this.#sent[decoding.readVarUint(decoder) - 1]
      if (refused) refused.isRefused = true
      this.nacks.push(decoding.readVarUint(decoder))
      decoding.readVarString(decoder)
    }
  }

  /** Types a word into a paragraph, the first by default, at a place that `at` (0–1) names. */
  type(word: string, at: number, paragraph = 0): void {
    this.#edit('insert', word, () => {
      const text = textOf(this.doc, paragraph) ?? textOf(this.doc, 0)
      if (!text) throw new Error('the document has no paragraph')
      const spaces = [...charactersOf(text).matchAll(/ /g)].map(({ index }) => index + 1)
      text.insert(spaces[Math.floor(at * spaces.length)] ?? 0, `${word} `)
    })
  }

  /** Takes a word and its space away; false where it is not here. */
  erase(word: string): boolean {
    for (let at = 0; at < body(this.doc).length; at++) {
      const text = textOf(this.doc, at)
      const index = text ? charactersOf(text).indexOf(`${word} `) : -1
      if (!text || index < 0) continue
      this.#edit('erase', word, () => text.delete(index, word.length + 1))
      return true
    }
    return false
  }

  #edit(op: Edit['op'], word: string, act: () => void): void {
    this.#editing = { op, word }
    this.doc.transact(act, this)
    this.#editing = undefined
  }

  get text(): string {
    return body(this.doc).toString()
  }

  /** The words that were typed here, in order, and those of them whose typing is promised. */
  get written(): string[] {
    return this.edits.filter(({ op }) => op === 'insert').map(({ word }) => word)
  }
  get promised(): string[] {
    const promised = this.edits.filter(({ promisedAt }) => promisedAt !== undefined)
    return promised.filter(({ op }) => op === 'insert').map(({ word }) => word)
  }

  /** Everything changed here is promised, and everything the server has is here. */
  get settled(): boolean {
    return this.provider.synced && this.edits.every(({ promisedAt }) => promisedAt !== undefined)
  }

  close(): void {
    this.provider.destroy()
    this.doc.destroy()
  }
}

/** As long as the text counts itself: what is no character stands as one that nobody types. */
function charactersOf(text: Y.XmlText): string {
  const parts = text.toDelta() as { insert: unknown }[]
  return parts.map(({ insert }) => (typeof insert === 'string' ? insert : '\ufffc')).join('')
}

/** The text of the nth block; made where a paragraph has none yet. */
function textOf(doc: Y.Doc, at: number): Y.XmlText | undefined {
  const block = body(doc).get(at)
  if (block instanceof Y.XmlText) return block
  if (!(block instanceof Y.XmlElement)) return undefined
  const first = block.get(0)
  if (first instanceof Y.XmlText) return first
  if (block.length > 0) return undefined
  const text = new Y.XmlText()
  block.insert(0, [text])
  return text
}
