/**
 * The runs of this instance: from an ask over HTTP to the run's one end. A run is a row in the
 * database, owned by lease; it outlives the tab that asked and everybody's connection, and ends
 * only by itself, by somebody's stop, or by the sweeper when its instance is gone.
 */
import { randomBytes, randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import { startedEvent, suggestionBy } from '#server/rooms/lane-events.ts'
import type { Room } from '#server/rooms/room.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentRow, DocumentStore, RunRow, UserRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import type { CopilotInfo, NewRun, RunInfo } from '#shared/protocol/api.ts'
import type { Person } from '#shared/protocol/event.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { type Ask, commandOf, readAsk } from './ask.ts'
import { commandInfos } from './commands.ts'
import type { ModelEndpoint } from './endpoint.ts'
import { performRun } from './perform-run.ts'
import { runInfo } from './run-info.ts'
import { queueNumbers, RunLine } from './run-line.ts'
import { Sweeper } from './sweeper.ts'

const LAST_WORDS_MS = 2_000
/** How often an instance with runs asks whether others want one stopped, or have ended theirs. */
const LOOK_MS = 500
/** How long whoever stops a run elsewhere is kept waiting for its end. */
const STOPPED_MS = 3_000
const ASK_AGAIN_MS = 100

export interface RunsDeps {
  store: DocumentStore
  rooms: RoomRegistry
  endpoint: ModelEndpoint
  limits: Limits
  log: Log
  metrics: Metrics
  instance: string
}

/** A run that waits or writes on this instance. */
interface Live extends Pick<Ask, 'located' | 'view' | 'command'> {
  row: RunRow
  room: Room
  release: () => void
  stoppedBy: Person | undefined
  /** The stale chunk in whose stead it writes. */
  again: string | undefined
  writing: boolean
  done: Promise<void>
}

export class Runs {
  readonly #deps: RunsDeps
  readonly #live = new Map<string, Live>()
  readonly #sweeper: Sweeper
  readonly #line: RunLine
  readonly #renewal: NodeJS.Timeout
  readonly #look: NodeJS.Timeout
  #closing = false

  constructor(deps: RunsDeps) {
    this.#deps = deps
    this.#sweeper = new Sweeper(deps)
    this.#line = new RunLine(deps)
    this.#look = setInterval(() => this.#lookElsewhere(), LOOK_MS)
    this.#renewal = setInterval(() => this.#renew(), deps.limits.leaseMs / 3)
  }

  info(): CopilotInfo {
    const { endpoint } = this.#deps
    return {
      on: true,
      model: endpoint.name,
      builtIn: endpoint.builtIn,
      commands: commandInfos(endpoint.builtIn),
    }
  }

  /**
   * Starts or queues a run. The same key gives the same run. Throws `bad-request` for an unknown
   * command or a place that is gone, `too-many` where the document's queue is full.
   */
  async start(document: DocumentRow, user: UserRow, given: NewRun): Promise<RunInfo> {
    if (this.#closing) throw new GlossError('stopping', 'no new runs')
    commandOf(given, this.#deps.endpoint)
    const known = await this.#known(document.id, user, given)
    if (known) return known
    const { room, release } = await this.#deps.rooms.hold(document.id)
    try {
      const ask = await readAsk(given, { ...this.#deps, room })
      return await this.#line.alone(async () => {
        const place = await this.#line.place(document.id)
        const key = keyOf(user, given)
        const { created, run } = await this.#create(document, user, { ...ask, key }, place > 0)
        const { again } = ask.given
        if (created) this.#begin({ ...ask, again, row: run, room, release, place })
        else release()
        return created ? runInfo(run, place) : await this.#infoOf(run)
      })
    } catch (error) {
      release()
      throw error
    }
  }

  /** Live and recent ones, oldest first. */
  async list(document: string): Promise<RunInfo[]> {
    const rows = await this.#deps.store.listRuns(document)
    const queue = queueNumbers(rows)
    return rows.map((row) => runInfo(row, queue.get(row.id) ?? 0))
  }

  /** Stops a run wherever it is. Throws `not-found`; stopping one that has ended changes nothing. */
  async stop(document: string, id: string, by: Person): Promise<RunInfo> {
    const { store } = this.#deps
    const row = await store.getRun(id)
    if (!row || row.document !== document) throw new GlossError('not-found', 'no such run here')
    const live = this.#live.get(id)
    if (live) this.#stopHere(live, by)
    else if (isLive(row)) await this.#stopElsewhere(row, by)
    return runInfo((await store.getRun(id)) ?? row, 0)
  }

  /** Lets running ones end for a while, then interrupts the rest. Idempotent. */
  async close(): Promise<void> {
    this.#closing = true
    this.#sweeper.close()
    const all = [...this.#live.values()]
    for (const live of all) if (!live.writing) this.#give(live)
    const ended = Promise.allSettled(all.map(({ done }) => done))
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#deps.limits.drainMs)
    })
    await Promise.race([ended, late])
    clearTimeout(timer)
    // Their time is over: each is interrupted, and says so before the doors close.
    for (const { room } of this.#live.values()) room.stopRuns()
    await Promise.race([
      ended,
      new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS).unref()),
    ])
    clearInterval(this.#renewal)
    clearInterval(this.#look)
    this.#line.close()
  }

  /** The run that this key has already; a full queue does not stand in its way. */
  async #known(document: string, user: UserRow, ask: NewRun): Promise<RunInfo | undefined> {
    const rows = await this.#deps.store.listRuns(document)
    const row = rows.find(({ key }) => key === keyOf(user, ask))
    return row && runInfo(row, queueNumbers(rows).get(row.id) ?? 0)
  }

  async #infoOf(row: RunRow): Promise<RunInfo> {
    const rows = await this.#deps.store.listRuns(row.document)
    return runInfo(row, queueNumbers(rows).get(row.id) ?? 0)
  }

  #stopHere(live: Live, by: Person): void {
    live.stoppedBy ??= by
    live.room.stopRun(live.row.id, by)
    // One that waits has no pen yet: its turn comes at once, and finds that it was stopped.
    if (!live.writing) this.#give(live)
  }

  /** Its instance hears of it from the database, with or without a bus; where it is gone, we end it. */
  async #stopElsewhere(row: RunRow, by: Person): Promise<void> {
    const { store, rooms } = this.#deps
    await store.askStop(row.id, by)
    const until = performance.now() + STOPPED_MS
    while (performance.now() < until) {
      const now = await store.getRun(row.id)
      if (!now || !isLive(now)) return
      const expired = (await store.expiredRuns()).find(({ id }) => id === row.id)
      if (expired) {
        const { room, release } = await rooms.hold(row.document)
        await room.interruptRun(expired, { kind: 'stopped', by }).finally(release)
        return
      }
      await pause(ASK_AGAIN_MS)
    }
  }

  #lookElsewhere(): void {
    if (this.#live.size === 0) return
    const { store, instance, log } = this.#deps
    store.askedToStop(instance).then(
      (asked) => {
        for (const { run, by } of asked) {
          const live = this.#live.get(run)
          if (live && !live.stoppedBy) this.#stopHere(live, by)
        }
      },
      (error: unknown) => log.warn({ error }, 'who is to be stopped was not read'),
    )
    const waiting = [...this.#live.values()].filter(({ writing }) => !writing)
    for (const document of new Set(waiting.map(({ row }) => row.document))) this.#next(document)
  }

  #create(
    document: DocumentRow,
    user: UserRow,
    { given, command, resumes, key }: Ask & { key: string },
    queued: boolean,
  ) {
    const { store, endpoint, instance, limits } = this.#deps
    return store.createRun({
      id: randomBytes(9).toString('base64url'),
      document: document.id,
      requester: user.id,
      requesterName: user.name,
      command: resumes?.command ?? command.id,
      title: resumes?.title ?? command.label,
      instruction: given.instruction?.trim() ?? '',
      target: JSON.stringify(given.target),
      key,
      model: endpoint.name,
      status: queued ? 'queued' : 'streaming',
      instance,
      client: randomInt(1, 2 ** 32),
      suggestion: resumes ? suggestionBy(resumes) : null,
      progress: resumes?.progress ?? null,
      leaseMs: limits.leaseMs,
    })
  }

  #begin({
    place,
    ...run
  }: Omit<Live, 'stoppedBy' | 'writing' | 'done'> & { place: number }): void {
    const { promise, resolve } = Promise.withResolvers<void>()
    const live: Live = { ...run, stoppedBy: undefined, writing: false, done: promise }
    const release = run.release
    live.release = () => {
      release()
      resolve()
    }
    this.#live.set(run.row.id, live)
    if (place === 0) this.#give(live)
    else this.#announce(live, place)
  }

  /** Everybody sees who is next; `run.started` comes again, with queue 0, when it begins. */
  #announce({ row, room }: Live, queue: number): void {
    room.record({ events: [startedEvent(row, queue)] }).catch((error: unknown) => {
      this.#deps.log.warn({ run: row.id, error }, 'a queued run was not announced')
    })
  }

  /** Gives a run its pen; when it ends, the next in line gets its turn. */
  #give(live: Live): void {
    const { log } = this.#deps
    live.writing = true
    const { row } = live
    performRun(live, this.#deps, { closing: this.#closing })
      .catch((error: unknown) => log.error({ run: row.id, error }, 'a run failed'))
      .finally(() => {
        this.#live.delete(row.id)
        live.release()
        this.#next(row.document)
      })
  }

  #next(document: string): void {
    const waits = [...this.#live.values()].some(
      ({ row, writing }) => row.document === document && !writing,
    )
    if (!waits) return
    this.#line.due(document).then(
      (due) => {
        for (const id of due) {
          const live = this.#live.get(id)
          if (live && !live.writing) this.#give(live)
        }
      },
      (error: unknown) => this.#deps.log.warn({ document, error }, 'the line was not read'),
    )
  }

  #renew(): void {
    const { store, limits, log } = this.#deps
    for (const { row } of this.#live.values()) {
      store.renewLease(row.id, row.fence, limits.leaseMs).catch((error: unknown) => {
        log.warn({ run: row.id, error }, 'a lease was not renewed')
      })
    }
  }
}

/** Two people may choose the same key. Whoever goes on with a run, it is one run that does. */
const keyOf = (user: UserRow, { key, continues }: NewRun): string =>
  continues === undefined ? `${user.id}/${key}` : `continues/${continues}`

const isLive = ({ status }: RunRow): boolean => status === 'queued' || status === 'streaming'
