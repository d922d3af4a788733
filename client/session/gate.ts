/**
 * The one door through which others' changes reach the document, whichever road they came by.
 * It closes while somebody composes (an input method loses its place when text changes beneath
 * it), and for good when a change could not be applied.
 */
import * as Y from 'yjs'

export class Gate {
  readonly #doc: Y.Doc
  /** Both roads apply with the socket's origin, or the socket would send it all back. */
  readonly #origin: unknown
  readonly #onBroken: (error: unknown) => void
  #composing = false
  #broken = false
  #waiting: Uint8Array[] = []

  constructor(doc: Y.Doc, origin: unknown, onBroken: (error: unknown) => void) {
    this.#doc = doc
    this.#origin = origin
    this.#onBroken = onBroken
  }

  get broken(): boolean {
    return this.#broken
  }

  apply(update: Uint8Array): void {
    if (this.#broken) return
    if (this.#composing) return void this.#waiting.push(update)
    try {
      Y.applyUpdate(this.#doc, update, this.#origin)
    } catch (error) {
      this.break(error)
    }
  }

  /** Nothing more comes in. The error is told once. */
  break(error: unknown): void {
    if (this.#broken) return
    this.#broken = true
    this.#onBroken(error)
  }

  composing(composing: boolean): void {
    this.#composing = composing
    if (composing || this.#waiting.length === 0) return
    const update = Y.mergeUpdates(this.#waiting)
    this.#waiting = []
    this.apply(update)
  }
}
