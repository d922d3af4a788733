/**
 * A TCP relay with weather: between any two of our processes it delays, slices, throttles, stops,
 * swallows, cuts and resets. It knows nothing of what the bytes mean.
 */
import { createConnection, createServer, type Server, type Socket } from 'node:net'
import { Random } from '#server/testing/random.ts'
import { CALM, Lane, type Weather } from './lane.ts'

/** Which way the weather blows: `up` from whoever connected to the target, `down` back. */
export type Direction = 'up' | 'down' | 'both'

export interface ProxyOptions {
  /** Ports of 127.0.0.1, taken in turn; one that refuses is passed over. */
  targets: readonly number[]
  seed?: number
}

interface Pair {
  near: Socket
  far: Socket
  up: Lane
  down: Lane
  bytes: number
  /** Something of it was swallowed: it can never be whole again. */
  isTorn: boolean
  /** The way is gone for good: whatever the weather, nothing passes. */
  isStranded: boolean
}

export class FaultProxy implements AsyncDisposable {
  readonly #server: Server
  readonly #random: Random
  readonly #pairs = new Set<Pair>()
  #targets: readonly number[]
  #turn = 0
  #port = 0
  #weather: { up: Weather; down: Weather } = { up: CALM, down: CALM }
  #refuses = false
  #resetAfter = 0
  /** How many connections were asked for so far. */
  accepted = 0

  private constructor(server: Server, { targets, seed = 1 }: ProxyOptions) {
    this.#server = server
    this.#targets = targets
    this.#random = new Random(seed)
  }

  /** Listening on a free port of 127.0.0.1 when it resolves. */
  static async open(options: ProxyOptions): Promise<FaultProxy> {
    const server = createServer({ allowHalfOpen: true })
    const proxy = new FaultProxy(server, options)
    server.on('connection', (near) => proxy.#accept(near))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    proxy.#port = typeof address === 'object' && address ? address.port : 0
    return proxy
  }

  get port(): number {
    return this.#port
  }
  get url(): string {
    return `http://localhost:${this.#port}`
  }
  /** How many connections are open now. */
  get size(): number {
    return this.#pairs.size
  }

  /** Where new connections go from now on. */
  aim(targets: readonly number[]): void {
    this.#targets = targets
  }

  /** Changes the weather, of open connections too; what is not named stays. */
  set(direction: Direction, weather: Partial<Weather>): void {
    const { up, down } = this.#weather
    this.#weather = {
      up: direction === 'down' ? up : { ...up, ...weather },
      down: direction === 'up' ? down : { ...down, ...weather },
    }
    for (const pair of this.#pairs) this.#blowOn(pair)
  }

  /** Good weather again, and doors open; connections that lost bytes are reset, as peers do. */
  calm(): void {
    this.#weather = { up: CALM, down: CALM }
    this.#refuses = false
    this.#resetAfter = 0
    for (const pair of [...this.#pairs]) {
      if (pair.isTorn && !pair.isStranded) this.#end(pair, 'reset')
      else this.#blowOn(pair)
    }
  }

  /** Nothing passes any more on what is open, nor its end; whoever connects anew comes through. */
  strand(): void {
    for (const pair of this.#pairs) {
      pair.isStranded = true
      this.#blowOn(pair)
    }
  }

  /** What is open breaks, and nothing new comes through until `mend`. */
  cut(): void {
    this.#refuses = true
    for (const pair of [...this.#pairs]) this.#end(pair, 'close')
  }
  mend(): void {
    this.#refuses = false
  }

  /** RST to both sides of every open connection, or of one that chance takes. */
  reset(which: 'all' | 'one' = 'all'): void {
    const pairs = [...this.#pairs]
    const chosen = which === 'all' || pairs.length === 0 ? pairs : [this.#random.pick(pairs)]
    for (const pair of chosen) this.#end(pair, 'reset')
  }

  /** Each connection is reset once it has carried so many bytes; 0 lets them live. */
  resetAfter(bytes: number): void {
    this.#resetAfter = bytes
  }

  /** Cuts what is open. Idempotent. */
  async close(): Promise<void> {
    this.cut()
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve))
  }
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #accept(near: Socket): void {
    this.accepted++
    near.on('error', () => undefined) // `close` follows
    if (this.#refuses) return void near.destroy()
    this.#connect(near, this.#targets.length)
  }

  #connect(near: Socket, left: number): void {
    const port = this.#targets[this.#turn++ % this.#targets.length]
    if (left === 0 || port === undefined || near.destroyed) return void near.destroy()
    const far = createConnection({ port, host: '127.0.0.1', allowHalfOpen: true })
    const passOver = () => this.#connect(near, left - 1)
    far.once('error', passOver)
    far.once('connect', () => {
      far.off('error', passOver)
      far.on('error', () => undefined)
      if (this.#refuses || near.destroyed) {
        near.destroy()
        far.destroy()
      } else this.#join(near, far)
    })
  }

  #join(near: Socket, far: Socket): void {
    const random = this.#random
    const took = (bytes: number) => this.#took(pair, bytes)
    const swallowed = () => {
      pair.isTorn = true
    }
    const pair: Pair = {
      near,
      far,
      up: new Lane({ from: near, to: far, random, took, swallowed }),
      down: new Lane({ from: far, to: near, random, took, swallowed }),
      bytes: 0,
      isTorn: false,
      isStranded: false,
    }
    this.#pairs.add(pair)
    this.#blowOn(pair)
    for (const [socket, lane] of [
      [near, pair.up],
      [far, pair.down],
    ] as const) {
      socket.on('close', () => {
        // In a black hole the end of a connection is news too, and does not pass.
        if (lane.passesNews) this.#end(pair, 'close')
      })
    }
  }

  #blowOn({ up, down, isStranded }: Pair): void {
    const gone: Partial<Weather> = isStranded ? { hole: 'swallow' } : {}
    up.weather = { ...this.#weather.up, ...gone }
    down.weather = { ...this.#weather.down, ...gone }
  }

  #took(pair: Pair, bytes: number): void {
    pair.bytes += bytes
    if (this.#resetAfter > 0 && pair.bytes >= this.#resetAfter) this.#end(pair, 'reset')
  }

  #end(pair: Pair, how: 'close' | 'reset'): void {
    if (!this.#pairs.delete(pair)) return
    pair.up.close()
    pair.down.close()
    for (const socket of [pair.near, pair.far]) {
      if (how === 'reset' && !socket.destroyed) socket.resetAndDestroy()
      else socket.destroy()
    }
  }
}
