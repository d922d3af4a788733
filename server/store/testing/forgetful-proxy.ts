/**
 * A way to Postgres that loses one answer: the request arrives and takes effect, and whoever asked
 * hears nothing of it.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

export interface ForgetfulProxy extends AsyncDisposable {
  readonly port: number
  /**
   * Holds back the answer to the next request that has these words. Resolves when the server has
   * given it: from then on nothing passes on that connection, in either direction.
   */
  swallowAnswerTo(words: string): Promise<void>
  /** Cuts the connections. */
  cut(): void
}

export async function forgetfulProxy(target: number): Promise<ForgetfulProxy> {
  const sockets = new Set<Socket>()
  let wanted: { words: string; swallowed: () => void } | undefined

  const proxy = createServer((client) => {
    const server = connect(target, '127.0.0.1')
    let holding: (() => void) | undefined
    let isSilent = false
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(socket)
      socket.on('close', () => {
        sockets.delete(socket)
        // The end of a connection is news too, and does not pass either.
        if (!isSilent) other.destroy()
      })
      // A cut connection is what this is for; `close` follows.
      socket.on('error', () => undefined)
    }
    client.on('data', (data) => {
      if (isSilent) return
      if (wanted && data.includes(wanted.words)) {
        holding = wanted.swallowed
        wanted = undefined
      }
      server.write(data)
    })
    server.on('data', (data) => {
      if (!holding) return void client.write(data)
      isSilent = true
      holding()
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const address = proxy.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    swallowAnswerTo(words) {
      const { promise, resolve } = Promise.withResolvers<void>()
      wanted = { words, swallowed: resolve }
      return promise
    },
    cut,
    async [Symbol.asyncDispose]() {
      const closed = once(proxy, 'close')
      proxy.close()
      cut()
      await closed
    },
  }
}
