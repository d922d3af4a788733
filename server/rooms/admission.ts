/**
 * Admission: judges the updates of all peers of a room in the order they came, each over those
 * that were let in before it and wait for their commit. A large one is judged in another thread,
 * over the document alone: while it is, and until it is committed, nobody else is let in.
 */
import type { Doc } from 'yjs'
import { Frontier } from './frontier.ts'
import type { InspectionDesk } from './inspection-desk.ts'
import { inspect, type Verdict } from './inspector.ts'

/** How many may wait for their commit before the next is judged. */
const WAITING = 2_000

export interface AdmissionDeps {
  /** Asked for when the first update is judged that says anything. */
  doc(): Doc
  owners: ReadonlyMap<number, string>
  desk: Pick<InspectionDesk, 'judge'>
  /** Updates of more bytes are large. */
  largeBytes: number
}

export class Admission {
  readonly #deps: AdmissionDeps
  #known: Frontier | undefined
  #waiting = 0
  #whenRoom: (() => void)[] = []
  #whenAlone: (() => void)[] = []
  /** A large update is being judged, or waits for its commit. */
  #alone = false
  #judging = false

  constructor(deps: AdmissionDeps) {
    this.#deps = deps
  }

  /** Nothing that was let in waits for its commit. */
  get quiet(): boolean {
    return this.#waiting === 0
  }

  get full(): boolean {
    return this.#waiting >= WAITING || this.#alone || this.#whenAlone.length > 0
  }

  isLarge(update: Uint8Array): boolean {
    return update.length > this.#deps.largeBytes
  }

  judge(update: Uint8Array, user: string, maxNewClients: number, takingBack = false): Verdict {
    if (isEmpty(update)) return NOTHING_NEW
    return inspect(update, this.#frontier, user, { maxNewClients, takingBack })
  }

  /** Only between `whenAlone` and `leaveAlone`. Rejects where no verdict can be had. */
  judgeLarge(
    update: Uint8Array,
    user: string,
    maxNewClients: number,
    takingBack = false,
  ): Promise<Verdict> {
    return this.#deps.desk.judge(update, this.#frontier, user, maxNewClients, takingBack)
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
    this.#known?.forget()
    this.#next()
  }

  /** Runs `act` when something may be let in again. */
  whenRoom(act: () => void): void {
    this.#whenRoom.push(act)
  }

  /** Runs `act` when nothing waits for its commit; from now on nobody else is let in. */
  whenAlone(act: () => void): void {
    this.#whenAlone.push(act)
    this.#next()
  }

  /** Whoever was alone has its verdict. Others wait on while what it let in is committed. */
  leaveAlone(): void {
    this.#judging = false
    this.#next()
  }

  get #frontier(): Frontier {
    const { doc, owners } = this.#deps
    this.#known ??= new Frontier({ doc: doc(), owners })
    return this.#known
  }

  #next(): void {
    if (this.#waiting > 0 || this.#judging) return
    const act = this.#whenAlone.shift()
    this.#alone = this.#judging = act !== undefined
    if (act) return act()
    for (const wake of this.#whenRoom.splice(0)) wake()
  }
}

/** What an editor without anything of its own answers to the room's sync step 1. */
const isEmpty = (update: Uint8Array): boolean =>
  update.length === 2 && update[0] === 0 && update[1] === 0

const NOTHING_NEW: Verdict = {
  ok: true,
  newClients: [],
  nothingNew: true,
  deletesGone: false,
  items: [],
  voided: [],
}
