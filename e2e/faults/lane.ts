/** One direction of one connection through the fault proxy: bytes in order, as the weather lets. */
import type { Socket } from 'node:net'
import type { Random } from '#server/testing/random.ts'

export interface Weather {
  /** Each piece arrives so much later, give or take the jitter; order is never broken. */
  delayMs: number
  jitterMs: number
  /** Pieces are cut into 1 to so many bytes; 0 leaves them whole. */
  sliceBytes: number
  /** 0 is no bound. */
  bytesPerSecond: number
  /**
   * `stop`: nothing is read, the sender's buffers fill. `hold`: bytes wait, and arrive when it is
   * over, as over a healed partition. `swallow`: bytes and the connection's end vanish.
   */
  hole: 'none' | 'stop' | 'hold' | 'swallow'
}

export const CALM: Weather = {
  delayMs: 0,
  jitterMs: 0,
  sliceBytes: 0,
  bytesPerSecond: 0,
  hole: 'none',
}

/** More than this under way, and the sender is not read until it has arrived. */
const UNDER_WAY_BYTES = 1024 * 1024

interface Deps {
  from: Socket
  to: Socket
  random: Random
  took(bytes: number): void
  swallowed(): void
}

export class Lane {
  readonly #deps: Deps
  #weather: Weather = CALM
  #queue: { bytes: Buffer; due: number }[] = []
  #queued = 0
  #lastDue = 0
  #timer: NodeJS.Timeout | undefined
  #hasEnded = false
  #closed = false

  constructor(deps: Deps) {
    const { from, to, swallowed } = deps
    this.#deps = deps
    from.on('data', (bytes) => this.#take(bytes))
    from.on('end', () => {
      if (this.#weather.hole === 'swallow') return swallowed()
      this.#hasEnded = true
      this.#flow()
    })
    to.on('drain', () => this.#flow())
  }

  set weather(weather: Weather) {
    this.#weather = weather
    this.#flow()
  }

  /** False where the end of the sender's side must not be told. */
  get passesNews(): boolean {
    return this.#weather.hole === 'none' && this.#queue.length === 0
  }

  close(): void {
    this.#closed = true
    this.#queue = []
    clearTimeout(this.#timer)
  }

  #take(bytes: Buffer): void {
    this.#deps.took(bytes.length)
    if (this.#closed) return
    if (this.#weather.hole === 'swallow') return this.#deps.swallowed()
    for (const piece of this.#pieces(bytes)) {
      this.#queue.push({ bytes: piece, due: this.#due(piece.length) })
      this.#queued += piece.length
    }
    this.#flow()
  }

  *#pieces(bytes: Buffer): Generator<Buffer> {
    const { sliceBytes } = this.#weather
    if (sliceBytes === 0) return yield bytes
    for (let at = 0; at < bytes.length; ) {
      const length = 1 + this.#deps.random.below(sliceBytes)
      yield bytes.subarray(at, at + length)
      at += length
    }
  }

  /** What left later never arrives earlier. */
  #due(bytes: number): number {
    const { delayMs, jitterMs, bytesPerSecond } = this.#weather
    const now = performance.now()
    const jitter = jitterMs === 0 ? 0 : (this.#deps.random.next() * 2 - 1) * jitterMs
    const travelled = Math.max(this.#lastDue, now + Math.max(0, delayMs + jitter))
    this.#lastDue = travelled + (bytesPerSecond > 0 ? (bytes / bytesPerSecond) * 1000 : 0)
    return this.#lastDue
  }

  /** Passes on what is due, and sees to it that the sender is read as far as there is room. */
  #flow(): void {
    clearTimeout(this.#timer)
    if (this.#closed) return
    const { from, to } = this.#deps
    const { hole } = this.#weather
    const waits = hole === 'hold' || hole === 'stop'
    while (!waits && this.#queue[0] && !to.writableNeedDrain) {
      const { bytes, due } = this.#queue[0]
      const wait = due - performance.now()
      if (wait > 0.5) {
        this.#timer = setTimeout(() => this.#flow(), wait)
        break
      }
      this.#queue.shift()
      this.#queued -= bytes.length
      to.write(bytes)
    }
    if (hole === 'stop' || this.#queued > UNDER_WAY_BYTES) from.pause()
    else from.resume()
    if (this.#hasEnded && this.#queue.length === 0 && !waits) to.end()
  }
}
