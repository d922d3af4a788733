/**
 * The replica: how far this instance follows one document's log. Whatever is committed, here or
 * elsewhere, it hands on in the log's order, to the copy and then to be sent. What is not
 * committed yet is not its matter: see own-writes.ts.
 */
import type { Bus, Hint } from '#server/bus/bus.ts'
import type { Metrics } from '#server/metrics.ts'
import type {
  Commit,
  CommitRefusal,
  CommitResult,
  DocumentStore,
  LoadedDocument,
} from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { CommitSink, Committer, Work } from './committer.ts'
import { following } from './log-rows.ts'
import type { Outgoing } from './outbox.ts'

export type Committed = Extract<CommitResult, { ok: true }>

/** Work for the committer, and what is to happen with it. */
export interface Entry extends Work {
  /** Whom its updates came from; they do not get them back. */
  from?: Outgoing['from']
  /** The Y.Doc has the updates already: the server's own. */
  applied?: boolean
  /** May be gathered for a moment before it is sent. */
  soon?: boolean
  /** Committed, applied and sent, in the log's order. */
  landed(result: Committed): void
  refused(refusal: CommitRefusal): void
  /** Not committed, or nobody knows. */
  failed(error: GlossError): void
}

/** Events of the lane that were committed here. */
export interface OwnEvents {
  from: number
  at: number
  events: NonNullable<Commit['events']>
}

export interface ReplicaDeps {
  id: string
  store: Pick<DocumentStore, 'updatesAfter'>
  bus: Pick<Bus, 'publishHint'>
  committer: Committer
  metrics: Metrics
  /** The next update of the log; `has` where the Y.Doc has it already; whose, where that is known. */
  apply(update: Uint8Array, has: boolean, actor?: string): void
  /** Committed and applied: to be sent, `soon` where it may be gathered for a moment. */
  send(outgoing: readonly Outgoing[], soon: boolean): void
  /** The lane's events reach up to `head`; `own` are those written here. */
  events(head: number, own: OwnEvents | undefined): void
  /** Something was applied. `foreign`: another instance wrote it. */
  applied(foreign: boolean): void
  /** These were added to the log from here. */
  written(updates: readonly Uint8Array[]): void
  /** The copy cannot be trusted any more. */
  lost(error: GlossError): void
}

/** The origin of all that comes out of the log. */
export const COMMITTED = 'committed'

/** Small updates travel with the hint; the receiver reads larger ones from the log. */
const HINT_BYTES = 64 * 1024

type Arrival =
  | { kind: 'own'; entry: Entry; result: Committed; settledAt: number }
  | { kind: 'hint'; hint: Hint }
  | { kind: 'catch-up'; resolve(): void; reject(error: unknown): void }

export class Replica implements CommitSink<Entry> {
  readonly id: string
  /** Which user or run each Yjs client id belongs to, as far as this instance knows. */
  readonly owners = new Map<number, string>()
  readonly #deps: ReplicaDeps
  #epoch = 0
  #cursor = 0
  #arrivals: Arrival[] = []
  #working = false
  #closed = false

  constructor(deps: ReplicaDeps) {
    this.#deps = deps
    this.id = deps.id
  }

  /** Begins where `loaded` ends. */
  begin({ row, clients }: Pick<LoadedDocument, 'row' | 'clients'>): void {
    this.#epoch = row.epoch
    this.#cursor = row.head
    for (const [client, owner] of clients) this.owners.set(client, owner)
  }

  get epoch(): number {
    return this.#epoch
  }

  /** The last sequence of the log that the copy holds, with all before it. */
  get cursor(): number {
    return this.#cursor
  }

  submit(entry: Entry): void {
    if (this.#closed) entry.failed(new GlossError('unavailable', 'the room is closed'))
    else this.#deps.committer.submit(this, entry)
  }

  /** Resolves when all that the log has now is applied. */
  catchUp(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (this.#closed) reject(new GlossError('unavailable', 'the room is closed'))
    else this.#arrive({ kind: 'catch-up', resolve, reject })
    return promise
  }

  hear(hint: Hint): void {
    if (this.#closed) return
    if (hint.epoch === this.#epoch) this.#arrive({ kind: 'hint', hint })
    else this.#deps.lost(new GlossError('epoch-changed', 'the document was restored'))
  }

  /** What waits for its commit is told that it will not be. */
  close(): void {
    this.#closed = true
    const error = new GlossError('unavailable', 'the room is closed')
    for (const entry of this.#deps.committer.withdraw<Entry>(this)) entry.failed(error)
    for (const arrival of this.#arrivals.splice(0)) {
      if (arrival.kind === 'own') arrival.entry.failed(error)
      if (arrival.kind === 'catch-up') arrival.reject(error)
    }
  }

  settled(outcomes: readonly { work: Entry; result: CommitResult }[]): void {
    const settledAt = performance.now()
    for (const { work: entry, result } of outcomes) {
      if (!result.ok) entry.refused(result.refusal)
      else if (this.#closed) entry.failed(new GlossError('unavailable', 'the room is closed'))
      else this.#arrivals.push({ kind: 'own', entry, result, settledAt })
    }
    this.#work()
  }

  failed(works: readonly Entry[], error: GlossError): void {
    for (const entry of works) entry.failed(error)
    // Some of it may be in the log all the same, and must not stay unread.
    if (!this.#closed) this.catchUp().catch((cause: unknown) => this.#lose(cause))
  }

  #arrive(arrival: Arrival): void {
    this.#arrivals.push(arrival)
    this.#work()
  }

  /** Takes what has arrived in order. While the log is being read, the rest waits. */
  #work(): void {
    if (this.#working) return
    this.#working = true
    this.#takeAll()
      .catch((error: unknown) => this.#lose(error))
      .finally(() => {
        this.#working = false
        if (this.#arrivals.length > 0) this.#work()
      })
  }

  async #takeAll(): Promise<void> {
    for (let next = this.#arrivals[0]; next && !this.#closed; next = this.#arrivals[0]) {
      if (next.kind === 'own') {
        const { commit } = next.entry
        const gap = commit.updates.length > 0 && next.result.from > this.#cursor + 1
        if (gap) await this.#readLog(next.result.from - 1)
        if (!this.#closed) this.#takeOwn()
        continue
      }
      this.#arrivals.shift()
      if (next.kind === 'hint') await this.#takeHint(next.hint)
      else {
        await this.#readLog().catch((error: unknown) => {
          next.reject(error)
          throw error
        })
        next.resolve()
      }
    }
  }

  /** All that was committed here and follows the cursor without a gap leaves in one piece. */
  #takeOwn(): void {
    const taken: Extract<Arrival, { kind: 'own' }>[] = []
    let outgoing: Outgoing[] = []
    let soon = false
    const updates: Uint8Array[] = []
    const before = this.#cursor
    const send = () => {
      if (outgoing.length > 0) this.#deps.send(outgoing, soon)
      outgoing = []
    }
    // They arrive until all is done: where one cannot be applied, each is told that it is lost.
    for (let next = this.#arrivals[0]; next?.kind === 'own'; next = this.#arrivals[taken.length]) {
      const { entry, result } = next
      const { commit, from } = entry
      if (commit.updates.length > 0 && result.from > this.#cursor + 1) break
      taken.push(next)
      for (const { client, owner } of commit.clients ?? []) this.owners.set(client, owner)
      // What the cursor has passed was read from the log meanwhile, and sent from there.
      if (commit.updates.length === 0 || result.from <= this.#cursor) continue
      if (Boolean(entry.soon) !== soon) send()
      soon = Boolean(entry.soon)
      for (const { data, actor } of commit.updates) {
        this.#deps.apply(data, entry.applied === true, actor)
        outgoing.push({ update: data, from })
        updates.push(data)
      }
      this.#cursor = result.from + commit.updates.length - 1
    }
    send()
    if (this.#closed) return // and they were told
    this.#arrivals.splice(0, taken.length)
    this.#finish(taken, before, updates)
  }

  #finish(
    taken: readonly Extract<Arrival, { kind: 'own' }>[],
    before: number,
    updates: Uint8Array[],
  ): void {
    const { metrics, bus, id } = this.#deps
    let eventHead = 0
    for (const { entry, result, settledAt } of taken) {
      metrics.fanoutSeconds.observe((performance.now() - settledAt) / 1000)
      const events = entry.commit.events ?? []
      if (events.length > 0) {
        eventHead = result.eventHead
        this.#deps.events(result.eventHead, { from: result.eventFrom, at: result.at, events })
      }
      entry.landed(result)
    }
    if (updates.length > 0) {
      this.#deps.written(updates)
      this.#deps.applied(false)
    }
    if (updates.length === 0 && eventHead === 0) return
    const bytes = updates.reduce((sum, { length }) => sum + length, 0)
    bus.publishHint({
      document: id,
      epoch: this.#epoch,
      from: before + 1,
      to: this.#cursor,
      eventHead,
      updates: bytes <= HINT_BYTES ? updates : [],
    })
  }

  async #takeHint({ from, to, eventHead, updates }: Hint): Promise<void> {
    if (to > this.#cursor) {
      if (from === this.#cursor + 1 && updates.length === to - from + 1) {
        this.#applyForeign(updates, to)
      } else {
        this.#deps.metrics.hintGaps.inc()
        await this.#readLog()
      }
    }
    if (eventHead > 0) this.#deps.events(eventHead, undefined)
  }

  /** Applies what the log has after the cursor, up to `last` or all of it. */
  async #readLog(last = Number.POSITIVE_INFINITY): Promise<void> {
    const { store, metrics, id } = this.#deps
    metrics.logRereads.inc()
    const rows = await store.updatesAfter(id, this.#epoch, this.#cursor)
    if (!rows) throw new GlossError('unavailable', 'the log was compacted beyond the cursor')
    if (this.#closed) return
    const { updates, head } = following(rows, this.#cursor, last)
    this.#applyForeign(updates, head)
  }

  #applyForeign(updates: readonly Uint8Array[], head: number): void {
    if (updates.length === 0) return
    for (const update of updates) this.#deps.apply(update, false)
    this.#cursor = head
    const outgoing = updates.map((update) => ({ update }))
    this.#deps.send(outgoing, false)
    this.#deps.applied(true)
  }

  #lose(error: unknown): void {
    if (this.#closed) return
    this.#deps.lost(
      error instanceof GlossError
        ? error
        : new GlossError('unavailable', 'the copy could not follow the log', error),
    )
  }
}
