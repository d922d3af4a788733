/**
 * The store on an embedded SQLite: nothing to install, one instance. The database lives in a
 * worker thread; here is the port, each call of which is one message there and one back.
 */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Log } from '#server/log.ts'
import { GlossError, unreachable } from '#shared/errors.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'
import type { DocumentStore } from './document-store.ts'
import {
  type CallMessage,
  compact,
  type Failure,
  type SqliteOptions,
  type StoreCall,
  type WorkerMessage,
} from './sqlite-calls.ts'
import { KnownRows } from './sqlite-rows.ts'

const BALLAST_BYTES = 32 * 1024 * 1024

interface Waiting {
  resolve(value: unknown): void
  reject(error: GlossError): void
}

export class SqliteStore implements DocumentStore {
  readonly #worker: Worker
  readonly #log: Log
  readonly #rows = new KnownRows()
  readonly #waiting = new Map<number, Waiting>()
  readonly #opened = Promise.withResolvers<void>()
  #calls = 0
  #end: GlossError | undefined
  #closed: Promise<void> | undefined

  /**
   * Makes the database and its folder when missing. Throws `unavailable`, with one line that says
   * why, when another process has it or when it could not keep what it says is saved.
   */
  static async open(deps: {
    path: string
    log: Log
    limits?: Pick<Limits, 'documentBytes'>
    /** Kept free beside the database for the day when the disk is full. */
    ballastBytes?: number
    /** The database grows no further than this many pages of 4 KiB. */
    maxPages?: number
  }): Promise<SqliteStore> {
    const { path, log, limits = LIMITS, ballastBytes = BALLAST_BYTES, maxPages } = deps
    const options = { path, documentBytes: limits.documentBytes, ballastBytes, maxPages }
    const store = new SqliteStore(options, log)
    await store.#opened.promise
    log.info({ path }, 'the store is open')
    return store
  }

  private constructor(options: SqliteOptions, log: Log) {
    this.#log = log
    this.#worker = new Worker(new URL('./sqlite-worker.ts', import.meta.url), {
      workerData: options,
    })
    this.#worker.on('message', (message: WorkerMessage) => {
      // Under `node --watch` the runtime talks on this channel too.
      if ('kind' in message) this.#hear(message)
    })
    this.#worker.on('error', (error) => {
      log.error({ error }, 'the store failed')
      this.#fail(new GlossError('unavailable', 'The store failed.', error))
    })
    this.#worker.on('exit', () => this.#fail(new GlossError('unavailable', 'The store is closed.')))
  }

  readonly createDocument = this.#call('createDocument')
  readonly getDocument = this.#call('getDocument')
  readonly listDocuments = this.#call('listDocuments')
  readonly changeDocument = this.#call('changeDocument')
  readonly restoreDocument = this.#call('restoreDocument')
  readonly deletedDocuments = this.#call('deletedDocuments')
  readonly purgeDeleted = this.#call('purgeDeleted')
  readonly visit = this.#call('visit')
  readonly load = this.#call('load')
  readonly loadMargin = this.#call('loadMargin')
  readonly updatesAfter = this.#call('updatesAfter')
  readonly loadPast = this.#call('loadPast')
  readonly heads = this.#call('heads')
  readonly commit = this.#call('commit')
  readonly putSnapshot = this.#call('putSnapshot')
  readonly trimLog = this.#call('trimLog')
  readonly eventsAfter = this.#call('eventsAfter')
  readonly firstEvent = this.#call('firstEvent')
  readonly trimEvents = this.#call('trimEvents')
  readonly answerTo = this.#call('answerTo')
  readonly trimAnswers = this.#call('trimAnswers')
  readonly createRun = this.#call('createRun')
  readonly getRun = this.#call('getRun')
  readonly listRuns = this.#call('listRuns')
  readonly countLiveRuns = this.#call('countLiveRuns')
  readonly renewLease = this.#call('renewLease')
  readonly expiredRuns = this.#call('expiredRuns')
  readonly askStop = this.#call('askStop')
  readonly askedToStop = this.#call('askedToStop')
  readonly claim = this.#call('claim')
  readonly unclaim = this.#call('unclaim')
  readonly takesBack = this.#call('takesBack')
  readonly createUser = this.#call('createUser')
  readonly getUser = this.#call('getUser')
  readonly #lookUpThere = this.#call('lookUp')
  readonly changeUser = this.#call('changeUser')
  readonly probe = this.#call('probe')

  async lookUp(ids: Parameters<DocumentStore['lookUp']>[0]) {
    const known = this.#end ? undefined : this.#rows.lookUp(ids)
    if (known) return known
    const answered = this.#rows.ask(ids)
    try {
      const found = await this.#lookUpThere(ids)
      answered(found)
      return found
    } finally {
      answered()
    }
  }

  /** Finishes what was asked before, then lets go of the files. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    if (this.#end) return
    const exit = once(this.#worker, 'exit')
    const last = this.#send('close', [])
    this.#end = new GlossError('unavailable', 'The store is closed.')
    await last
    await exit
    this.#log.info({}, 'the store is closed')
  }

  #call<N extends StoreCall>(name: N): DocumentStore[N] {
    const call = async (...given: unknown[]): Promise<unknown> => {
      if (this.#end) throw this.#end
      const changed = this.#rows.change(name, given)
      return changed ? this.#send(name, given).finally(changed) : this.#send(name, given)
    }
    // The worker's store has the same port: what it answers is what the call returns.
    return call as DocumentStore[N]
  }

  #send(name: StoreCall, given: unknown[]): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const message: CallMessage = { call: ++this.#calls, name, given: given.map(compact) }
    this.#waiting.set(message.call, { resolve, reject })
    this.#worker.postMessage(message)
    return promise
  }

  #hear(message: WorkerMessage): void {
    switch (message.kind) {
      case 'open':
        return this.#opened.resolve()
      case 'refused':
        return this.#fail(glossError(message.failure))
      case 'answer':
        return this.#settle(message.call)?.resolve(message.value)
      case 'failure':
        return this.#settle(message.call)?.reject(glossError(message.failure))
      case 'log':
        return this.#log[message.level](message.facts, message.sentence)
      default:
        return unreachable(message)
    }
  }

  #settle(call: number): Waiting | undefined {
    const waiting = this.#waiting.get(call)
    this.#waiting.delete(call)
    return waiting
  }

  /** The worker is no more: nothing that waits will be answered. */
  #fail(error: GlossError): void {
    this.#end ??= error
    this.#opened.reject(this.#end)
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}

const glossError = ({ code, message, cause }: Failure): GlossError =>
  new GlossError(code, message, cause)
