/**
 * Which edits of this tab are promised. The server acknowledges messages by their number on one
 * connection; an edit knows the message that carried it last, and none once that connection is gone.
 */

export class Ledger {
  /** Unacknowledged edits, oldest first; `message` is 0 where none on this connection carries it. */
  #edits: { message: number; at: number; update?: Uint8Array | undefined }[] = []
  #sent = 0
  /** A step 2 was acknowledged: since then all that the server can lack is among the edits. */
  #compared = false
  /** Step 2 is on its way: until it is answered nobody knows whether the server has everything. */
  #comparing: { message: number; at: number } | undefined

  get unsaved(): number {
    return this.#edits.length
  }
  /** Since when something is not certain to be saved. */
  get since(): number | undefined {
    return this.#edits[0]?.at ?? this.#comparing?.at
  }

  /** Unacknowledged edits as they were made, if they are all that the server can lack. */
  get waiting(): Uint8Array[] | undefined {
    if (!this.#compared || this.#edits.some(({ message }) => message !== 0)) return undefined
    const updates = this.#edits.flatMap(({ update }) => update ?? [])
    return updates.length === this.#edits.length ? updates : undefined
  }

  edited(at: number, update?: Uint8Array): void {
    this.#edits.push({ message: 0, at, update })
  }

  /** A new connection: numbers start again, and nothing on its way can be relied on. */
  connected(): void {
    this.#sent = 0
    this.#comparing = undefined
    for (const edit of this.#edits) edit.message = 0
  }

  /** An update message went out: it carries the newest edit. */
  sentUpdate(): void {
    this.#sent++
    const newest = this.#edits.at(-1)
    if (newest && newest.message === 0) newest.message = this.#sent
  }

  /** A step 2 without anything went out: edits follow it one by one, and then another step 2. */
  sentNothing(): void {
    this.#sent++
  }

  /** Sync step 2 went out: it carries everything that the server lacked. */
  sentAll(at: number): void {
    this.#sent++
    this.#comparing = { message: this.#sent, at }
    for (const edit of this.#edits) edit.message = this.#sent
  }

  /** The first `count` messages are committed. */
  acknowledged(count: number): void {
    this.#edits = this.#edits.filter(({ message }) => message === 0 || message > count)
    if (!this.#comparing || this.#comparing.message > count) return
    this.#comparing = undefined
    this.#compared = true
  }

  /** The message was refused: what it carried stays unsaved, whatever is acknowledged after it. */
  refused(message: number, at: number): void {
    const carried = this.#edits.filter((edit) => edit.message === message)
    for (const edit of carried) edit.message = 0
    if (this.#comparing?.message === message) this.#comparing = undefined
    // Step 2 may carry what another day's page kept on this device.
    if (this.#edits.length === 0) this.#edits.push({ message: 0, at })
  }
}
