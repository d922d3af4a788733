/**
 * The committer: the one way of all rooms of this process into the log. The next transaction
 * starts when the previous one has ended, so a slow disk makes transactions larger, never more
 * numerous; under load it waits a few milliseconds for company, a lonely writer never.
 */
import type { Metrics } from '#server/metrics.ts'
import type { Commit, CommitResult, DocumentStore } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { Backlog } from './backlog.ts'
import { Company } from './company.ts'
import { Pace } from './pace.ts'

/** Something to commit. What it stands for is its sink's to know. */
export interface Work {
  readonly commit: Commit
  /** Who writes, and has nothing else under way. */
  readonly from?: { readonly id: string } | undefined
  /** Its bytes are in the backlog already, and whoever put them there takes them out. */
  readonly counted?: boolean
}

/** Whoever submits. Neither method may throw. */
export interface CommitSink<W extends Work = Work> {
  /** All of this sink's work in one transaction, in the order of submission. */
  settled(outcomes: readonly { work: W; result: CommitResult }[]): void
  /** The whole transaction failed, or its outcome is unknown: none of it may be acknowledged. */
  failed(works: readonly W[], error: GlossError): void
}

interface Waiting {
  sink: CommitSink
  work: Work
  rows: number
  bytes: number
}

export interface CommitterDeps {
  store: Pick<DocumentStore, 'commit'>
  metrics: Metrics
  limits: Pick<Limits, 'commitRows' | 'commitBytes' | 'commitQueueBytes' | 'commitGatherMs'>
}

export class Committer {
  /** All that waits for its commit in this process, before it is submitted too. */
  readonly backlog: Backlog
  readonly #store: CommitterDeps['store']
  readonly #metrics: Metrics
  readonly #limits: CommitterDeps['limits']
  readonly #pace: Pace
  readonly #company = new Company()
  #waiting: Waiting[] = []
  #rows = 0
  #bytes = 0
  #goOn: (() => void) | undefined
  #running: Promise<void> | undefined

  constructor({ store, metrics, limits }: CommitterDeps) {
    this.backlog = new Backlog({ metrics, limits })
    this.#store = store
    this.#metrics = metrics
    this.#limits = limits
    this.#pace = new Pace(limits.commitGatherMs)
  }

  /** Commits in order of submission. The sink hears of it later, never on this stack. */
  submit<W extends Work>(sink: CommitSink<W>, work: W): void {
    const { document, updates, chunks = [], events = [] } = work.commit
    const bytes =
      updates.reduce((sum, { data }) => sum + data.length, 0) +
      events.reduce((sum, { data }) => sum + data.length, 0)
    const rows = updates.length + chunks.length + events.length
    const waiting = { sink: sink as CommitSink, work, rows, bytes }
    this.#waiting.push(waiting)
    this.#company.came(work.from?.id ?? document, performance.now())
    this.#rows += rows
    this.#count([waiting], 1)
    if (this.#goOn && this.#isWhole) this.#goOn()
    this.#running ??= this.#run()
  }

  /** Gives back what this sink has waiting, told to nobody; what is under way is still told. */
  withdraw<W extends Work>(sink: CommitSink<W>): W[] {
    const gone = this.#waiting.filter((waiting) => waiting.sink === sink)
    this.#waiting = this.#waiting.filter((waiting) => waiting.sink !== sink)
    this.#rows -= gone.reduce((sum, { rows }) => sum + rows, 0)
    this.#count(gone, -1)
    // What a sink has submitted is of its own kind.
    return gone.map(({ work }) => work as W)
  }

  /** Resolves when nothing waits and nothing is under way. */
  async idle(): Promise<void> {
    while (this.#running) await this.#running
  }

  async #run(): Promise<void> {
    await Promise.resolve() // what is submitted in the same breath goes together
    while (this.#waiting.length > 0) {
      await this.#gather()
      const batch = this.#take()
      if (batch.length === 0) break
      this.#pace.started(performance.now())
      const stop = this.#metrics.commitSeconds.startTimer()
      try {
        const results = await this.#store.commit(batch.map(({ work }) => work.commit))
        stop()
        this.#count(batch, -1)
        this.#tell(batch, results)
      } catch (cause) {
        stop()
        this.#count(batch, -1)
        const error =
          cause instanceof GlossError
            ? cause
            : new GlossError('unavailable', 'the commit’s outcome is unknown', cause)
        for (const [sink, part] of bySink(batch)) {
          sink.failed(
            part.map(({ work }) => work),
            error,
          )
        }
      }
    }
    this.#running = undefined
  }

  /** What waits fills a transaction, or nobody is worth waiting for. */
  get #isWhole(): boolean {
    return (
      this.#waiting.length >= this.#company.expected(performance.now()) ||
      this.#rows >= this.#limits.commitRows ||
      this.#bytes >= this.#limits.commitBytes
    )
  }

  async #gather(): Promise<void> {
    const ms = this.#pace.wait(performance.now())
    if (ms === 0 || this.#isWhole) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    this.#goOn = resolve
    await promise
    this.#goOn = undefined
    clearTimeout(timer)
  }

  /** The oldest, as many as one transaction takes; at least one, however large. */
  #take(): Waiting[] {
    let rows = 0
    let bytes = 0
    let n = 0
    for (const next of this.#waiting) {
      rows += next.rows
      bytes += next.bytes
      if (n > 0 && (rows > this.#limits.commitRows || bytes > this.#limits.commitBytes)) break
      n++
    }
    const batch = this.#waiting.splice(0, n)
    this.#rows -= batch.reduce((sum, { rows }) => sum + rows, 0)
    return batch
  }

  #tell(batch: readonly Waiting[], results: readonly CommitResult[]): void {
    const outcomes = batch.map((waiting, i) => ({ ...waiting, result: results[i]! }))
    for (const [sink, part] of bySink(outcomes)) {
      sink.settled(part.map(({ work, result }) => ({ work, result })))
    }
  }

  #count(works: readonly Waiting[], sign: 1 | -1): void {
    for (const { work, bytes } of works) {
      this.#bytes += sign * bytes
      if (!work.counted) this.backlog.count(sign * bytes)
    }
  }
}

function bySink<T extends { sink: CommitSink }>(batch: readonly T[]): Map<CommitSink, T[]> {
  return Map.groupBy(batch, ({ sink }) => sink)
}
