/**
 * Which edits of this tab are promised. The server acknowledges messages by their number on one
 * connection; an edit knows the message that carried it last, and none once that connection is gone.
 */

export class Ledger {
  /** Unacknowledged edits, oldest first; `message` is 0 where none on this connection carries it. */
  #edits: { message: number; at: number }[] = []
  #sent = 0

  get unsaved(): number {
    return this.#edits.length
  }
  /** When the oldest unsaved edit was made. */
  get since(): number | undefined {
    return this.#edits[0]?.at
  }

  edited(at: number): void {
    this.#edits.push({ message: 0, at })
  }

  /** A new connection: numbers start again, and nothing on its way can be relied on. */
  connected(): void {
    this.#sent = 0
    for (const edit of this.#edits) edit.message = 0
  }

  /** An update message went out: it carries the newest edit. */
  sentUpdate(): void {
    this.#sent++
    const newest = this.#edits.at(-1)
    if (newest && newest.message === 0) newest.message = this.#sent
  }

  /** Sync step 2 went out: it carries everything that the server lacked. */
  sentAll(): void {
    this.#sent++
    for (const edit of this.#edits) edit.message = this.#sent
  }

  /** The first `count` messages are committed. */
  acknowledged(count: number): void {
    this.#edits = this.#edits.filter(({ message }) => message === 0 || message > count)
  }
}
