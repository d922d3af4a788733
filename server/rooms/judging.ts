/**
 * The judging of one connection's updates, in the order they came: by themselves, as one where
 * they are a run of typing, or in another thread where they are large. It keeps those that wait
 * for their verdict; what a verdict leads to is its intake's business.
 */
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import type { Admission } from './admission.ts'
import type { Verdict } from './inspector.ts'
import type { Peer } from './peer.ts'
import type { Replica } from './replica.ts'
import { withoutVoid } from './taking-back.ts'
import { firstRun } from './typing-run.ts'

/** New Yjs client ids that one connection may bring: an editor has one, and offline ones before. */
const NEW_CLIENTS = 32

/** One message, or a run of typing: the messages from `first` to `n`. */
export interface Message {
  first: number
  n: number
  update: Uint8Array
  /** It is what one edit did, or a run of typing: no sync step 2, which is all at once. */
  fresh: boolean
  /** As it was received; a run is shorter than its messages. */
  bytes: number
  at: number
}

export interface Admitted extends Message {
  newClients: number[]
  /** The room has it already: there is nothing to commit. */
  nothing: boolean
  /** It says less than was received: its sender is to have it too. */
  amended: boolean
}

export interface JudgingDeps {
  peer: Peer
  replica: Pick<Replica, 'catchUp'>
  admission: Admission
  /** People give back what the database has lost, and what was others' too: see taking-back.ts. */
  takesBack(): Promise<boolean>
}

/** Whoever has updates judged. */
export interface JudgingEar {
  /** May be committed, behind all that were before. */
  admitted(message: Admitted): void
  /** Told once; the intake is to `stop` it, for what follows may build on it. */
  invalid(message: Message, reason: string): void
  /** The peer may not write; what follows is judged all the same. */
  readOnly(message: Message): void
  /** Nothing more can be judged at present: all that were admitted may go. */
  paused(): void
  /** No verdict can be had. */
  failed(code: CloseCode, reason: string): void
}

/** What was found out before a verdict; the last two are all that can be. */
type Healing = 'none' | 'caught-up' | 'taking-back' | 'as-always'

export class Judging {
  readonly #deps: JudgingDeps
  readonly #ear: JudgingEar
  #inbox: Message[] = []
  #newClients = 0
  #blocked = false
  #soon = false
  #stopped = false

  constructor(deps: JudgingDeps, ear: JudgingEar) {
    this.#deps = deps
    this.#ear = ear
  }

  get idle(): boolean {
    return this.#inbox.length === 0
  }

  /** What one read of the socket has brought is judged together. */
  add(messages: readonly Message[]): void {
    for (const message of messages) this.#inbox.push(message)
    if (this.#soon) return
    this.#soon = true
    queueMicrotask(() => {
      this.#soon = false
      this.#judge()
    })
  }

  /** Judges nothing more, and gives back what waited. */
  stop(): Message[] {
    this.#stopped = true
    return this.#inbox.splice(0)
  }

  #judge(): void {
    const { admission } = this.#deps
    while (!this.#blocked && !this.#stopped) {
      const message = this.#inbox[0]
      if (!message) break
      if (admission.full) {
        this.#blocked = true
        admission.whenRoom(() => {
          this.#blocked = false
          this.#judge()
        })
      } else if (admission.isLarge(message.update)) {
        this.#blocked = true
        admission.whenAlone(() => {
          this.#judgeLarge(message).catch(() => this.#fail('cannot be judged now'))
        })
      } else if (!this.#judgeRun()) {
        this.#judgeOne(message)
      }
    }
    this.#ear.paused()
  }

  /** Letters in a row, as one update. False where there is no such run, or it is not let in. */
  #judgeRun(): boolean {
    const { peer, admission } = this.#deps
    if (this.#inbox.length === 1 || !peer.canWrite) return false
    const { count, update } = firstRun(updatesOf(this.#inbox))
    if (count === 1) return false
    const verdict = admission.judge(update, peer.user.id, this.#mayBring)
    if (!verdict.ok || verdict.nothingNew) return false
    this.#inbox.splice(0, count, asOne(this.#inbox.slice(0, count), update))
    this.#take(verdict)
    return true
  }

  /** What is found and what it leads to are one step: others' verdicts may not come between. */
  #judgeOne(message: Message, healing: Healing = 'none'): void {
    const { peer, admission } = this.#deps
    const takingBack = healing === 'taking-back'
    const verdict = admission.judge(message.update, peer.user.id, this.#mayBring, takingBack)
    if (isFinal(verdict) || isLast(healing)) return this.#take(verdict)
    this.#blocked = true
    this.#heal(healing).then(
      (next) => {
        this.#blocked = false
        if (!this.#stopped) this.#judgeOne(message, next)
        this.#judge()
      },
      () => this.#fail('the log cannot be read'),
    )
  }

  /** What may lead to another verdict. */
  async #heal(before: Healing): Promise<Healing> {
    const { replica, takesBack } = this.#deps
    // Another instance may have committed what this builds on, or be where it was accepted.
    if (before === 'none') return replica.catchUp().then(() => 'caught-up')
    return (await takesBack()) ? 'taking-back' : 'as-always'
  }

  async #judgeLarge(message: Message): Promise<void> {
    const { peer, admission } = this.#deps
    try {
      if (this.#stopped) return
      const judge = (takingBack = false) =>
        admission.judgeLarge(message.update, peer.user.id, this.#mayBring, takingBack)
      let verdict = await judge()
      let healing: Healing = 'none'
      while (!isFinal(verdict) && !isLast(healing) && !this.#stopped) {
        healing = await this.#heal(healing)
        if (healing !== 'as-always') verdict = await judge(healing === 'taking-back')
      }
      if (this.#stopped) return
      this.#blocked = false
      this.#take(verdict)
    } finally {
      admission.leaveAlone()
    }
    this.#judge()
  }

  get #mayBring(): number {
    return NEW_CLIENTS - this.#newClients
  }

  #take(verdict: Verdict): void {
    const { peer, admission } = this.#deps
    const message = this.#inbox.shift()
    if (!message) return
    if (verdict.ok && verdict.nothingNew && !(peer.canWrite && mayBeLate(message, verdict))) {
      this.#ear.admitted({ ...message, newClients: [], nothing: true, amended: false })
    } else if (!peer.canWrite) {
      this.#ear.readOnly(message)
    } else if (verdict.ok) {
      admission.admit(peer.user.id, verdict)
      this.#newClients += verdict.newClients.length
      const { newClients, voided } = verdict
      const update = withoutVoid(message.update, voided)
      const amended = voided.length > 0
      this.#ear.admitted({ ...message, update, newClients, nothing: false, amended })
    } else {
      this.#ear.invalid(message, verdict.reason)
    }
  }

  #fail(reason: string): void {
    this.#ear.failed(CLOSE.later, reason)
  }
}

/** Several new ids at once may be others', given back: then they are not the giver's. */
const isFinal = (verdict: Verdict): boolean =>
  verdict.ok ? verdict.newClients.length <= 1 : !verdict.mayHeal

const isLast = (healing: Healing): boolean => healing === 'taking-back' || healing === 'as-always'

/** One edit that deletes what was moved away meanwhile deletes nothing, and is meant for the copy. */
const mayBeLate = ({ fresh }: Message, verdict: Verdict): boolean =>
  fresh && verdict.ok && verdict.deletesGone

/** Lazily: of many that wait only the first few are looked at. */
function* updatesOf(messages: readonly Message[]): Generator<Uint8Array> {
  for (const { update } of messages) yield update
}

function asOne(run: readonly Message[], update: Uint8Array): Message {
  const { first, at } = run[0]!
  return { first, n: run.at(-1)!.n, update, fresh: true, bytes: bytesOf(run), at }
}

export const bytesOf = (messages: readonly Message[]): number =>
  messages.reduce((sum, { bytes }) => sum + bytes, 0)
