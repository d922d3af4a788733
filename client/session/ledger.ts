/**
 * Ledger knows which edits of this tab are promised. The server acknowledges messages by their
 * number on one connection; an edit knows the message that carried it last, and none once that
 * connection is gone.
 */

export interface Edit {
  /** The message that carries it on this connection, 0 where none does. */
  message: number
  readonly at: number
  readonly update?: Uint8Array | undefined
}

export class Ledger {
  /** Unacknowledged, oldest first. */
  #edits: Edit[] = []
  #sent = 0
  /** Step 2 is on its way: until it is answered nobody knows whether the server has everything. */
  #comparing: { message: number; at: number } | undefined
  /** Messages without edits of their own, and the step 2 behind them that counts as carrying those. */
  readonly #ahead = new Set<number>()
  #behindAhead: number | undefined
  #aheadWasRefused = false

  get unsaved(): number {
    return this.#edits.length
  }
  /** Since when something is not certain to be saved. */
  get since(): number | undefined {
    return this.#edits[0]?.at ?? this.#comparing?.at
  }

  get edits(): readonly Edit[] {
    return this.#edits
  }

  /** The edit that was made last, if it is not acknowledged. */
  get newest(): Edit | undefined {
    return this.#edits.at(-1)
  }

  /** Unacknowledged edits as they were made; undefined where one is on its way, or was not kept. */
  get waiting(): Uint8Array[] | undefined {
    if (this.#edits.some(({ message }) => message !== 0)) return undefined
    const updates = this.#edits.flatMap(({ update }) => update ?? [])
    return updates.length === this.#edits.length ? updates : undefined
  }

  edited(at: number, update?: Uint8Array): Edit {
    const edit = { message: 0, at, update }
    this.#edits.push(edit)
    return edit
  }

  /** A new connection: numbers start again, and nothing on its way can be relied on. */
  connected(): void {
    this.#sent = 0
    this.#comparing = undefined
    this.#ahead.clear()
    this.#behindAhead = undefined
    this.#aheadWasRefused = false
    for (const edit of this.#edits) edit.message = 0
  }

  /** An update message went out: it carries this edit. */
  sentUpdate(edit = this.newest): void {
    this.#sent++
    if (edit?.message === 0) edit.message = this.#sent
  }

  /** A message without an edit of its own went out: another step 2 follows, which carries them. */
  sentNothing(): void {
    this.#sent++
    this.#ahead.add(this.#sent)
  }

  /** Sync step 2 went out: it carries everything that the server lacked, up to this edit. */
  sentAll(at: number, last = this.newest): void {
    this.#sent++
    this.#comparing = { message: this.#sent, at }
    if (this.#ahead.size > 0) this.#behindAhead = this.#sent
    if (this.#aheadWasRefused) return
    const count = last ? this.#edits.indexOf(last) + 1 : 0
    for (const edit of this.#edits.slice(0, count)) edit.message = this.#sent
  }

  /** The first `count` messages are committed. Returns the edits that are so from now on. */
  acknowledged(count: number): Edit[] {
    const isDone = ({ message }: Edit) => message !== 0 && message <= count
    const done = this.#edits.filter(isDone)
    this.#edits = this.#edits.filter((edit) => !isDone(edit))
    if (this.#comparing && this.#comparing.message <= count) this.#comparing = undefined
    return done
  }

  /** The message was refused: what it carried stays unsaved, whatever is acknowledged after it. */
  refused(message: number, at: number): void {
    const isAhead = this.#ahead.has(message)
    this.#aheadWasRefused ||= isAhead
    const carrier = isAhead ? this.#behindAhead : message
    const carried = this.#edits.filter((edit) => edit.message !== 0 && edit.message === carrier)
    for (const edit of carried) edit.message = 0
    if (this.#comparing?.message === message) this.#comparing = undefined
    // Step 2 may carry what another day's page kept on this device.
    if (this.#edits.length === 0) this.#edits.push({ message: 0, at })
  }
}
