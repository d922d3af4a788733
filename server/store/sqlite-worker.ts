/**
 * The thread that owns the embedded database. `node:sqlite` waits for the disk, and nothing else
 * may wait with it. Opens, then answers calls in the order in which they come to the connection.
 */
import { parentPort, workerData } from 'node:worker_threads'
import type { Log } from '#server/log.ts'
import { GlossError } from '#shared/errors.ts'
import type { Commit } from './document-store.ts'
import { nodeSqlite, sqliteDialect } from './node-sqlite.ts'
import { SqlStore } from './sql-store.ts'
import type { CallMessage, Failure, SqliteOptions, WorkerMessage } from './sqlite-calls.ts'
import { SqliteCommits } from './sqlite-commit.ts'
import { Ballast, lockDatabase, openDatabase, syncFolder } from './sqlite-files.ts'
import { handedOver, SqliteLoads } from './sqlite-load.ts'

if (!parentPort) throw new Error('sqlite-worker.ts runs as a worker only')
const port = parentPort
const say = (message: WorkerMessage, handOver: readonly ArrayBuffer[] = []): void =>
  port.postMessage(message, handOver)

const log: Log = {
  debug: (facts, sentence) => say({ kind: 'log', level: 'debug', facts, sentence }),
  info: (facts, sentence) => say({ kind: 'log', level: 'info', facts, sentence }),
  warn: (facts, sentence) => say({ kind: 'log', level: 'warn', facts, sentence }),
  error: (facts, sentence) => say({ kind: 'log', level: 'error', facts, sentence }),
}

async function open({ path, documentBytes, maxPages }: SqliteOptions) {
  const database = openDatabase(path, maxPages)
  const store = await SqlStore.open({
    connection: nodeSqlite(database),
    dialect: sqliteDialect,
    log,
    limits: { documentBytes },
  })
  syncFolder(path)
  const commits = new SqliteCommits(database, { documentBytes })
  return { store, commits, loads: new SqliteLoads(database) }
}

async function serve(options: SqliteOptions): Promise<void> {
  const { path, ballastBytes } = options
  const lock = lockDatabase(path)
  const { store, commits, loads } = await open(options).catch((error) => {
    lock.close()
    throw error
  })
  const ballast = new Ballast({ path, bytes: ballastBytes, log })
  ballast.keep()

  const answer = async ({ call, name, given }: CallMessage): Promise<void> => {
    try {
      const loaded = name === 'load' ? loads.take(given[0] as string) : undefined
      if (loaded) return say({ kind: 'answer', call, value: loaded }, handedOver(loaded))
      // The main thread's types have checked what is given; here it is only passed on.
      const body = store[name] as (...given: unknown[]) => Promise<unknown>
      const results = name === 'commit' ? commits.take(given[0] as Commit[]) : undefined
      say({ kind: 'answer', call, value: results ?? (await body(...given)) })
      if (name === 'probe') ballast.keep()
    } catch (error) {
      const failure = failureOf(error)
      if (failure.code === 'storage-full') ballast.drop()
      say({ kind: 'failure', call, failure })
    }
  }
  const underWay = new Set<Promise<void>>()
  const close = async ({ call }: CallMessage): Promise<void> => {
    await Promise.all(underWay)
    await store.close()
    lock.close()
    say({ kind: 'answer', call, value: undefined })
    port.close()
  }
  port.on('message', (message: CallMessage) => {
    const done = message.name === 'close' ? close(message) : answer(message)
    underWay.add(done)
    done.then(
      () => underWay.delete(done),
      (error) => {
        // Nobody would ever hear of this call: the whole store ends, and says so to all.
        log.error({ error }, 'a call to the store was not answered')
        process.exit(1)
      },
    )
  })
  say({ kind: 'open' })
}

function failureOf(error: unknown): Failure {
  const failure = error instanceof GlossError ? error : sqliteDialect.failure(error)
  return { code: failure.code, message: failure.message, cause: failure.cause }
}

try {
  await serve(workerData)
} catch (error) {
  say({ kind: 'refused', failure: failureOf(error) })
  port.close()
}
