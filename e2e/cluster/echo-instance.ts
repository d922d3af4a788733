/** An instance that only tells what reached it: how the proxy is tried without the product. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Heard {
  method: string
  url: string
  headers: IncomingMessage['headers']
}

export class EchoInstance implements AsyncDisposable {
  /** Requests and upgrades that arrived, in order. */
  readonly heard: Heard[] = []
  /** What it does with a request instead of telling who it is. */
  answer: (request: IncomingMessage, response: ServerResponse) => void
  readonly #server = createServer((request, response) => {
    this.#hear(request)
    request.resume()
    this.answer(request, response)
  })

  private constructor(name: string) {
    this.answer = (_request, response) => response.end(name)
    this.#server.on('upgrade', (request, socket) => {
      this.#hear(request)
      socket.end('HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')
    })
  }

  static async start(name: string): Promise<EchoInstance> {
    const instance = new EchoInstance(name)
    instance.#server.listen(0, '127.0.0.1')
    await once(instance.#server, 'listening')
    return instance
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    if (!this.#server.listening) return
    this.#server.close()
    await once(this.#server, 'close')
  }

  #hear({ method = '', url = '', headers }: IncomingMessage): void {
    this.heard.push({ method, url, headers })
  }
}
