/**
 * The other instances on the bus, by when each was heard last. One that says goodbye has left at
 * once, one that falls silent after a while; while nobody can be heard, nobody's silence counts.
 */

/** Not heard for so long, it may be writing without saying so. */
const SILENT_MS = 3_000
/** So long it is taken for gone, with everybody who was connected there. */
const LEFT_MS = 7_000
/** So long it may still be writing, gone or not. */
const MISSED_MS = 60_000

interface Other {
  heardAt: number
  left: boolean
}

export class Others {
  readonly #others = new Map<string, Other>()
  /** Told once of each that has left. */
  readonly #left: (instance: string) => void

  constructor(left: (instance: string) => void) {
    this.#left = left
  }

  /** True where it had been taken for gone. `now` is in milliseconds, of any steady clock. */
  heard(instance: string, now: number): boolean {
    const back = this.#others.get(instance)?.left === true
    this.#others.set(instance, { heardAt: now, left: false })
    return back
  }

  goodbye(instance: string): void {
    const known = this.#others.get(instance)
    this.#others.delete(instance)
    if (!known?.left) this.#left(instance)
  }

  /** To be called now and then while the others could be heard: how many are silent. */
  look(now: number): number {
    let silent = 0
    for (const [instance, other] of this.#others) {
      const silence = now - other.heardAt
      if (silence > LEFT_MS && !other.left) {
        other.left = true
        this.#left(instance)
      }
      if (silence > MISSED_MS) this.#others.delete(instance)
      else if (silence > SILENT_MS) silent++
    }
    return silent
  }

  /** What was silence until now was our own deafness. */
  forgive(now: number): void {
    for (const other of this.#others.values()) if (!other.left) other.heardAt = now
  }
}
