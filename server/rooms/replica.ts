/**
 * The replica: how far this instance follows one document's log. Whatever is committed, here or
 * elsewhere, it hands on in the log's order, to the copy and then to be sent. What is not
 * committed yet is not its matter: see own-writes.ts.
 */
import type { Hint } from '#server/bus/bus.ts'
import type { CommitResult, LoadedDocument } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { CommitSink } from './committer.ts'
import { type Held, HeldBack } from './late/held-back.ts'
import type { Entry, OwnArrival, SentHere } from './log-entry.ts'
import { following } from './log-rows.ts'
import type { Outgoing } from './outbox.ts'
import type { ReplicaDeps } from './replica-deps.ts'

/** The origin of all that comes out of the log. */
export const COMMITTED = 'committed'

/** Small updates travel with the hint; the receiver reads larger ones from the log. */
const HINT_BYTES = 64 * 1024

type Arrival =
  | OwnArrival
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
  readonly #held: HeldBack
  /** People's, until they are applied. */
  readonly #submitted = new Set<Entry>()
  #working = false
  #closed = false

  constructor(deps: ReplicaDeps) {
    this.#deps = deps
    this.#held = new HeldBack((outgoing, soon) => deps.send(outgoing, soon))
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
    if (this.#closed) entry.failed(roomClosed())
    else {
      if (entry.sentBy) this.#submitted.add(entry)
      this.#deps.committer.submit(this, entry)
    }
  }

  /** Resolves when all that the log has now is applied. */
  catchUp(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    if (this.#closed) reject(roomClosed())
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
    const error = roomClosed()
    for (const entry of this.#deps.committer.withdraw<Entry>(this)) entry.failed(error)
    this.#held.close()
    for (const arrival of this.#arrivals.splice(0)) {
      if (arrival.kind === 'own') arrival.entry.failed(error)
      if (arrival.kind === 'catch-up') arrival.reject(error)
    }
  }

  settled(outcomes: readonly { work: Entry; result: CommitResult }[]): void {
    const settledAt = performance.now()
    for (const { work: entry, result } of outcomes) {
      if (!result.ok) this.#submitted.delete(entry)
      if (!result.ok) entry.refused(result.refusal)
      else if (this.#closed) entry.failed(roomClosed())
      else this.#arrivals.push({ kind: 'own', entry, result, settledAt })
    }
    this.#work()
  }

  failed(works: readonly Entry[], error: GlossError): void {
    for (const entry of works) entry.failed(error)
    if (this.#closed) return
    // Some of it may be in the log all the same, and must not stay unread.
    this.catchUp().then(
      () => {
        for (const entry of works) this.#submitted.delete(entry)
      },
      (cause: unknown) => this.#lose(cause),
    )
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
        while (this.#lacksPast(next.entry)) await this.#deps.readPast(this.#epoch, this.#cursor)
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
    const taken: OwnArrival[] = []
    const parts: Held['parts'] = []
    const updates: Uint8Array[] = []
    const before = this.#cursor
    // They arrive until all is done: where one cannot be applied, each is told that it is lost.
    for (let next = this.#arrivals[0]; next?.kind === 'own'; next = this.#arrivals[taken.length]) {
      const { entry, result } = next
      const { commit, from, sentBy, soon = false } = entry
      if (commit.updates.length > 0 && result.from > this.#cursor + 1) break
      if (taken.length > 0 && this.#lacksPast(entry)) break
      taken.push(next)
      this.#submitted.delete(entry)
      for (const { client, owner } of commit.clients ?? []) this.owners.set(client, owner)
      // What the cursor has passed was read from the log meanwhile, and sent from there.
      const isNew = commit.updates.length > 0 && result.from > this.#cursor
      const outgoing: Outgoing[] = []
      for (const [n, { data, actor }] of isNew ? commit.updates.entries() : []) {
        this.#deps.apply(data, { has: entry.applied === true, actor, sentBy: sentBy?.[n] })
        outgoing.push({ update: data, from })
        updates.push(data)
      }
      if (isNew) this.#cursor = result.from + commit.updates.length - 1
      if (entry.answers) {
        this.#held.answer(outgoing)
        entry.landed(result)
      } else {
        parts.push({ outgoing, soon })
      }
    }
    if (this.#closed) return // and they were told
    this.#arrivals.splice(0, taken.length)
    const hint = { from: before + 1, to: this.#cursor, updates }
    if (updates.length > 0) this.#deps.written(updates)
    const waits = updates.length > 0 && this.#deps.applied(false)
    this.#held.add({
      parts,
      waits,
      sent: () => this.#finish(taken, hint),
      failed: () => failAll(taken),
    })
  }

  #finish(
    taken: readonly OwnArrival[],
    { from, to, updates }: { from: number; to: number; updates: Uint8Array[] },
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
      if (!entry.answers) entry.landed(result) // an answer was told when it went
    }
    if (updates.length === 0 && eventHead === 0) return
    const bytes = updates.reduce((sum, { length }) => sum + length, 0)
    const told = bytes <= HINT_BYTES ? updates : []
    bus.publishHint({ document: id, epoch: this.#epoch, from, to, eventHead, updates: told })
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
    for (const update of updates) {
      this.#deps.apply(update, { has: false, sentBy: this.#sentBy(update) })
    }
    this.#cursor = head
    const waits = this.#deps.applied(true)
    const outgoing = updates.map((update) => ({ update }))
    const nothing = () => undefined
    this.#held.add({ parts: [{ outgoing, soon: false }], waits, sent: nothing, failed: nothing })
  }

  #lacksPast({ commit, sentBy }: Entry): boolean {
    return sentBy !== undefined && commit.updates.some(({ data }) => this.#deps.lacksPast(data))
  }

  /** Of what was committed here, and is read from the log before its commit's outcome is told. */
  #sentBy(update: Uint8Array): SentHere | undefined {
    for (const { commit, sentBy } of this.#submitted) {
      const at = sentBy
        ? commit.updates.findIndex(({ data }) => Buffer.compare(data, update) === 0)
        : -1
      if (at >= 0) return sentBy?.[at]
    }
    return undefined
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

const roomClosed = () => new GlossError('unavailable', 'the room is closed')

function failAll(arrivals: readonly OwnArrival[]): void {
  for (const { entry } of arrivals) if (!entry.answers) entry.failed(roomClosed())
}
