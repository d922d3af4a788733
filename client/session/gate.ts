/**
 * Gate is the one door through which others' changes reach the document, whichever road they came
 * by. It closes while somebody composes (an input method loses its place when text changes beneath
 * it), for a moment while the page rests from the change before, and for good when one could not
 * be applied.
 */
import * as Y from 'yjs'
import { applyNaming } from '#shared/document/moves/named-deletions.ts'
import { Pace } from './pace.ts'

export class Gate {
  readonly #doc: Y.Doc
  /** Both roads apply with the socket's origin, or the socket would send it all back. */
  readonly #origin: unknown
  readonly #onBroken: (error: unknown) => void
  #composing = false
  #broken = false
  #waiting: Uint8Array[] = []
  readonly #pace: Pace

  constructor(
    doc: Y.Doc,
    origin: unknown,
    onBroken: (error: unknown) => void,
    pace: Pace = new Pace(),
  ) {
    this.#doc = doc
    this.#origin = origin
    this.#onBroken = onBroken
    this.#pace = pace
  }

  get broken(): boolean {
    return this.#broken
  }

  apply(update: Uint8Array): void {
    if (this.#broken) return
    this.#waiting.push(update)
    if (!this.#composing) this.#pace.whenRested(this.#take)
  }

  /** The same at once, and all that has come before: what is told of now must be in the document. */
  applyNow(update: Uint8Array): void {
    this.apply(update)
    this.#pace.hurry()
  }

  /** Nothing more comes in. The error is told once. */
  break(error: unknown): void {
    if (this.#broken) return
    this.#broken = true
    this.close()
    this.#onBroken(error)
  }

  composing(composing: boolean): void {
    this.#composing = composing
    if (!composing && this.#waiting.length > 0) this.#pace.whenRested(this.#take)
  }

  /** What waits does not come any more. */
  close(): void {
    this.#waiting = []
    this.#pace.close()
  }

  readonly #take = (): void => {
    if (this.#composing || this.#waiting.length === 0) return
    const [first] = this.#waiting
    const update = this.#waiting.length === 1 && first ? first : Y.mergeUpdates(this.#waiting)
    this.#waiting = []
    try {
      applyNaming(this.#doc, update, this.#origin)
    } catch (error) {
      this.break(error)
    }
  }
}
