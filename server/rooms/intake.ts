/**
 * A peer's intake: its updates from their arrival to their ack or nack. It holds them until the
 * peer's sync step 2, has them judged, commits at most one batch at a time, so that what follows
 * a refused update is never committed without it, and tells the backlog of every byte it keeps.
 */
import type { Metrics } from '#server/metrics.ts'
import { markEdit, unmark } from '#server/suggestions/late/edit-mark.ts'
import type { GlossError } from '#shared/errors.ts'
import { CLOSE, type CloseCode } from '#shared/protocol/close-codes.ts'
import { encodeFrame } from '#shared/protocol/frame.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import type { Admission } from './admission.ts'
import type { Backlog } from './backlog.ts'
import { closeAfter, closeCodeFor, closeFor } from './close-for.ts'
import { type Admitted, bytesOf, Judging, type JudgingEar, type Message } from './judging.ts'
import type { SentHere } from './log-entry.ts'
import type { Peer } from './peer.ts'
import { Receipts } from './receipts.ts'
import type { Replica } from './replica.ts'
import { joined } from './typing-run.ts'

export interface IntakeDeps {
  peer: Peer
  replica: Pick<Replica, 'id' | 'epoch' | 'cursor' | 'submit' | 'catchUp'>
  admission: Admission
  /** See JudgingDeps. */
  takesBack(): Promise<boolean>
  /** Whether the document holds nothing of the room's own that is not committed. */
  isCommitted(): boolean
  backlog: Backlog
  limits: Pick<Limits, 'heldBytes' | 'heldMs' | 'commitRows' | 'commitBytes'>
  metrics: Metrics
  /** Something of this user's was not committed: its other connections may build on it. */
  broken(user: string): void
}

export class Intake implements JudgingEar {
  readonly #deps: IntakeDeps
  readonly #peer: Peer
  readonly #receipts = new Receipts()
  readonly #judging: Judging
  /** How far the peer has each Yjs client's items, as far as it has said. */
  #had = new Map<number, number>()
  /** An edit came by itself on this connection. */
  #hasEdited = false
  /** Until the sync step 2 has come, what came before it. */
  #held: Message[] | undefined = []
  #heldTimer: NodeJS.Timeout | undefined
  #ready: Admitted[] = []
  #inFlight: Admitted[] = []
  /** How the connection is closed once all that came before is told. */
  #lastWord: [CloseCode, string] | undefined
  /** Something was refused that the peer may not write, and keeps. */
  #refusedReadOnly = false
  /** Refused or failed: nothing more is taken from this connection. */
  #ended = false

  constructor(deps: IntakeDeps) {
    this.#deps = deps
    this.#peer = deps.peer
    this.#judging = new Judging(deps, this)
  }

  get user(): string {
    return this.#peer.user.id
  }

  /** Nothing of this connection is on its way. */
  get idle(): boolean {
    return this.#judging.idle && this.#ready.length + this.#inFlight.length === 0
  }

  /** It has something in the queue, and not only what waits for a sync step 2 that must be read. */
  get feeds(): boolean {
    return !this.idle && (this.#held?.length ?? 0) === 0
  }

  receive(kind: 'sync-step-2' | 'update', update: Uint8Array): void {
    if (this.#ended || this.#lastWord) return
    const n = this.#receipts.next()
    const bytes = update.length
    const fresh = kind === 'update'
    const message = { first: n, n, update, fresh, bytes, at: performance.now() }
    if (this.#held && kind === 'update') return this.#hold(this.#held, message)
    const held = this.#letGo()
    this.#deps.backlog.count(bytes + bytesOf(held))
    this.#judging.add([message, ...held])
  }

  #sentBy(fresh: boolean): SentHere {
    const repeats = !fresh && this.#hasEdited
    this.#hasEdited ||= fresh
    return { fresh, repeats, had: this.#had, user: this.#peer.user }
  }

  /** The peer has told what it has. */
  hears(had: Map<number, number>): void {
    this.#had = had
  }

  /**
   * Whether the peer may write from now on. One who may again is sent off to come back with all
   * that was refused here: what it writes next builds on that, and would be refused for good.
   */
  allow(canWrite: boolean): void {
    this.#peer.canWrite = canWrite
    if (canWrite && this.#refusedReadOnly) this.end(CLOSE.restart, 'send it again')
  }

  /** The connection is gone. What it has sent is still committed. */
  leave(): void {
    this.#letGo()
  }

  /** Closes the connection and forgets what is not under way. */
  end(code: CloseCode, reason: string): void {
    if (this.#ended) return
    this.#ended = true
    this.leave()
    this.#deps.admission.release(this.#ready.filter(({ nothing }) => !nothing).length)
    this.#forget(this.#judging.stop())
    this.#forget(this.#ready.splice(0))
    this.#peer.close(code, reason)
  }

  admitted(message: Admitted): void {
    this.#ready.push(message)
  }

  /** What was let in before is committed and told; what comes after may build on the refused. */
  invalid(message: Message, reason: string): void {
    this.#nack(message, CLOSE.invalidContent, reason)
    this.#forget([message, ...this.#judging.stop()])
    this.#lastWord = [CLOSE.invalidContent, reason]
    if (this.idle) this.end(...this.#lastWord)
  }

  readOnly(message: Message): void {
    this.#refusedReadOnly = true
    this.#nack(message, CLOSE.notAllowed, 'read-only')
    this.#receipts.note(message.first, message.n)
    this.#forget([message])
  }

  paused(): void {
    this.#send()
  }

  failed(code: CloseCode, reason: string): void {
    this.end(code, reason)
  }

  #hold(held: Message[], message: Message): void {
    const { backlog, limits } = this.#deps
    held.push(message)
    backlog.countHeld(message.bytes)
    if (bytesOf(held) > limits.heldBytes) return this.end(CLOSE.later, 'sync first')
    this.#heldTimer ??= setTimeout(() => this.end(CLOSE.later, 'sync first'), limits.heldMs)
  }

  /** What was held, which nothing is from here on. */
  #letGo(): Message[] {
    const held = this.#held
    if (!held) return []
    this.#held = undefined
    clearTimeout(this.#heldTimer)
    this.#deps.backlog.countHeld(-bytesOf(held))
    return held
  }

  #send(): void {
    if (this.#inFlight.length > 0 || this.#ready.length === 0) return
    const { replica, admission, isCommitted } = this.#deps
    const batch = this.#takeBatch()
    this.#inFlight = batch
    const real = batch.filter(({ nothing }) => !nothing)
    // Else it is told behind what is under way, for that may be where the room has it from.
    if (real.length === 0 && admission.quiet && isCommitted())
      return this.#committed(replica.cursor)
    const owner = this.#peer.user.id
    const clients = real.flatMap(({ newClients }) => newClients)
    const rows = rowsOf(real)
    replica.submit({
      commit: {
        document: replica.id,
        epoch: replica.epoch,
        updates: rows.map(({ data }) => ({ actor: owner, data })),
        ...(real.length > 0 && { writers: [owner] }),
        ...(clients.length > 0 && { clients: clients.map((client) => ({ client, owner })) }),
      },
      counted: true,
      sentBy: rows.map(({ fresh }) => this.#sentBy(fresh)),
      ...(!real.some(({ amended }) => amended) && { from: this.#peer }),
      landed: ({ head }) => this.#committed(head),
      refused: (refusal) => {
        this.#settled()
        const code = closeCodeFor(refusal)
        for (const message of real) this.#nack(message, code, refusal)
        this.#broken(closeAfter(refusal), refusal)
      },
      failed: (error: GlossError) => {
        this.#settled()
        this.#broken(...closeFor(error))
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

  #committed(head: number): void {
    const now = performance.now()
    let grown = false
    for (const { at, first, n } of this.#inFlight) {
      this.#deps.metrics.ackSeconds.observe((now - at) / 1000)
      if (this.#receipts.note(first, n)) grown = true
    }
    const count = this.#receipts.dealtWith
    if (grown) this.#peer.send(encodeFrame({ kind: 'ack', count, head }))
    this.#settled()
    if (this.#lastWord && this.idle) this.end(...this.#lastWord)
    else this.#send()
  }

  /** What was under way is not any more. */
  #settled(): void {
    const batch = this.#inFlight.splice(0)
    this.#forget(batch)
    this.#deps.admission.release(batch.filter(({ nothing }) => !nothing).length)
  }

  #broken(code: CloseCode, reason: string): void {
    this.end(code, reason)
    this.#deps.broken(this.user)
  }

  #forget(messages: readonly Message[]): void {
    this.#deps.backlog.count(-bytesOf(messages))
  }

  #nack({ n }: Message, code: CloseCode, reason: string): void {
    this.#deps.metrics.rejected.inc({ reason })
    this.#peer.send(encodeFrame({ kind: 'nack', count: n, code, reason }))
  }
}

/** What is committed of messages: each run of typing is one row, and each edit says that it is one. */
function rowsOf(messages: readonly Admitted[]): { data: Uint8Array; fresh: boolean }[] {
  const rows: { data: Uint8Array; fresh: boolean }[] = []
  for (let at = 0; at < messages.length; ) {
    const { update, fresh } = messages[at]!
    if (!fresh) rows.push({ data: unmark(update), fresh })
    let end = at + 1
    if (fresh) {
      while (messages[end]?.fresh) end++
      const updates = messages.slice(at, end).map((message) => message.update)
      rows.push(...joined(updates).map((data) => ({ data: markEdit(data), fresh })))
    }
    at = end
  }
  return rows
}
