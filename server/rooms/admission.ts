/**
 * Admission: judges the updates of all peers of a room in the order they came, each over those
 * that were let in before it and wait for their commit.
 */
import type { Doc } from 'yjs'
import { Frontier } from './frontier.ts'
import { inspect, type Verdict } from './inspector.ts'

/** How many may wait for their commit before the next is judged. */
const WAITING = 2_000

export class Admission {
  readonly #frontier: Frontier
  #waiting = 0
  #whenRoom: (() => void)[] = []

  constructor(options: { doc: Doc; owners: ReadonlyMap<number, string> }) {
    this.#frontier = new Frontier(options)
  }

  /** Nothing that was let in waits for its commit. */
  get quiet(): boolean {
    return this.#waiting === 0
  }

  get full(): boolean {
    return this.#waiting >= WAITING
  }

  judge(update: Uint8Array, user: string, maxNewClients: number): Verdict {
    return inspect(update, this.#frontier, user, { maxNewClients })
  }

  admit(user: string, verdict: Extract<Verdict, { ok: true }>): void {
    this.#frontier.admit(user, verdict)
    this.#waiting++
  }

  /** As many as were let in have been applied, or are refused. */
  release(count: number): void {
    if (count === 0) return
    this.#waiting -= count
    if (this.#waiting > 0) return
    this.#frontier.forget()
    for (const act of this.#whenRoom.splice(0)) act()
  }

  /** Runs `act` when something may be let in again. */
  whenRoom(act: () => void): void {
    this.#whenRoom.push(act)
  }
}
