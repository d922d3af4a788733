/** A whole server in this process, on a free port and a folder of its own, and guests of it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import WebSocket from 'ws'
import { open } from '#server/open.ts'
import type { Problem, Session } from '#shared/protocol/api.ts'
import type { Limits } from '#shared/protocol/limits.ts'

export interface Answer<T = unknown> {
  status: number
  headers: Headers
  body: T
}

export class Served {
  readonly url: string
  /** Where it really listens; the same, unless it has a public URL. */
  readonly listening: string
  readonly #close: () => Promise<void>

  private constructor(url: string, listening: string, close: () => Promise<void>) {
    this.url = url
    this.listening = listening
    this.#close = close
  }

  /** `limits` replaces those of the contract by name. */
  static limited(limits: Partial<Limits>, env: Record<string, string> = {}): Promise<Served> {
    return Served.open({ ...env, GLOSS_LIMITS: JSON.stringify(limits) })
  }

  static async open(env: Record<string, string> = {}): Promise<Served> {
    const dataDir = await mkdtemp(join(tmpdir(), 'gloss-served-'))
    const gloss = await open({ PORT: '0', DATA_DIR: dataDir, LOG_LEVEL: 'silent', ...env })
    await gloss.listen()
    const address = gloss.app.fastify.server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return new Served(gloss.url, `http://localhost:${port}`, async () => {
      await gloss.close()
      await rm(dataDir, { recursive: true, force: true })
    })
  }

  async guest(): Promise<GuestClient> {
    const response = await fetch(`${this.url}/api/session`, { method: 'POST' })
    const { token, ...me } = (await response.json()) as Session & { token: string }
    return new GuestClient(this.url, token, me)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close()
  }
}

/** A program with a guest's bearer token. */
export class GuestClient {
  readonly url: string
  readonly token: string
  readonly me: Session

  constructor(url: string, token: string, me: Session) {
    this.url = url
    this.token = token
    this.me = me
  }

  async call<T = Problem>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: text }),
    })
    const answer = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '')
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && answer ? JSON.parse(answer) : answer) as T,
    }
  }

  /** A new document's id. */
  async document(markdown?: string, linkRole?: 'view' | 'edit'): Promise<string> {
    const { body } = await this.call<{ id: string }>('POST', '/api/documents', {
      title: 'Plan',
      ...(markdown === undefined ? {} : { markdown }),
    })
    if (linkRole) await this.call('PATCH', `/api/documents/${body.id}`, { linkRole })
    return body.id
  }

  socket(document: string, headers: Record<string, string> = {}): WebSocket {
    return new WebSocket(`${this.url.replace('http', 'ws')}/sync/${document}`, {
      headers: { authorization: `Bearer ${this.token}`, ...headers },
    })
  }
}

/** How a socket ended: its close code, or the HTTP status that refused it. */
export function endOf(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => {
    socket.on('close', (code) => resolve(code))
    socket.on('unexpected-response', (_request, response) => {
      resolve(response.statusCode ?? 0)
      socket.terminate()
    })
    socket.on('error', () => undefined)
  })
}

export const opened = (socket: WebSocket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
