/**
 * A peer's intake: its updates from their arrival to their ack or nack. It owns their numbering,
 * holds them until the peer's sync step 2, has them judged, and commits at most one batch at a
 * time, so that what follows a refused update is never committed without it.
 */
import type { Metrics } from '#server/metrics.ts'
import type { CommitRefusal } from '#server/store/document-store.ts'
import { type GlossError, unreachable } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import { encodeFrame } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Admission } from './admission.ts'
import type { Verdict } from './inspector.ts'
import type { Peer } from './peer.ts'
import type { Replica } from './replica.ts'
import { firstRun, joined } from './typing-run.ts'

/** New Yjs client ids that one connection may bring: an editor has one, and offline ones before. */
const NEW_CLIENTS = 32

export interface IntakeDeps {
  peer: Peer
  replica: Replica
  admission: Admission
  limits: Pick<Limits, 'heldBytes' | 'heldMs' | 'commitRows' | 'commitBytes'>
  metrics: Metrics
  /** Something of this user's was not committed: its other connections may build on it. */
  broken(user: string): void
}

/** One message, or a run of typing: the messages from `first` to `n`. */
interface Message {
  first: number
  n: number
  update: Uint8Array
  at: number
}

interface Admitted extends Message {
  newClients: number[]
  /** The room has it already: there is nothing to commit. */
  nothing: boolean
}

export class Intake {
  readonly #deps: IntakeDeps
  readonly #peer: Peer
  #count = 0
  /** Until the sync step 2 has come, what came before it. */
  #held: Message[] | undefined = []
  #heldBytes = 0
  #heldTimer: NodeJS.Timeout | undefined
  #inbox: Message[] = []
  #ready: Admitted[] = []
  #inFlight: Admitted[] = []
  #newClients = 0
  #blocked = false
  #judgesSoon = false
  /** How the connection is closed once all that came before is told. */
  #lastWord: [CloseCode, string] | undefined
  /** Refused or failed: nothing more is taken from this connection. */
  #ended = false
  /** Dealt with, out of order: a sync step 2 overtakes what was held for it. */
  readonly #done = new Set<number>()
  #acked = 0

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    this.#peer = deps.peer
  }

  get user(): string {
    return this.#peer.user.id
  }

  /** Nothing of this connection is on its way. */
  get idle(): boolean {
    return this.#inbox.length + this.#ready.length + this.#inFlight.length === 0
  }

  receive(kind: 'sync-step-2' | 'update', update: Uint8Array): void {
    if (this.#ended || this.#lastWord) return
    const n = ++this.#count
    const message = { first: n, n, update, at: performance.now() }
    if (kind === 'sync-step-2' && this.#held) {
      clearTimeout(this.#heldTimer)
      this.#inbox.push(message, ...this.#held)
      this.#held = undefined
    } else if (this.#held) {
      this.#hold(message)
      return
    } else {
      this.#inbox.push(message)
    }
    this.#judgeSoon()
  }

  /** The connection is gone. What it has sent is still committed. */
  leave(): void {
    clearTimeout(this.#heldTimer)
    this.#held = undefined
  }

  /** Closes the connection and forgets what is not under way. */
  end(code: CloseCode, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.leave()
    this.#inbox = []
    this.#deps.admission.release(this.#ready.filter(({ nothing }) => !nothing).length)
    this.#ready = []
    this.#peer.close(code, reason)
  }

  #hold(message: Message): void {
    this.#held?.push(message)
    this.#heldBytes += message.update.length
    const { heldBytes, heldMs } = this.#deps.limits
    if (this.#heldBytes > heldBytes) return this.end(CLOSE.later, 'sync first')
    this.#heldTimer ??= setTimeout(() => this.end(CLOSE.later, 'sync first'), heldMs)
  }

  /** What one read of the socket has brought is judged together. */
  #judgeSoon(): void {
    if (this.#judgesSoon) return
    this.#judgesSoon = true
    queueMicrotask(() => {
      this.#judgesSoon = false
      this.#judge()
    })
  }

  #judge(): void {
    const { admission } = this.#deps
    while (!this.#blocked && !this.#ended) {
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
          this.#judgeLarge(message).catch(() => this.end(CLOSE.later, 'cannot be judged now'))
        })
      } else if (!this.#judgeRun(message)) {
        this.#judgeOne(message, false)
      }
    }
    this.#send()
  }

  /** Letters in a row, as one update. False where there is no such run, or it is not let in. */
  #judgeRun(message: Message): boolean {
    if (this.#inbox.length === 1 || !this.#peer.canWrite) return false
    const { admission } = this.#deps
    const { count, update } = firstRun(updatesOf(this.#inbox))
    const last = this.#inbox[count - 1]
    if (count === 1 || !last) return false
    const verdict = admission.judge(update, this.user, this.#mayBring)
    if (!verdict.ok || verdict.nothingNew) return false
    this.#inbox.splice(0, count - 1)
    this.#take({ ...message, n: last.n, update }, verdict)
    return true
  }

  #judgeOne(message: Message, healed: boolean): void {
    const { admission, replica } = this.#deps
    const verdict = admission.judge(message.update, this.user, this.#mayBring)
    if (!verdict.ok && verdict.mayHeal && !healed) {
      // Another instance may have committed what this builds on, or be where it was accepted.
      this.#blocked = true
      replica.catchUp().then(
        () => {
          this.#blocked = false
          if (!this.#ended) this.#judgeOne(message, true)
          this.#judge()
        },
        () => this.end(CLOSE.later, 'the log cannot be read'),
      )
      return
    }
    this.#take(message, verdict)
  }

  async #judgeLarge(message: Message): Promise<void> {
    const { admission, replica } = this.#deps
    try {
      if (this.#ended) return
      const judge = () => admission.judgeLarge(message.update, this.user, this.#mayBring)
      let verdict = await judge()
      if (!verdict.ok && verdict.mayHeal && !this.#ended) {
        await replica.catchUp()
        verdict = await judge()
      }
      if (this.#ended) return
      this.#blocked = false
      this.#take(message, verdict)
    } finally {
      admission.leaveAlone()
    }
    this.#judge()
  }

  get #mayBring(): number {
    return NEW_CLIENTS - this.#newClients
  }

  #take(message: Message, verdict: Verdict): void {
    const { admission } = this.#deps
    this.#inbox.shift()
    if (verdict.ok && verdict.nothingNew) {
      this.#ready.push({ ...message, newClients: [], nothing: true })
    } else if (!this.#peer.canWrite) {
      this.#nack(message, CLOSE.notAllowed, 'read-only')
      this.#dealtWith([message])
    } else if (verdict.ok) {
      admission.admit(this.user, verdict)
      this.#newClients += verdict.newClients.length
      this.#ready.push({ ...message, newClients: verdict.newClients, nothing: false })
    } else {
      this.#nack(message, CLOSE.invalidContent, verdict.reason)
      // What was let in before is committed and told; what comes after may build on the refused.
      this.#inbox = []
      this.#blocked = true
      this.#lastWord = [CLOSE.invalidContent, verdict.reason]
      if (this.#ready.length + this.#inFlight.length === 0) this.end(...this.#lastWord)
    }
  }

  #send(): void {
    if (this.#inFlight.length > 0 || this.#ready.length === 0) return
    const { replica, admission } = this.#deps
    const batch = this.#takeBatch()
    const real = batch.filter(({ nothing }) => !nothing)
    if (real.length === 0 && admission.quiet) {
      this.#committed(batch, replica.cursor)
      this.#settled(0)
      return this.#send()
    }
    this.#inFlight = batch
    const owner = this.#peer.user.id
    const clients = real.flatMap(({ newClients }) => newClients)
    replica.submit({
      commit: {
        document: replica.id,
        epoch: replica.epoch,
        updates: joined(real.map(({ update }) => update)).map((data) => ({ actor: owner, data })),
        ...(real.length > 0 && { writers: [owner] }),
        ...(clients.length > 0 && { clients: clients.map((client) => ({ client, owner })) }),
      },
      from: this.#peer,
      landed: ({ head }) => {
        this.#committed(batch, head)
        this.#settled(real.length)
        this.#send()
      },
      refused: (refusal) => {
        this.#settled(real.length)
        const code = closeCodeFor(refusal)
        for (const message of real) this.#nack(message, code, refusal)
        this.end(code, refusal)
        this.#deps.broken(owner)
      },
      failed: (error) => {
        this.#settled(real.length)
        this.end(...closeFor(error))
        this.#deps.broken(owner)
      },
    })
  }

  #takeBatch(): Admitted[] {
    const { commitRows, commitBytes } = this.#deps.limits
    let bytes = 0
    let n = 0
    for (const { update } of this.#ready) {
      bytes += update.length
      if (n > 0 && (n >= commitRows || bytes > commitBytes)) break
      n++
    }
    return this.#ready.splice(0, n)
  }

  #settled(admitted: number): void {
    this.#inFlight = []
    this.#deps.admission.release(admitted)
    if (this.#lastWord && this.#ready.length === 0) this.end(...this.#lastWord)
  }

  #committed(batch: readonly Admitted[], head: number): void {
    const now = performance.now()
    for (const { at } of batch) this.#deps.metrics.ackSeconds.observe((now - at) / 1000)
    if (this.#dealtWith(batch)) {
      this.#peer.send(encodeFrame({ kind: 'ack', count: this.#acked, head }))
    }
  }

  /** True where the first n messages have become more. */
  #dealtWith(messages: readonly Message[]): boolean {
    for (const { first, n } of messages) for (let at = first; at <= n; at++) this.#done.add(at)
    const before = this.#acked
    while (this.#done.delete(this.#acked + 1)) this.#acked++
    return this.#acked > before
  }

  #nack({ n }: Message, code: CloseCode, reason: string): void {
    this.#deps.metrics.rejected.inc({ reason })
    this.#peer.send(encodeFrame({ kind: 'nack', count: n, code, reason }))
  }
}

/** Lazily: of many that wait only the first few are looked at. */
function* updatesOf(messages: readonly Message[]): Generator<Uint8Array> {
  for (const { update } of messages) yield update
}

function closeCodeFor(refusal: CommitRefusal): CloseCode {
  switch (refusal) {
    case 'gone':
      return CLOSE.gone
    case 'epoch':
      return CLOSE.restored
    case 'forbidden':
      return CLOSE.notAllowed
    case 'foreign-client':
      return CLOSE.invalidContent
    case 'too-big':
      return CLOSE.tooBig
    case 'decided':
    case 'fenced':
      return CLOSE.restart
    default:
      return unreachable(refusal)
  }
}

/** How a failed commit ends a connection: all of these pass. */
export function closeFor(error: GlossError): [CloseCode, string] {
  if (error.code === 'storage-full') return [CLOSE.later, 'storage-full']
  if (error.code === 'epoch-changed') return [CLOSE.restored, 'restored']
  return [CLOSE.restart, 'unavailable']
}
