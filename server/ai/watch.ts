/**
 * The deadlines of one stream. It owns the timers and the abort of the upstream request, and
 * remembers why it ended; what ends it first wins. It knows nothing of HTTP.
 */
import { LIMITS } from '#shared/protocol/limits.ts'
import { type Deadlines, ModelError, type ModelFault } from './endpoint.ts'

export const DEFAULT_DEADLINES: Deadlines = {
  headers: 30_000,
  first: LIMITS.runSilenceMs,
  idle: LIMITS.runSilenceMs,
  total: LIMITS.runWallMs,
  stalled: 30_000,
}

/** How long an answer that has its finish reason may take to close. */
const FAREWELL_MS = 1_000

const FAULT_OF = {
  headers: 'timeout-headers',
  first: 'timeout-first',
  idle: 'timeout-idle',
  total: 'timeout-total',
  stalled: 'stalled',
} as const satisfies Record<keyof Deadlines, ModelFault>

export class Watch {
  readonly #deadlines: Deadlines
  readonly #abort = new AbortController()
  readonly #outer: AbortSignal
  readonly #onOuterAbort = () => this.end(new ModelError('cancelled', 'cancelled'))
  readonly #total: NodeJS.Timeout
  #step: NodeJS.Timeout | undefined
  #waiting: 'headers' | 'first' | 'idle' = 'headers'
  #error: ModelError | undefined

  constructor(outer: AbortSignal, deadlines: Partial<Deadlines> = {}) {
    this.#deadlines = { ...DEFAULT_DEADLINES, ...deadlines }
    this.#outer = outer
    this.#total = setTimeout(() => this.#late('total'), this.#deadlines.total)
    outer.addEventListener('abort', this.#onOuterAbort)
    if (outer.aborted) this.#onOuterAbort()
    else this.#arm('headers')
  }

  /** For the upstream request; aborts when a deadline passes or nobody wants the answer. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  /** Why it ended, if it did. */
  get error(): ModelError | undefined {
    return this.#error
  }

  /** The headers are there; now the first token is awaited. */
  answered(): void {
    this.#await('first')
  }

  /** A token came, be it text, reasoning or a tool's. Comments and empty frames do not count. */
  content(): void {
    this.#await('idle')
  }

  /** The answer is complete but for its usage and end mark: those are not waited for long. */
  finishing(): void {
    if (this.#error) return
    clearTimeout(this.#step)
    const late = () => this.end(new ModelError('timeout-idle', 'no end mark'))
    this.#step = setTimeout(late, Math.min(FAREWELL_MS, this.#deadlines.idle))
  }

  /** The consumer has a part in hand: the model's silence does not count meanwhile. */
  handOver(): void {
    if (this.#error) return
    clearTimeout(this.#step)
    this.#step = setTimeout(() => this.#late('stalled'), this.#deadlines.stalled)
  }

  /** The consumer is back. Throws if the stream ended while it was away. */
  takeBack(): void {
    if (this.#error) throw this.#error
    this.#arm(this.#waiting)
  }

  /** Ends the stream with this error unless it has ended. Clears every timer and listener. */
  end(error: ModelError): void {
    if (this.#error) return
    this.#error = error
    this.close()
    this.#abort.abort(error)
  }

  close(): void {
    clearTimeout(this.#total)
    clearTimeout(this.#step)
    this.#outer.removeEventListener('abort', this.#onOuterAbort)
  }

  #await(what: 'first' | 'idle'): void {
    if (this.#error) return
    // The timer of a stream that runs is only wound up again: this happens at every token.
    if (this.#waiting === what) this.#step?.refresh()
    else this.#arm(what)
  }

  #arm(what: 'headers' | 'first' | 'idle'): void {
    clearTimeout(this.#step)
    this.#waiting = what
    this.#step = setTimeout(() => this.#late(what), this.#deadlines[what])
  }

  #late(what: keyof Deadlines): void {
    this.end(new ModelError(FAULT_OF[what], `${FAULT_OF[what]} after ${this.#deadlines[what]} ms`))
  }
}
