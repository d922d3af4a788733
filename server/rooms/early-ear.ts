/**
 * Who hears of a document before its room is there: what is said while the log is being read is
 * kept, and told to the room as soon as there is one.
 */
import type { BusListener, Hint } from '#server/bus/bus.ts'

export class EarlyEar implements BusListener {
  #listener: BusListener | undefined
  #kept: ((listener: BusListener) => void)[] = []

  /** From now on it is the room that listens, to what was kept first. */
  handTo(listener: BusListener): void {
    this.#listener = listener
    for (const tell of this.#kept.splice(0)) tell(listener)
  }

  readonly hint = (hint: Hint) => this.#hear((listener) => listener.hint(hint))
  readonly presence = (update: Uint8Array, from: string) =>
    this.#hear((listener) => listener.presence(update, from))
  readonly left = (instance: string) => this.#hear((listener) => listener.left(instance))
  readonly newcomer = () => this.#hear((listener) => listener.newcomer())

  #hear(tell: (listener: BusListener) => void): void {
    if (this.#listener) tell(this.#listener)
    else this.#kept.push(tell)
  }
}
