/**
 * What a connection says before its room is open: kept in order, counted in the backlog like all
 * that is taken in, and bounded. Beyond a little it is left to wait with the client.
 */
import type { Backlog } from '#server/rooms/backlog.ts'

/** A first sync step, a presence, a few key strokes: what is more can wait where it is safe. */
const ENOUGH_BYTES = 64 * 1024

export class EarlyFrames {
  readonly #backlog: Pick<Backlog, 'countHeld'>
  #frames: Uint8Array[] = []
  #bytes = 0

  constructor(backlog: Pick<Backlog, 'countHeld'>) {
    this.#backlog = backlog
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Nothing more should be read. */
  get enough(): boolean {
    return this.#bytes > ENOUGH_BYTES
  }

  keep(frame: Uint8Array): void {
    this.#frames.push(frame)
    this.#bytes += frame.length
    this.#backlog.countHeld(frame.length)
  }

  /** All of them, in their order; none is kept or counted any more. */
  take(): Uint8Array[] {
    this.#backlog.countHeld(-this.#bytes)
    this.#bytes = 0
    return this.#frames.splice(0)
  }
}
