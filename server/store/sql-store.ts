/**
 * The store over any SQL database that Kysely speaks to. It owns the connection and makes every
 * failure of the database a GlossError; what the calls do is in the files it imports.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { type Dialect, Kysely } from 'kysely'
import type { Log } from '#server/log.ts'
import { GlossError } from '#shared/errors.ts'
import { LIMITS, type Limits } from '#shared/protocol/limits.ts'
import * as answers from './answers.ts'
import * as catalog from './catalog.ts'
import * as claims from './claims.ts'
import { commit } from './commit.ts'
import * as deletion from './deletion.ts'
import type { DocumentStore } from './document-store.ts'
import * as loading from './loading.ts'
import { migrate } from './migrations.ts'
import { loadPast } from './past.ts'
import * as runs from './runs.ts'
import type { Database } from './schema.ts'
import type { Sql, SqlDialect } from './sql-dialect.ts'
import { takesBack } from './taking-back.ts'
import { trimLog } from './trimming.ts'

const TRIES_AGAIN = 3
const PAUSE_MS = 20

export class SqlStore implements DocumentStore {
  readonly #sql: Sql
  readonly #underWay = new Set<Promise<unknown>>()
  #closed: Promise<void> | undefined

  /** Connects, and brings the tables to this version. */
  static async open(deps: {
    connection: Dialect
    dialect: SqlDialect
    log: Log
    limits?: Pick<Limits, 'documentBytes'>
  }): Promise<SqlStore> {
    const { connection, dialect, log, limits = LIMITS } = deps
    const db = new Kysely<Database>({ dialect: connection })
    try {
      await migrate(db, dialect)
    } catch (error) {
      await db.destroy()
      throw error instanceof GlossError ? error : dialect.failure(error)
    }
    return new SqlStore({ db, dialect, log, limits })
  }

  private constructor(sql: Sql) {
    this.#sql = sql
  }

  readonly createDocument = this.#call(catalog.createDocument)
  readonly getDocument = this.#call(catalog.getDocument)
  readonly listDocuments = this.#call(catalog.listDocuments)
  readonly changeDocument = this.#call(catalog.changeDocument)
  readonly restoreDocument = this.#call(deletion.restoreDocument)
  readonly deletedDocuments = this.#call(deletion.deletedDocuments)
  readonly purgeDeleted = this.#call(deletion.purgeDeleted)
  readonly visit = this.#call(catalog.visit)
  readonly createUser = this.#call(catalog.createUser)
  readonly getUser = this.#call(catalog.getUser)
  readonly lookUp = this.#call(catalog.lookUp)
  readonly changeUser = this.#call(catalog.changeUser)

  readonly load = this.#call(loading.load)
  readonly loadMargin = this.#call(loading.loadMargin)
  readonly updatesAfter = this.#call(loading.updatesAfter)
  readonly loadPast = this.#call(loadPast)
  readonly heads = this.#call(loading.heads)
  readonly putSnapshot = this.#call(loading.putSnapshot)
  readonly trimLog = this.#call(trimLog)
  readonly commit = this.#call(commit)

  readonly answerTo = this.#call(answers.answerTo)
  readonly trimAnswers = this.#call(answers.trimAnswers)
  readonly createRun = this.#call(runs.createRun)
  readonly getRun = this.#call(runs.getRun)
  readonly listRuns = this.#call(runs.listRuns)
  readonly countLiveRuns = this.#call(runs.countLiveRuns)
  readonly renewLease = this.#call(runs.renewLease)
  readonly expiredRuns = this.#call(runs.expiredRuns)
  readonly askStop = this.#call(runs.askStop)
  readonly askedToStop = this.#call(runs.askedToStop)
  readonly claim = this.#call(claims.claim)
  readonly unclaim = this.#call(claims.unclaim)
  readonly takesBack = this.#call(takesBack)
  readonly eventsAfter = this.#call(runs.eventsAfter)
  readonly firstEvent = this.#call(runs.firstEvent)
  readonly trimEvents = this.#call(runs.trimEvents)

  readonly probe = this.#call(probe)

  /** Finishes what was asked before, then lets go of the database. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#underWay)
    await this.#sql.db.destroy()
  }

  #call<A extends unknown[], R>(
    body: (sql: Sql, ...given: A) => Promise<R>,
  ): (...given: A) => Promise<R> {
    return async (...given) => {
      if (this.#closed) throw new GlossError('unavailable', 'The store is closed.')
      const call = this.#answer(() => body(this.#sql, ...given))
      this.#underWay.add(call)
      try {
        return await call
      } finally {
        this.#underWay.delete(call)
      }
    }
  }

  /** Each call is one transaction or one statement: what was undone was undone whole. */
  async #answer<R>(ask: () => Promise<R>): Promise<R> {
    const { dialect } = this.#sql
    for (let again = 0; ; again++) {
      try {
        return await ask()
      } catch (error) {
        if (error instanceof GlossError) throw error
        if (again === TRIES_AGAIN || !dialect.isUndone(error)) throw dialect.failure(error)
        await pause(Math.random() * PAUSE_MS)
      }
    }
  }
}

async function probe({ db, dialect }: Sql): Promise<void> {
  await db
    .insertInto('probes')
    .values({ id: 1, at: dialect.now })
    .onConflict((conflict) => conflict.column('id').doUpdateSet({ at: dialect.now }))
    .execute()
}
