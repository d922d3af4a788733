/** A wire that can be cut: a TCP relay before the server, for people who lose their connection. */

import type { AddressInfo } from 'node:net'
import { createConnection, createServer, type Server, type Socket } from 'node:net'

export class Cuttable {
  readonly #server: Server
  readonly #open = new Set<Socket>()
  #cut = false

  private constructor(server: Server) {
    this.#server = server
  }

  static async open(target: string): Promise<Cuttable> {
    const port = Number(new URL(target).port)
    const server = createServer()
    const wire = new Cuttable(server)
    server.on('connection', (near) => wire.#relay(near, port))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return wire
  }

  get url(): string {
    return `http://localhost:${(this.#server.address() as AddressInfo).port}`
  }

  /** What is open breaks, and nothing new comes through. */
  cut(): void {
    this.#cut = true
    for (const socket of this.#open) socket.destroy()
  }
  mend(): void {
    this.#cut = false
  }

  async close(): Promise<void> {
    this.cut()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #relay(near: Socket, port: number): void {
    if (this.#cut) return void near.destroy()
    const far = createConnection({ port, host: '127.0.0.1' })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        this.#open.delete(from)
        to.destroy()
      })
      from.pipe(to)
    }
  }
}
