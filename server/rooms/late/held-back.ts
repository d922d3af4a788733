/**
 * HeldBack keeps what was committed and applied until the room's answer to it is committed too: words
 * that came too late and where they belong then leave in one frame, and are acknowledged together.
 * What comes behind it waits with it, for it may build on it.
 */
import type { Outgoing } from '../outbox.ts'

/** What was committed together, to be sent in parts: those that follow each other alike in one. */
export interface Held {
  parts: { outgoing: Outgoing[]; soon: boolean }[]
  /** The room has an answer to it. */
  waits: boolean
  /** It was sent. */
  sent(): void
  /** The room is closed before. */
  failed(): void
}

export class HeldBack {
  readonly #send: (outgoing: readonly Outgoing[], soon: boolean) => void
  #held: Held[] = []

  constructor(send: (outgoing: readonly Outgoing[], soon: boolean) => void) {
    this.#send = send
  }

  /** Sends it at once where nothing is waited for. */
  add(held: Held): void {
    this.#held.push(held)
    this.#flush()
  }

  /** The first answer that is waited for is committed; nothing where it was sent already. */
  answer(updates: readonly Outgoing[]): void {
    const first = this.#held.find(({ waits }) => waits)
    if (!first) {
      if (updates.length > 0) this.#send(updates, false)
      return
    }
    const part = first.parts.findLast(({ soon }) => !soon)
    if (part) part.outgoing.push(...updates)
    else first.parts.push({ outgoing: [...updates], soon: false })
    first.waits = false
    this.#flush()
  }

  close(): void {
    for (const { failed } of this.#held.splice(0)) failed()
  }

  #flush(): void {
    while (this.#held[0]?.waits === false) {
      const { parts, sent } = this.#held.shift()!
      for (const { outgoing, soon } of joined(parts)) this.#send(outgoing, soon)
      sent()
    }
  }
}

function joined(parts: Held['parts']): Held['parts'] {
  const all: Held['parts'] = []
  for (const { outgoing, soon } of parts) {
    const last = all.at(-1)
    if (outgoing.length === 0) continue
    if (last?.soon === soon) last.outgoing.push(...outgoing)
    else all.push({ outgoing: [...outgoing], soon })
  }
  return all
}
