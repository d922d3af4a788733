/**
 * A way to a server on which one request can be held back: it arrives when it is let go, and all
 * that follows it on its connection stays behind it. Other connections go on.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export class Gate implements AsyncDisposable {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #wanted: { words: string; caught: () => void } | undefined
  #letGo: (() => void) | undefined
  #port = 0

  static async open(target: number): Promise<Gate> {
    const server = createServer()
    const gate = new Gate(server)
    server.on('connection', (near) => gate.#join(near, connect(target, '127.0.0.1')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    gate.#port = typeof address === 'object' && address ? address.port : 0
    return gate
  }

  private constructor(server: Server) {
    this.#server = server
  }

  get port(): number {
    return this.#port
  }

  /** Resolves when a request with these words has come, and is held. */
  hold(words: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#wanted = { words, caught: resolve }
    return promise
  }

  /** Lets go what is held, and holds nothing any more. */
  release(): void {
    this.#wanted = undefined
    this.#letGo?.()
    this.#letGo = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #join(near: Socket, far: Socket): void {
    let held: Buffer[] | undefined
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined) // `close` follows
      socket.on('close', () => {
        this.#sockets.delete(socket)
        other.destroy()
      })
    }
    far.on('data', (data) => near.write(data))
    near.on('data', (data) => {
      if (this.#wanted && data.includes(this.#wanted.words)) {
        const waiting: Buffer[] = []
        held = waiting
        this.#wanted.caught()
        this.#wanted = undefined
        this.#letGo = () => {
          held = undefined
          for (const one of waiting) far.write(one)
        }
      }
      if (held) held.push(data)
      else far.write(data)
    })
  }
}
