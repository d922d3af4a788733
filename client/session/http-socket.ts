/**
 * A WebSocket over plain requests, for networks that let no socket through: the part of the
 * interface that y-websocket uses, the same frames. What is sent goes up in pieces with numbered
 * places, what is heard is asked for; a request that fails is repeated, and nothing counts twice.
 */
import { z } from 'zod'
import { FrameReader, lengthOf, POLL_MS, UP_BYTES } from '#shared/protocol/frame-stream.ts'
import { pollSlot } from './poll-slot.ts'

const CONNECTING = 0
const OPEN = 1
const CLOSED = 3
/** A connection that has failed for so long is given up: another one begins where this ended. */
const LOST_MS = 8_000
const OPEN_MS = 10_000
const RETRY_MS = 150
const RETRY_MAX_MS = 1_000
/** How long a question without an answer is waited for beyond what it may take. */
const GRACE_MS = 8_000
/** The shortest that an impatient proxy makes questions wait. */
const MIN_POLL_MS = 1_000
/** Without a slot to wait in, one asks at intervals. */
const ASK_MS = 1_500
const FIRST_PIECE_BYTES = 64 * 1024
const MIN_PIECE_BYTES = 4 * 1024
/** A piece that takes longer is tried again as a smaller one. */
const PIECE_MS = 10_000
/** No message of a server's is larger than a document. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024
const ABNORMAL = 1006

const Opened = z.object({ connection: z.string() })
const Taken = z.object({ received: z.number() })
const Closed = z.object({ code: z.number(), reason: z.string() })

export interface Closing {
  code: number
  reason: string
}

export class HttpSocket {
  static readonly CONNECTING = CONNECTING
  static readonly OPEN = OPEN
  static readonly CLOSED = CLOSED
  readonly OPEN = OPEN
  binaryType = 'arraybuffer'
  onopen: (() => void) | null = null
  onmessage: ((event: { data: Uint8Array }) => void) | null = null
  onclose: ((event: Closing) => void) | null = null
  onerror: ((event: unknown) => void) | null = null
  readyState: number = CONNECTING
  readonly #url: string
  readonly #ending = new AbortController()
  readonly #reader = new FrameReader(MAX_FRAME_BYTES)
  #connection = ''
  /** What is not confirmed, and the place where it begins. */
  #unsent: Uint8Array[] = []
  #at = 0
  /** How much goes up at once: less where the way is slow, or a proxy takes only little. */
  #pieceBytes = FIRST_PIECE_BYTES
  #sending = false
  /** How much has been heard. */
  #after = 0
  #patience = POLL_MS
  #failingSince: number | undefined
  readonly #leave = (): void => this.#lose()

  /** `address` is the one that a WebSocket would have: `wss://host/sync/document`. */
  constructor(address: string | URL) {
    const { protocol, host, pathname, search } = new URL(address)
    const document = pathname.slice(pathname.lastIndexOf('/') + 1)
    const http = protocol === 'wss:' || protocol === 'https:' ? 'https:' : 'http:'
    this.#url = `${http}//${host}/api/documents/${document}/sync`
    Promise.resolve()
      .then(() => this.#open(search))
      .catch(() => this.#lose())
  }

  send(data: Uint8Array): void {
    if (this.readyState !== OPEN) return
    this.#unsent.push(lengthOf(data), data)
    if (this.#sending) return
    this.#sending = true
    // What is sent in the same moment goes with the same request.
    Promise.resolve()
      .then(() => this.#sendAll())
      .catch(() => this.#lose())
  }

  /** Says good-bye, so that the others need not wait to see one gone. */
  close(): void {
    this.#end({ code: 1000, reason: '' })
  }

  async #open(search: string): Promise<void> {
    const response = await this.#fetch(`${this.#url}${search}`, { method: 'POST' }, OPEN_MS)
    if (!response.ok) throw new Error(`not opened: ${response.status}`)
    const { connection } = Opened.parse(await response.json())
    this.#connection = `${this.#url}/${encodeURIComponent(connection)}`
    if (this.readyState !== CONNECTING) return this.#sayGoodbye()
    this.readyState = OPEN
    globalThis.addEventListener?.('pagehide', this.#leave)
    this.onopen?.()
    await this.#askOn()
  }

  /** Asks for what comes next, until the end. */
  async #askOn(): Promise<void> {
    let slot: (() => void) | undefined
    try {
      while (this.readyState === OPEN) {
        slot ??= await pollSlot(this.#ending.signal)
        const wait = slot ? this.#patience : 0
        const response = await this.#ask(wait)
        if (response.status === 200) await this.#hear(response)
        else if (!slot) await pause(ASK_MS, this.#ending.signal)
      }
    } finally {
      slot?.()
    }
  }

  async #ask(wait: number): Promise<Response> {
    return this.#insist(
      () => `${this.#connection}?after=${this.#after}&wait=${Math.min(wait, this.#patience)}`,
      () => ({ method: 'GET' }),
      wait + GRACE_MS,
      (ms) => this.#cutShort(ms, wait),
    )
  }

  /** A proxy that cuts what waits is asked for less patience the next time. */
  #cutShort(ms: number, wait: number): void {
    if (ms < MIN_POLL_MS || ms > wait + GRACE_MS / 2) return
    this.#patience = Math.round(Math.max(MIN_POLL_MS, Math.min(this.#patience, ms * 0.7)))
  }

  async #hear(response: Response): Promise<void> {
    if (/json/.test(response.headers.get('content-type') ?? '')) {
      return this.#end(Closed.parse(await response.json()))
    }
    const bytes = new Uint8Array(await response.arrayBuffer())
    this.#after += bytes.length
    this.#reader.push(bytes)
    for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
      if (this.readyState !== OPEN) return
      this.onmessage?.({ data: frame })
    }
  }

  /** One request at a time: what gathers meanwhile goes with the next. */
  async #sendAll(): Promise<void> {
    for (;;) {
      this.#sending = this.readyState === OPEN && this.#unsent.length > 0
      if (!this.#sending) return
      const headers = { 'content-type': 'application/octet-stream' }
      const response = await this.#insist(
        () => `${this.#connection}?at=${this.#at}`,
        () => ({ method: 'POST', headers, body: this.#piece() }),
        PIECE_MS,
        () => {
          this.#pieceBytes = Math.max(MIN_PIECE_BYTES, this.#pieceBytes / 2)
        },
      )
      this.#pieceBytes = Math.min(UP_BYTES, this.#pieceBytes * 2)
      const { received } = Taken.parse(await response.json())
      if (received === this.#at) await pause(RETRY_MS, this.#ending.signal)
      this.#confirm(received)
    }
  }

  #piece(): Uint8Array<ArrayBuffer> {
    const whole = this.#unsent.reduce((sum, { length }) => sum + length, 0)
    const piece = new Uint8Array(Math.min(whole, this.#pieceBytes))
    let at = 0
    for (const bytes of this.#unsent) {
      const fits = bytes.subarray(0, piece.length - at)
      piece.set(fits, at)
      at += fits.length
      if (at === piece.length) break
    }
    return piece
  }

  #confirm(received: number): void {
    let count = received - this.#at
    this.#at = received
    while (count > 0) {
      const first = this.#unsent[0]!
      if (first.length > count) this.#unsent[0] = first.subarray(count)
      else this.#unsent.shift()
      count -= first.length
    }
  }

  /**
   * Repeats a request until it is answered. Throws where the answer is that there is no such
   * connection, and where nothing has been answered for long.
   */
  async #insist(
    url: () => string,
    init: () => RequestInit,
    timeout: number,
    failed?: (ms: number) => void,
  ): Promise<Response> {
    for (let failures = 0; ; failures++) {
      const begun = performance.now()
      const response = await this.#fetch(url(), init(), timeout).catch(() => undefined)
      if (response?.ok) {
        // Headers are no answer yet: what is lost behind them is asked for again.
        const whole = await response.arrayBuffer().catch(() => undefined)
        if (whole) {
          this.#failingSince = undefined
          return new Response(response.status === 204 ? null : whole, response)
        }
      }
      if (this.readyState !== OPEN) throw new Error('closed')
      const status = response?.status ?? 0
      if (status >= 400 && status < 500 && !PASSING.has(status))
        throw new Error(`refused: ${status}`)
      this.#failingSince ??= performance.now()
      if (performance.now() - this.#failingSince > LOST_MS) throw new Error('lost')
      failed?.(performance.now() - begun)
      // Another instance answered: the next one may be the right one.
      const wait = status === 421 ? 5 * failures : RETRY_MS * 2 ** failures
      await pause(Math.min(wait, RETRY_MAX_MS), this.#ending.signal)
    }
  }

  #fetch(url: string, init: RequestInit, timeout: number): Promise<Response> {
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(timeout)])
    return this.request(url, { credentials: 'same-origin', cache: 'no-store', ...init, signal })
  }

  /** For programs that are no page: they say in another way who they are. */
  protected request(url: string, init: RequestInit): Promise<Response> {
    return fetch(url, init)
  }

  #lose(): void {
    this.onerror?.(new Event('error'))
    this.#end({ code: ABNORMAL, reason: '' })
  }

  #end(closing: Closing): void {
    if (this.readyState === CLOSED) return
    const wasOpen = this.readyState === OPEN
    this.readyState = CLOSED
    this.#ending.abort()
    globalThis.removeEventListener?.('pagehide', this.#leave)
    if (wasOpen && closing.code < 1012) this.#sayGoodbye()
    this.onclose?.(closing)
  }

  #sayGoodbye(): void {
    const init: RequestInit = { method: 'DELETE', credentials: 'same-origin', keepalive: true }
    // Where it does not come through, the server sees by itself that nobody asks any more.
    this.request(this.#connection, init).catch(() => undefined)
  }
}

/** Answers after which the same request may have another one. */
const PASSING: ReadonlySet<number> = new Set([408, 413, 421, 429])

/** Resolves also when it is over. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
