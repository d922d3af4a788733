/**
 * The runs of this instance: from an ask over HTTP to the run's one end. A run is a row in the
 * database, owned by lease; it outlives the tab that asked and everybody's connection, and ends
 * only by itself, by somebody's stop, or by the sweeper when its instance is gone.
 */
import { randomBytes, randomInt } from 'node:crypto'
import type { Log } from '#server/log.ts'
import type { Metrics } from '#server/metrics.ts'
import { startedEvent } from '#server/rooms/lane-events.ts'
import type { Located } from '#server/rooms/locate.ts'
import type { Room } from '#server/rooms/room.ts'
import type { RoomRegistry } from '#server/rooms/room-registry.ts'
import type { DocumentRow, DocumentStore, RunRow, UserRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import {
  type ContentView,
  type CopilotInfo,
  type NewRun,
  type RunInfo,
  Target,
} from '#shared/protocol/api.ts'
import type { Person } from '#shared/protocol/event.ts'
import type { Limits } from '#shared/protocol/limits.ts'
import { type Command, commandInfos, findCommand } from './commands.ts'
import type { ModelEndpoint } from './endpoint.ts'
import { performRun } from './perform-run.ts'
import { runInfo } from './run-info.ts'
import { Sweeper } from './sweeper.ts'

const CAUGHT_UP_MS = 5_000
const LAST_WORDS_MS = 2_000

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
interface Live {
  row: RunRow
  room: Room
  release: () => void
  located: Located
  /** The view that `located` counts in, and that the model is shown. */
  view: ContentView
  command: Command
  stoppedBy: Person | undefined
  writing: boolean
  done: Promise<void>
}

export class Runs {
  readonly #deps: RunsDeps
  readonly #live = new Map<string, Live>()
  readonly #sweeper: Sweeper
  readonly #renewal: NodeJS.Timeout
  /** The ask that is being given its place. */
  #turn: Promise<unknown> = Promise.resolve()
  #closing = false

  constructor(deps: RunsDeps) {
    this.#deps = deps
    this.#sweeper = new Sweeper(deps)
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
    this.#commandOf(given)
    const known = await this.#known(document.id, user, given)
    if (known) return known
    const { room, release } = await this.#deps.rooms.hold(document.id)
    try {
      const ask = await this.#resume(document, room, given)
      const command = this.#commandOf(ask)
      if (ask.basis !== undefined) await this.#waitFor(room, ask.basis)
      const located = locateAsk(room, command, ask)
      if (!located) throw badRequest('The place in the document is gone. Choose another one.')
      const view = ask.continues === undefined ? 'without' : 'accepted'
      // One at a time: places are counted and taken together, however many ask at once.
      return await this.#oneByOne(async () => {
        const place = await this.#placeInLine(document.id)
        const { created, run } = await this.#create(document, user, ask, command, place > 0)
        if (created) this.#begin({ row: run, room, release, located, view, command, place })
        else release()
        return runInfo(run, created ? place : this.#queueOf(run))
      })
    } catch (error) {
      release()
      throw error
    }
  }

  /** Live and recent ones, oldest first. */
  async list(document: string): Promise<RunInfo[]> {
    const rows = await this.#deps.store.listRuns(document)
    return rows.map((row) => runInfo(row, this.#queueOf(row)))
  }

  /** Stops a run wherever it is. Throws `not-found`; stopping one that has ended changes nothing. */
  async stop(document: string, id: string, by: Person): Promise<RunInfo> {
    const { store, rooms } = this.#deps
    const row = await store.getRun(id)
    if (!row || row.document !== document) throw new GlossError('not-found', 'no such run here')
    const live = this.#live.get(id)
    if (live) {
      live.stoppedBy = by
      live.room.stopRun(id, by)
      // One that waits has no pen yet: its turn comes at once, and finds that it was stopped.
      if (!live.writing) this.#next(document)
    } else if (isLive(row)) {
      const { room, release } = await rooms.hold(document)
      try {
        await room.interruptRun(row, { kind: 'stopped', by })
      } finally {
        release()
      }
    }
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
  }

  /** The run that this key has already; a full queue does not stand in its way. */
  async #known(document: string, user: UserRow, ask: NewRun): Promise<RunInfo | undefined> {
    const rows = await this.#deps.store.listRuns(document)
    const row = rows.find(({ key }) => key === keyOf(user, ask))
    return row && runInfo(row, this.#queueOf(row))
  }

  /** A run that broke off before it wrote anything is not gone on with but asked again. */
  async #resume(document: DocumentRow, room: Room, ask: NewRun): Promise<NewRun> {
    if (ask.continues === undefined) return ask
    const old = await this.#deps.store.getRun(ask.continues)
    if (!old || old.document !== document.id)
      throw badRequest('There is no such run to go on with.')
    if (room.reading.locateEnd(old.id)) return ask
    const { continues, ...rest } = ask
    const target = Target.parse(JSON.parse(old.target))
    return { ...rest, command: old.command, instruction: old.instruction, target }
  }

  #oneByOne<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#turn.then(act)
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  #commandOf({ command: id, instruction }: NewRun): Command {
    const command = findCommand(id)
    const { endpoint } = this.#deps
    if (!command) throw badRequest('There is no such command.')
    if (endpoint.builtIn && !command.builtIn) {
      throw badRequest('The built-in engine cannot do this. Connect a model to use it.')
    }
    if (command.instruction === 'required' && !instruction?.trim()) {
      throw badRequest('Say what the co-pilot should do.')
    }
    return command
  }

  async #waitFor(room: Room, basis: string): Promise<void> {
    const signal = AbortSignal.timeout(CAUGHT_UP_MS)
    await room.caughtUp(Buffer.from(basis, 'base64url'), signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
      throw new GlossError('unavailable', 'the asking editor is ahead of the room', error)
    })
  }

  /** 0 writes at once; else its number in the document's queue. */
  async #placeInLine(document: string): Promise<number> {
    const { limits, store, metrics } = this.#deps
    const here = [...this.#live.values()].filter(({ row }) => row.document === document)
    const refuse = (scope: string): never => {
      metrics.limitRefused.inc({ scope, kind: 'runs' })
      throw new GlossError('too-many', 'too many runs')
    }
    if (here.length >= limits.runsPerDocument + limits.runQueuePerDocument) refuse('document')
    if ((await store.countLiveRuns()) >= limits.runsPerWorkspace) refuse('workspace')
    return Math.max(0, here.length - limits.runsPerDocument + 1)
  }

  #create(document: DocumentRow, user: UserRow, ask: NewRun, command: Command, queued: boolean) {
    const { store, endpoint, instance, limits } = this.#deps
    return store.createRun({
      id: randomBytes(9).toString('base64url'),
      document: document.id,
      requester: user.id,
      requesterName: user.name,
      command: command.id,
      title: command.label,
      instruction: ask.instruction?.trim() ?? '',
      target: JSON.stringify(ask.target),
      key: keyOf(user, ask),
      model: endpoint.name,
      status: queued ? 'queued' : 'streaming',
      instance,
      client: randomInt(1, 2 ** 32),
      leaseMs: limits.leaseMs,
    })
  }

  #begin({
    place,
    ...run
  }: Pick<Live, 'row' | 'room' | 'release' | 'located' | 'view' | 'command'> & {
    place: number
  }): void {
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
    const here = [...this.#live.values()].filter(({ row }) => row.document === document)
    let free = this.#deps.limits.runsPerDocument - here.filter(({ writing }) => writing).length
    for (const live of here) {
      if (live.writing || (free <= 0 && !live.stoppedBy)) continue
      if (!live.stoppedBy) free--
      this.#give(live)
    }
  }

  #queueOf({ id, document }: RunRow): number {
    const waiting = [...this.#live.values()].filter(
      ({ row, writing }) => row.document === document && !writing,
    )
    return waiting.findIndex(({ row }) => row.id === id) + 1
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

/** Two people may choose the same key. */
const keyOf = (user: UserRow, { key }: NewRun): string => `${user.id}/${key}`

/** What is made of a selection stands below it, but for what goes on in its line. */
function locateAsk(room: Room, { kind, id }: Command, ask: NewRun): Located | undefined {
  if (ask.continues !== undefined) return room.reading.locateEnd(ask.continues)
  const located = room.reading.locate(ask.target)
  const last = located?.selection.at(-1)
  const goesOn = id === 'continue' || (id === 'ask' && 'at' in ask.target)
  if (!located || !last || kind !== 'insert' || goesOn || 'document' in ask.target) return located
  const below = room.reading.locate({ block: last.block })
  return below && { place: below.place, selection: located.selection }
}

const isLive = ({ status }: RunRow): boolean => status === 'queued' || status === 'streaming'

function badRequest(sentence: string): GlossError {
  const error = new GlossError('bad-request', sentence)
  error.public = sentence
  return error
}
